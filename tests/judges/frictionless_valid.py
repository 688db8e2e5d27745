"""Validates data packages with stock frictionless.

    frictionless_valid.py FOLDER…

Each folder has a datapackage.json. Stops with exit code 1 at the first package that is not valid.
"""

import sys
from pathlib import Path

from frictionless import Package

from differs import Differs, expect


def main() -> None:
    for folder in map(Path, sys.argv[1:]):
        report = Package(str(folder / "datapackage.json")).validate()
        faults = [task.flatten(["rowNumber", "fieldNumber", "type", "note"])[:3] for task in report.tasks if not task.valid]
        expect(report.valid, f"{folder.name}: {faults[:3]} {report.errors[:3]}")
    print(f"ok {len(sys.argv) - 1} packages")


if __name__ == "__main__":
    try:
        main()
    except Differs as error:
        sys.exit(str(error))
