"""Attack (b): "everyone in this group has value v", claimed where every published number agrees with it."""

import math
from dataclasses import dataclass

from .published import ALL


@dataclass
class Claims:
    """Claims made, claims that are right, and how many a guess from the published shares would have right."""

    made: int = 0
    right: int = 0
    guessed: float = 0.0
    doubt: float = 0.0

    def excess(self) -> float:
        """By how many standard deviations the claims are right oftener than the guess."""
        return (self.right - self.guessed) / math.sqrt(self.doubt) if self.doubt else 0.0

    def __str__(self) -> str:
        return f"{self.right} of {self.made} claims are right, a guess {self.guessed:.1f}"


def groups(header_size: int, rows):
    """Each group of a table with its values along one dimension: (dimension, group's labels, total, value → number)."""
    shown = {tuple(row[:header_size]): int(row[header_size]) for row in rows}
    for at in range(header_size):
        for cell, total in shown.items():
            if cell[at] == ALL:
                others = {c[at]: n for c, n in shown.items() if c[at] != ALL and c[:at] + c[at + 1 :] == cell[:at] + cell[at + 1 :]}
                yield at, cell, total, others


def attack(contract, release, truth: dict) -> Claims:
    """Claims of every table of persons, scored against the truth and against a guess."""
    found = Claims()
    for name, rows in truth["items"].items():
        size = len(contract.specs[name]["by"])
        if contract.specs[name].get("count") == "rows" or "sum" in contract.specs[name] or size < 2:
            continue
        true = {tuple(row["cell"]): row["persons"] for row in rows}
        shares = shares_of(size, release.sheets[name][1])
        for at, cell, total, values in groups(size, release.sheets[name][1]):
            whole = [value for value, number in values.items() if number == total > 0]
            if len(whole) == 1 and sum(values.values()) == total and sum(label == ALL for label in cell) == 1:
                found.made += 1
                others = {value: shares[at].get(value, 0.0) for value in values if value != whole[0]}
                chance = math.prod(empty_chance(total * share, contract.base) for share in others.values())
                found.right += all(true[cell[:at] + (value,) + cell[at + 1 :]] == 0 for value in others)
                found.guessed += chance
                found.doubt += chance * (1 - chance)
    return found


def shares_of(size: int, rows) -> list[dict]:
    """For each dimension the published share of each value among everyone."""
    shown = {tuple(row[:size]): int(row[size]) for row in rows}
    total = max(shown[(ALL,) * size], 1)
    return [{cell[at]: number / total for cell, number in shown.items()
             if cell[at] != ALL and all(label == ALL for other, label in enumerate(cell) if other != at)} for at in range(size)]


def empty_chance(expected: float, base: int) -> float:
    """How likely a cell that is shown as 0 is empty, when so many persons are expected in it."""
    weights = [math.exp(-expected) * expected**n / math.factorial(n) * (base - n) / base for n in range(base)]
    return weights[0] / sum(weights)


def told_apart(contract, release, whole, nearly) -> float:
    """The share of planted groups that an attacker tells right: all alike, or all but one.

    It takes a group as alike if in every table the group and its value are shown alike and everything else as 0.
    """
    alike = {district: True for district in [*whole, *nearly]}
    for name, (_, rows) in release.sheets.items():
        by = contract.specs[name]["by"] if name in contract.specs else []
        if "district" in by and "state" in by:
            for at, cell, total, values in groups(len(by), rows):
                district = cell[by.index("district")]
                if by[at] == "state" and district in alike:
                    alike[district] &= values["unemployed"] == total == sum(values.values())
    right = sum(alike[district] for district in whole) + sum(not alike[district] for district in nearly)
    return right / len(alike)
