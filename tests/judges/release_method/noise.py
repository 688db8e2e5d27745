"""Normal noise on inner cells, then the nearest table of counts, then multiples of the base."""

import hashlib
import hmac
import math
from statistics import NormalDist

import numpy as np


def normals(key: bytes, digest: bytes, cells: int) -> np.ndarray:
    """A standard normal number for each cell, by Box and Muller's method."""
    found = np.empty(cells)
    for cell in range(cells):
        block = hmac.digest(key, digest + cell.to_bytes(8, "big"), hashlib.sha256)
        first, second = (int.from_bytes(block[at : at + 8], "big") / 2**64 for at in (0, 8))
        found[cell] = math.sqrt(-2 * math.log(1 - first)) * math.cos(2 * math.pi * second)
    return found


def divided(shares, limit, unit: str) -> np.ndarray:
    """What each line adds when a person's lines together stay within the limit: evenly for persons."""
    size = np.abs(shares.amount.astype(np.float64))
    whole = np.bincount(shares.person, size)[shares.person]
    scale = np.where(whole > limit, limit / np.where(whole > 0, whole, 1), 1.0)
    return shares.amount.astype(np.float64) * (1 / whole if unit == "persons" else scale)


def nearest_counts(values: np.ndarray) -> np.ndarray:
    """The non-negative table nearest to `values` (Euclidean) with the same sum; zero where that is not positive."""
    total = values.sum()
    if total <= 0:
        return np.zeros_like(values)
    falling = np.sort(values)[::-1]
    shift = (np.cumsum(falling) - total) / np.arange(1, len(values) + 1)
    last = np.flatnonzero(falling - shift > 0)[-1]
    return np.maximum(values - shift[last], 0)


def running(values: np.ndarray, step: int) -> np.ndarray:
    """Rounds the running sums, so that sums of neighbours stay close too."""
    sums = np.floor(np.cumsum(values) / step + 0.5).astype(np.int64) * step
    return np.diff(sums, prepend=0)


def cost(unit: str, limit: float, sigma: float) -> float:
    """What an item spends: the squared distance that one person can make, in units of the noise."""
    return 4 / sigma**2 if unit == "sum" else 2 * (limit / sigma) ** 2


def certainty(total_cost: float) -> float:
    return NormalDist().cdf(math.sqrt(total_cost) / 2)
