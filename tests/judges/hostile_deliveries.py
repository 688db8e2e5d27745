"""Attacks `link` and `verify` with deliveries of a holder who lies, signed with that holder's own key.

    hostile_deliveries.py --binary BIN --contract CONTRACT --key HOLDER=KEY... [--count N] [--seed S] DELIVERY...
        [--identity IDENTITY --sealed DELIVERY...]

DELIVERY is an unsealed delivery in a folder named by its holder, one of each holder; KEY is a holder's signing key. With
an identity that opens them, sealed deliveries of the same holders are attacked too. Every attack declares whether it must be refused, as it states what is not the holder's or is malformed, or may be accepted.
Those with a family of few attacks come first, then all by turns. Prints a line for each family and each finding, severest
first, and never a value. The exit code is 1 after a finding.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from hostile import claims, folders, manifests, seals, tables
from hostile.forgery import Attack, Forgery
from hostile.running import Run, no_attack, run
from hostile.study import MARKS, Study

# Findings, severest first.
SEVERITY = ["crashed", "exit", "too slow", "too big", "a value travels", "a value is shown", "link accepts", "verify accepts"]


@dataclass
class Figures:
    """What became of the attacks of a family."""

    tried: int = 0
    refused: int = 0
    harmless: int = 0
    findings: list = field(default_factory=list)


def catalogue(study: Study) -> list[tuple[str, Attack]]:
    """Every attack of every holder, with the holder."""
    found = []
    for holder, delivery in study.deliveries.items():
        manifest = claims.manifest_of(study, holder)
        own = [entry["name"] for entry in manifest["account"]["tables"]]
        some = itertools.chain(
            claims.attacks(study, holder, own),
            folders.attacks(study, holder, own),
            manifests.attacks(manifest),
            tables.attacks(study, holder, own),
        )
        found += [(holder, attack) for attack in some]
        if holder in study.sealed:
            found += [(holder, attack) for attack in seals.attacks(study, holder)]
    return found


def chosen(attacks: list[tuple[str, Attack]], count: int, rng: Random) -> list[tuple[str, Attack]]:
    """`count` attacks: by turns one of each family, each at random, until every attack is taken."""
    families = defaultdict(list)
    for holder, attack in attacks:
        families[attack.family].append((holder, attack))
    for some in families.values():
        rng.shuffle(some)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*families.values()))
    return list(itertools.islice((one for one in turns if one), count))


class Attacker:
    def __init__(self, binary: Path, study: Study):
        self.binary, self.study, self.option = binary, study, no_attack(binary)

    def link_and_verify(self, deliveries: list[Path], folder: Path) -> tuple[Run, Run]:
        contract = ["--contract", self.study.path]
        if self.study.identity:
            contract += ["--identity", self.study.identity]
        linked = run(self.binary, "link", *contract, "--out", folder / "linked", *deliveries)
        return linked, run(self.binary, "verify", *contract, *self.option, *deliveries)

    def attack(self, holder: str, attack: Attack, rng: Random, folder: Path) -> tuple[list[str], bool]:
        """Forges, links and verifies. Returns the findings, and whether both accept."""
        forgery = Forgery(self.study, holder, folder / holder, attack.sealed)
        attack.change(forgery, rng)
        forgery.finish()
        others = [path for name, path in self.study.deliveries.items() if name != holder]
        linked, verified = self.link_and_verify([forgery.folder, *others], folder)
        findings = [f"{one.trouble}: {name}" for name, one in (("link", linked), ("verify", verified)) if one.trouble]
        if linked.accepted and any(holds_mark(path) for path in folder.glob("linked/*")):
            findings.append("a value travels")
        if any(mark.encode() in one.output for one in (linked, verified) for mark in MARKS):
            findings.append("a value is shown")
        if attack.refused:
            findings += ["link accepts"] * (linked.accepted and not attack.by_verify_alone)
            findings += ["verify accepts"] * (verified.accepted and not attack.by_link_alone)
        return findings, linked.accepted and verified.accepted


def holds_mark(path: Path) -> bool:
    content = path.read_bytes()
    return any(mark.encode() in content for mark in MARKS)


def severity(finding: str) -> int:
    return next(at for at, kind in enumerate(SEVERITY) if finding.startswith(kind))


def report(figures: dict[str, Figures]) -> None:
    worst = lambda one: min((severity(f) for f, _ in one.findings), default=len(SEVERITY))  # noqa: E731
    print(f"{'family':<20} {'tried':>6} {'refused':>8} {'harmless':>9} {'findings':>9}")
    for family, one in sorted(figures.items(), key=lambda item: (worst(item[1]), item[0])):
        print(f"{family:<20} {one.tried:>6} {one.refused:>8} {one.harmless:>9} {len(one.findings):>9}")
    lines = Counter((finding, f"{family}: {name}") for family, one in figures.items() for finding, name in one.findings)
    for (finding, name), times in sorted(lines.items(), key=lambda item: (severity(item[0][0]), item[0])):
        print(f"FOUND {finding}: {name}" + (f" ({times} times)" if times > 1 else ""))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--contract", type=Path, required=True)
    parser.add_argument("--key", action="append", required=True, metavar="HOLDER=KEY")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=3_000_000, help="rows of an attack by the mass of them")
    parser.add_argument("--identity", type=Path)
    parser.add_argument("--sealed", nargs="*", default=[], type=Path)
    parser.add_argument("--family", help="attacks of this family only")
    parser.add_argument("--verbose", action="store_true", help="print each attack and its time")
    parser.add_argument("deliveries", nargs="+", type=Path)
    given = parser.parse_args()
    keys = {holder: Path(path) for holder, path in (one.split("=", 1) for one in given.key)}
    study, rng = Study(given.contract, given.deliveries, keys, given.rows), Random(given.seed)
    study.identity, study.sealed = given.identity, {path.name: path for path in given.sealed}
    attacker, figures = Attacker(given.binary, study), defaultdict(Figures)
    with tempfile.TemporaryDirectory() as folder:
        honest = attacker.link_and_verify(list(study.deliveries.values()), Path(folder))
        if not all(one.accepted for one in honest):
            sys.exit("the genuine deliveries are not accepted:\n" + b"\n".join(one.output for one in honest).decode())
    attacks = [one for one in catalogue(study) if given.family in (None, one[1].family)]
    for holder, attack in chosen(attacks, given.count, rng):
        began, one = time.monotonic(), figures[attack.family]
        with tempfile.TemporaryDirectory() as folder:
            findings, accepted = attacker.attack(holder, attack, rng, Path(folder))
        if given.verbose:
            print(f"{time.monotonic() - began:6.1f} s  {attack.family}: {attack.name} ({holder}) {findings}", flush=True)
        one.tried += 1
        one.findings += [(finding, attack.name) for finding in findings]
        one.harmless += accepted and not findings
        one.refused += not accepted and not findings
    report(figures)
    tried, found = (sum(each(one) for one in figures.values()) for each in (lambda f: f.tried, lambda f: len(f.findings)))
    print(f"{'FAILED' if found else 'ok'}: {tried} hostile deliveries of {len(attacks)} known, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
