"""Attacks released folders with what is public: their files, the contract, and arithmetic.

    attack_release.py --self-test [--keys N]
    attack_release.py RELEASED... --contract CONTRACT --truth TRUTH.json [--targets N]

The first makes releases of synthetic data with `release_reference.py`, right and broken ones: the right ones must hold,
the broken ones must be noticed. The second attacks folders of one dataset, or of datasets that were linked anew;
`release_reference.py truth` makes the truth by which it is scored. Prints a line an attack, "ok …" or "FAILED …", and
"note …" for figures without a limit. The exit code is 1 after a failure.
"""

import argparse
import json
import sys
from pathlib import Path

from differs import Differs, expect
from release_attack import curves, groups, pairs, selftest, small_cells
from release_attack.published import Contract, Release


def small(contract, releases, truth, targets: int) -> str:
    again = {release.manifest.get("linked") for release in releases}
    score = small_cells.attack(contract, releases if len(again) > 1 else [merged(releases)], truth, targets)
    expect(score.exact <= selftest.allowed(score.attacked), f"small cells are found exactly: {score}")
    expect(score.pairs <= selftest.allowed(score.attacked), f"small cells are found within two values: {score}")
    return str(score)


def merged(releases) -> Release:
    """Folders of one dataset as one."""
    return Release({name: sheet for release in releases for name, sheet in release.sheets.items()})


def whole_groups(contract, releases, truth, _) -> str:
    """Only a figure: groups that are alike by their nature are no fault of the release."""
    return "; ".join(str(groups.attack(contract, release, truth)) for release in releases)


def no_curve_inverts(contract, releases, *_) -> str:
    for release in releases:
        wrong = curves.inverted(release) + curves.off_grid(release, contract.base)
        expect(not wrong, f"curves hold more than what was protected: {wrong[:3]}")
    return "every step follows from the published n and events"


def answers_agree(contract, releases, *_) -> str:
    datasets: dict = {}
    for release in releases:
        datasets.setdefault(release.manifest.get("linked"), []).append(release)
    unlike = (
        sum(pairs.unlike_answers(contract, some) for some in datasets.values()) if contract.protect == "round" else 0
    )
    expect(not unlike, f"{unlike} questions have two answers within one dataset")
    return "the same people are shown alike"


def attack(folders, contract: Path, truth: Path, targets: int) -> int:
    rules, known = Contract(contract), json.loads(truth.read_text(encoding="utf-8"))
    releases = [Release.read(folder) for folder in folders]
    attacks = {"small cells": small, "whole groups": whole_groups, "curves": no_curve_inverts, "answers": answers_agree}
    return sum(
        not selftest.passed(name, lambda one=one: one(rules, releases, known, targets)) for name, one in attacks.items()
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("released", nargs="*", type=Path)
    parser.add_argument("--contract", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument(
        "--targets", type=int, default=small_cells.BOUNDED_TARGETS, help="small cells attacked in each system"
    )
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument(
        "--keys", type=int, default=selftest.KEYS, help="release keys for each of two neighbouring datasets"
    )
    given = parser.parse_args()
    if given.self_test:
        return selftest.run(given.keys)
    if not (given.released and given.contract and given.truth):
        parser.error("give released folders, --contract and --truth, or --self-test")
    return attack(given.released, given.contract, given.truth, given.targets)


if __name__ == "__main__":
    try:
        sys.exit(1 if main() else 0)
    except Differs as error:
        sys.exit(str(error))
