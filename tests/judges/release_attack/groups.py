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

    def __str__(self) -> str:
        return f"{self.right} of {self.made} claims are right; a guess from the published shares {self.guessed:.1f}"


def groups(header_size: int, rows):
    """Each group of a table with its values along one dimension: (dimension, group's labels, total, value → number)."""
    shown = {tuple(row[:header_size]): int(row[header_size]) for row in rows}
    for at in range(header_size):
        values: dict[tuple, dict] = {}
        for cell, number in shown.items():
            values.setdefault(cell[:at] + cell[at + 1 :], {})[cell[at]] = number
        for rest, found in values.items():
            others = {label: number for label, number in found.items() if label != ALL}
            yield at, (*rest[:at], ALL, *rest[at:]), found[ALL], others


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
                others = [value for value in values if value != whole[0]]
                chance = whole_chance(total, shares[at].get(whole[0], 0.0), contract.base)
                found.right += all(true[cell[:at] + (value,) + cell[at + 1 :]] == 0 for value in others)
                found.guessed += chance
    return found


def shares_of(size: int, rows) -> list[dict]:
    """For each dimension the published share of each value among everyone."""
    shown = {tuple(row[:size]): int(row[size]) for row in rows}
    total = max(shown[(ALL,) * size], 1)
    return [
        {
            cell[at]: number / total
            for cell, number in shown.items()
            if cell[at] != ALL and all(label == ALL for other, label in enumerate(cell) if other != at)
        }
        for at in range(size)
    ]


def shown_chance(true: int, shown: int, base: int) -> float:
    return max(0.0, 1 - abs(shown - true) / base)


def whole_chance(total: int, share: float, base: int) -> float:
    """How likely a group shown as `total`, all of it with one value, has nobody else.

    Its members take the value with the share that it has among everyone, its size is anything that can be shown like
    this, and every number is rounded by itself.
    """
    weights = [0.0] * base
    for size in range(max(total - base + 1, 1), total + base):
        for others in range(min(base, size)):
            mixed = math.comb(size, others) * share ** (size - others) * (1 - share) ** others
            shown = (
                shown_chance(size, total, base)
                * shown_chance(size - others, total, base)
                * shown_chance(others, 0, base)
            )
            weights[others] += mixed * shown
    return weights[0] / sum(weights) if sum(weights) else 0.0


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
