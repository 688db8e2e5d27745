"""Exact contributions: who is in each cell, and how much each of them adds."""

import itertools
from dataclasses import dataclass

import numpy as np


@dataclass
class Shares:
    """One line for each person of each cell: the cell's number, the person, and what the person adds to the cell."""

    cell: np.ndarray
    person: np.ndarray
    amount: np.ndarray

    def sums(self, cells: int) -> list[int]:
        """The exact value of each cell."""
        if self.amount.dtype != object:
            found = np.zeros(cells, dtype=np.int64)
            np.add.at(found, self.cell, self.amount)
            return found.tolist()
        found = [0] * cells
        for cell, amount in zip(self.cell.tolist(), self.amount):
            found[cell] += amount
        return found


def numbered(codes, sizes, totals) -> np.ndarray:
    """The number of each row's cell, where the dimensions in `totals` are taken together. Each has two labels more."""
    number = np.zeros(len(codes[0]) if codes else 0, dtype=np.int64)
    for at, (code, size) in enumerate(zip(codes, sizes)):
        number = number * (size + 2) + (size + 1 if at in totals else code)
    return number


def all_cells(codes, sizes, rows: int):
    """The rows' cell numbers for every choice of totals: the inner cells first."""
    dimensions = range(len(sizes))
    for width in range(len(sizes) + 1):
        for totals in itertools.combinations(dimensions, width):
            yield numbered(codes, sizes, totals) if codes else np.zeros(rows, dtype=np.int64)


def shares(cell, person, persons: int, unit: str, limit, amounts=None) -> Shares:
    """Collects rows into the contributions of persons: 1, rows up to `limit`, or a sum within ±`limit`."""
    key, where = np.unique(cell * persons + person, return_inverse=True)
    cell, person = key // persons, key % persons
    if unit == "persons":
        return Shares(cell, person, np.ones(len(key), dtype=np.int64))
    if unit == "rows":
        rows = np.bincount(where, minlength=len(key))
        return Shares(cell, person, rows if limit is None else np.minimum(rows, limit))
    found = [0] * len(key)
    for at, amount in zip(where.tolist(), amounts):
        found[at] += amount
    return Shares(
        cell, person, np.array([max(-limit, min(limit, total)) for total in found] + [None], dtype=object)[:-1]
    )


def joined(parts) -> Shares:
    return Shares(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("cell", "person", "amount")))
