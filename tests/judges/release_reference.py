"""Makes a release again, from the design alone, and holds the binary's release against it.

    release_reference.py truth LINKED CONTRACT OUT.json
    release_reference.py release LINKED CONTRACT KEYHEX OUT [--fault NAME]
    release_reference.py compare LINKED CONTRACT KEYHEX RELEASED

`truth` writes the exact value of every cell, for those who score attackers. `release` writes a released folder; with a
fault, a broken build that `attack_release.py` must notice. `compare` stops with exit code 1 at the first difference:
under `round` in any cell, under `noise` in columns, cells, multiples, totals and the spread of the errors.

A curve drops rows without time or event, and rows that are never at risk, before it takes a person's first. Its grid is
`interval`, 2 × `interval`… up to `last`. A time belongs to the next point of the grid, and whoever is followed longer
counts at risk throughout. In rates the rows with yes, with no and with an unknown outcome are cells of their own, and n
is yes and no.
"""

import argparse
import json
import sys
from pathlib import Path

from differs import Differs
from release_method.comparing import compare
from release_method.contract import Contract
from release_method.folder import truth, write_release
from release_method.linked import Linked
from release_method.sheets import FAULTS, Method


def method(linked: Path, contract: Path, key: str, fault: str = "") -> Method:
    dataset = Linked(linked)
    return Method(dataset, Contract(contract, dataset), bytes.fromhex(key), fault)


def release(linked: Path, contract: Path, key: str, out: Path, fault: str = "") -> None:
    """Writes a released folder."""
    made = method(linked, contract, key, fault)
    write_release(out, made, made.sheets())


def published(made: Method, key: str) -> dict:
    """The header and rows of every item under another key, without files."""
    return {sheet.item.name: (sheet.header, sheet.rows) for sheet in made.with_key(bytes.fromhex(key)).sheets()}


def write_truth(linked: Path, contract: Path, out: Path) -> None:
    made = method(linked, contract, "00" * 32)
    out.write_text(json.dumps(truth(made), ensure_ascii=False) + "\n", encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode", required=True)
    for mode, last in ("truth", "out"), ("release", "out"), ("compare", "released"):
        found = modes.add_parser(mode)
        for name in ["linked", "contract"] + ["key"] * (mode != "truth") + [last]:
            found.add_argument(name, type=str if name == "key" else Path)
        if mode == "release":
            found.add_argument("--fault", choices=FAULTS, default="")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    if given.mode == "truth":
        write_truth(given.linked, given.contract, given.out)
    elif given.mode == "release":
        release(given.linked, given.contract, given.key, given.out, given.fault)
    else:
        print("\n".join(compare(method(given.linked, given.contract, given.key), given.released)))


if __name__ == "__main__":
    try:
        main()
    except Differs as error:
        sys.exit(str(error))
