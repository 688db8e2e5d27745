"""Attack (a): small cells, exactly and within two values, from all tables of one or several releases together."""

import random
from dataclasses import dataclass

import numpy as np

from .linear import SMALL, Estimates, Limits, claims, probabilities, systems
from .published import Release, counts

BOUNDED_TARGETS = 60


@dataclass
class Score:
    """How many small cells were attacked, and how many were found. `wrong` counts sure claims that are false."""

    cells: int = 0
    attacked: int = 0
    exact: int = 0
    pairs: int = 0
    wrong: int = 0

    def add(self, other: "Score") -> None:
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def share(self) -> float:
        """The share of small cells found exactly or within two values."""
        return max(self.exact, self.pairs) / self.attacked if self.attacked else 0.0

    def __str__(self) -> str:
        return (
            f"{self.exact} exactly and {self.pairs} within two values of {self.attacked} small cells "
            f"({self.wrong} sure claims were wrong; {self.cells} finest cells)"
        )


def attack(contract, releases, truth: dict, most_targets: int = BOUNDED_TARGETS, seed: int = 1) -> Score:
    """Attacks several releases together. Those of other datasets count as further observations of the same cells."""
    found = [one for release in releases for one in counts(contract, release)]
    true = true_counts(contract, truth)
    variance = (contract.base**2 - 1) / 6 if contract.protect == "round" else contract.sigma**2 + contract.base**2 / 6
    score, chooser = Score(), random.Random(seed)
    for part in parts_of(found):
        bounded = len(releases) == 1 and not any(count.repeats for count, _, _ in part)
        for one in systems(part):
            targets = targets_of(one, true, truth)
            targets = chooser.sample(targets, min(most_targets, len(targets)))
            score.add(attack_system(contract, one, targets, variance, bounded))
    return score


def parts_of(found) -> list[list]:
    """The counts that add up, and those of each table with several rows a person, as if they did."""
    repeated = sorted({count.repeats for count, _, _ in found} - {""})
    parts = [[one for one in found if not one[0].repeats]]
    for table in repeated:
        items = {name for count, name, _ in found if count.repeats == table}
        parts.append([one for one in found if one[1] in items])
    return [part for part in parts if part]


def attack_chosen(contract, releases, truth: dict, column: str, alike: dict) -> Score:
    """Attacks one small group, those with `true` in a column, who are `alike` otherwise.

    Any group of their values less its part with `false` in the column is that group.

    The attacker takes the mean of all such differences, and of the group itself, by least squares in one unknown.
    """
    values = []
    for release in releases:
        found: dict = {}
        for count, _, _ in counts(contract, release):
            rest = frozenset(pair for pair in count.who if pair[0] != column)
            if any(name in alike and alike[name] not in values for name, values in rest):
                continue
            label = next((min(values) for name, values in count.who if name == column), "all")
            found.setdefault(rest, {})[label] = count.shown
        values += [one["all"] - one["false"] for one in found.values()]
        values.append(found[min(found, key=len)]["true"])
    variance = (contract.base**2 - 1) / 6
    weights = np.array(([0.5] * (len(values) // len(releases) - 1) + [1]) * len(releases)) / variance
    mean, deviation = float(np.average(values, weights=weights)), float(weights.sum() ** -0.5)
    value = next(
        true for who, true in true_counts(contract, truth).items() if dict(who) == {column: frozenset({"true"})}
    )
    exact, pair = claims(probabilities(mean, deviation, 0, float("inf")))
    return Score(1, 1, int(exact == value), int(pair is not None and value in pair), int(exact not in (None, value)))


def true_counts(contract, truth: dict) -> dict:
    """The true number of each published restriction."""
    sheets = {
        name: ([*contract.specs[name]["by"], "persons"], [[*row["cell"], row["persons"]] for row in rows])
        for name, rows in truth["items"].items()
        if "persons" in rows[0] and "sum" not in contract.specs[name]
    }
    return {count.who: count.shown for count, _, _ in counts(contract, Release(sheets))}


def targets_of(one, true: dict, truth: dict) -> list[tuple[np.ndarray, int]]:
    """Sums of finest cells that hold 1 to 4 persons: published cells, differences, and finest cells."""
    exact = np.array([true[count.who] for count in one.counts])
    whole = one.matrix.astype(np.float32)
    inside = (whole @ (1 - whole).T) == 0
    gaps = exact[None, :] - exact[:, None]
    parts, wholes = np.nonzero(inside & np.isin(gaps, SMALL))
    found = {one.matrix[at].tobytes(): (one.matrix[at], int(exact[at])) for at in np.flatnonzero(np.isin(exact, SMALL))}
    for part, rest in zip(parts.tolist(), wholes.tolist()):
        target = one.matrix[rest] & ~one.matrix[part]
        found[target.tobytes()] = target, int(gaps[part, rest])
    for target, value in finest(one, truth):
        found[target.tobytes()] = target, value
    return [found[key] for key in sorted(found)]


def finest(one, truth: dict):
    """The finest cells of a system over the table of persons alone that hold 1 to 4 persons."""
    joint = truth["joint"].get("person")
    if joint is None or any(not column.startswith("person.") for column in one.columns):
        return
    at = [joint["columns"].index(column.removeprefix("person.")) for column in one.columns]
    sums: dict[tuple, int] = {}
    for *labels, persons in joint["cells"]:
        place = tuple(place_of(labels[position], parts) for position, parts in zip(at, one.atoms))
        sums[place] = sums.get(place, 0) + persons
    shape = [len(parts) for parts in one.atoms]
    for place, persons in sums.items():
        if persons in SMALL:
            target = np.zeros(one.cells, dtype=bool)
            target[np.ravel_multi_index(place, shape)] = True
            yield target, persons


def place_of(label: str, parts) -> int:
    return next((at for at, part in enumerate(parts) if label in part), len(parts) - 1)


def attack_system(contract, one, targets, variance: float, bounded: bool) -> Score:
    """One system. Bounds hold within one dataset under rounding; noise has none."""
    score = Score(one.cells, len(targets))
    estimates = Estimates(one, variance)
    limits = Limits(one) if bounded and contract.protect == "round" else None
    for target, value in targets:
        low, high = limits.of(target) if limits else (0, float("inf"))
        exact, pair = claims(probabilities(*estimates.of(target), low, high))
        score.exact += exact == value
        score.pairs += pair is not None and value in pair
        score.wrong += (exact is not None and exact != value) or (pair is not None and value not in pair)
    return score
