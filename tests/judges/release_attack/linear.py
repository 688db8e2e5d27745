"""Tables as linear equations over the finest cells that they share: least squares, and integer bounds by HiGHS."""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.stats import norm

REST = "(rest)"
PRIOR_DEVIATION, SURE, SMALL = 30.0, 0.9, range(1, 5)
# A limit of time would make the attack weaker on a busy machine, so the search is limited by its nodes.
MOST_CELLS, MILP_NODES, MILP_WIDTH = 1000, 100, 2


@dataclass
class System:
    """Published counts, the finest cells that they share, and which cells each count adds up."""

    counts: list
    columns: list
    atoms: list
    matrix: np.ndarray
    dual: dict = field(default_factory=dict)

    @property
    def cells(self) -> int:
        return self.matrix.shape[1]

    def vector(self, who) -> np.ndarray:
        return vector(who, self.columns, self.atoms)


def atoms_of(column: str, counts) -> list[frozenset]:
    """The smallest sets of values of a column that the published counts can tell apart."""
    sets = {dict(count.who)[column] for count in counts if column in dict(count.who)}
    if column.startswith("in "):
        return [frozenset({"yes"}), frozenset({"no"})]
    signatures: dict[tuple, set] = {}
    order = sorted(sets, key=sorted)
    for value in sorted(set().union(*sets)):
        signatures.setdefault(tuple(value in one for one in order), set()).add(value)
    complete = frozenset({"(unknown)"}) in sets
    return [frozenset(one) for one in signatures.values()] + ([] if complete else [frozenset({REST})])


def vector(who, columns, atoms) -> np.ndarray:
    """Which finest cells a restriction takes."""
    wanted, found = dict(who), np.ones(1, dtype=bool)
    for column, parts in zip(columns, atoms):
        inside = np.array([column not in wanted or part <= wanted[column] for part in parts])
        found = np.logical_and.outer(found, inside).ravel()
    return found


def system(counts) -> System:
    """The system of some counts. Counts of the same persons that are shown alike are one."""
    counts = list(dict.fromkeys(counts))
    columns = sorted({column for count in counts for column, _ in count.who})
    atoms = [atoms_of(column, counts) for column in columns]
    matrix = np.array([vector(count.who, columns, atoms) for count in counts])
    return System(counts, columns, atoms, matrix)


def size_of(counts) -> int:
    columns = {column for count in counts for column, _ in count.who}
    return math.prod(len(atoms_of(column, counts)) for column in columns)


def systems(found, most: int = MOST_CELLS) -> list[System]:
    """Groups items into systems of at most `most` finest cells: from each item, all that fit, those alike first."""
    by_item: dict[str, list] = {}
    for count, name, _ in found:
        by_item.setdefault(name, []).append(count)
    columns = {name: {column for count in some for column, _ in count.who} for name, some in by_item.items()}
    chosen = set()
    for start in by_item:
        names = [start]
        for name in sorted(by_item, key=lambda other: (-len(columns[other] & columns[start]), other)):
            together = [count for one in {*names, name} for count in by_item[one]]
            if name not in names and size_of(together) <= most:
                names.append(name)
        chosen.add(frozenset(names))
    whole = sorted(sorted(names) for names in chosen if not any(names < other for other in chosen))
    return [system([count for name in names for count in by_item[name]]) for names in whole]


class Estimates:
    """Least squares with a wide prior, where cells that come out negative are taken as empty."""

    def __init__(self, one: System, variance: float, rounds: int = 6):
        shown = np.array([count.shown for count in one.counts], dtype=float)
        used = one.matrix.any(axis=0)
        matrix, self.cells = one.matrix.astype(float), one.cells
        self.mean = np.zeros(one.cells)
        for _ in range(rounds):
            free = matrix[:, used]
            # In the space of the counts, which are fewer than the cells.
            self.gain = np.linalg.inv(free @ free.T * PRIOR_DEVIATION**2 + np.eye(len(shown)) * variance)
            mean = PRIOR_DEVIATION**2 * free.T @ (self.gain @ shown)
            self.mean[:] = 0
            self.mean[used] = mean
            if (mean > -0.5).all():
                break
            used = used & (self.mean > -0.5)
        self.free, self.used = matrix * used, used

    def of(self, target: np.ndarray) -> tuple[float, float]:
        """Mean and standard deviation of a sum of cells."""
        own = (target & self.used).astype(float)
        seen = self.free @ own
        variance = PRIOR_DEVIATION**2 * own.sum() - PRIOR_DEVIATION**4 * seen @ self.gain @ seen
        return float(self.mean @ own), math.sqrt(max(variance, 1e-9))


class Limits:
    """What a sum of cells can be when each count is off by less than its step."""

    def __init__(self, one: System):
        shown = np.array([count.shown for count in one.counts])
        step = np.array([count.step for count in one.counts])
        matrix, low, high = sparse.csr_matrix(one.matrix.astype(float)), shown - step + 1, shown + step - 1
        apart = differing(one, shown, step)
        self.matrix = sparse.vstack([matrix, apart]).tocsr()
        self.low = np.concatenate([low, np.ones(apart.shape[0])])
        self.high = np.concatenate([high, np.full(apart.shape[0], np.inf)])

    def of(self, target: np.ndarray) -> tuple[int, float]:
        """The least and the greatest whole number that the sum can be."""
        ends = []
        for sign in (1, -1):
            finite = np.isfinite(self.high)
            above = sparse.vstack([self.matrix[finite], -self.matrix])
            solved = linprog(
                sign * target.astype(float), above, np.concatenate([self.high[finite], -self.low]), method="highs"
            )
            ends.append(sign * solved.fun if solved.status == 0 else (0.0 if sign == 1 else math.inf))
        low, high = math.ceil(ends[0] - 1e-6), ends[1] if math.isinf(ends[1]) else math.floor(ends[1] + 1e-6)
        return self.tightened(target, low, high) if low < high <= low + MILP_WIDTH else (low, high)

    def tightened(self, target: np.ndarray, low: int, high: int) -> tuple[int, int]:
        """The same with whole persons in every cell, as far as the nodes go."""
        rows = LinearConstraint(self.matrix, self.low, self.high)
        for sign in (1, -1):
            solved = milp(
                sign * target.astype(float),
                constraints=rows,
                integrality=np.ones(len(target)),
                bounds=Bounds(0, np.inf),
                options={"node_limit": MILP_NODES},
            )
            if solved.mip_dual_bound is not None and math.isfinite(solved.mip_dual_bound):
                if sign == 1:
                    low = max(low, math.ceil(solved.mip_dual_bound - 1e-6))
                else:
                    high = min(high, math.floor(-solved.mip_dual_bound + 1e-6))
        return low, high


def differing(one: System, shown, step) -> sparse.csr_matrix:
    """Rows of cells that hold somebody: the same people are shown alike, so a part shown otherwise is smaller."""
    whole = one.matrix.astype(np.float32)
    inside = (whole @ (1 - whole).T) == 0
    parts, wholes = np.nonzero(inside & (np.abs(shown[:, None] - shown[None, :]) == step[0]))
    return sparse.csr_matrix(whole[wholes] - whole[parts])


def probabilities(mean: float, deviation: float, low: int, high: float) -> dict[int, float]:
    """How likely each whole number between the bounds is."""
    first = max(low, math.floor(mean - 5 * deviation))
    last = int(min(high, math.ceil(mean + 5 * deviation)))
    if first >= last:
        return {int(min(max(low, round(mean)), high)): 1.0}
    numbers = np.arange(first, last + 1)
    weights = norm.cdf(numbers + 0.5, mean, deviation) - norm.cdf(numbers - 0.5, mean, deviation)
    return dict(zip(numbers.tolist(), (weights / weights.sum()).tolist())) if weights.sum() > 0 else {}


def claims(chances: dict[int, float]) -> tuple:
    """The value, and the two neighbouring values, of which the attacker is sure; None where it is not.

    Only claims that somebody is in the cell count: "nobody, or one" is what is published of every small cell.
    """
    sure = [value for value in chances if value >= 1]
    exact = next((value for value in sure if chances[value] > SURE), None)
    pair = next(((value, value + 1) for value in sure if chances[value] + chances.get(value + 1, 0) > SURE), None)
    return exact, pair
