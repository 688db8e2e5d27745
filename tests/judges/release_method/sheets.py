"""Protects the exact counts of each item and lays out what is published."""

import hashlib
import itertools
import json
import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from differs import Differs

from .contract import DEFAULT_DEFF, TOTAL, UNKNOWN
from .counting import Shares, all_cells, joined, numbered, shares
from .noise import cost, divided, nearest_counts, normals, running
from .rounding import Rounder, derived

FAULTS = ("zeros", "labels", "sum-step", "items", "dataset-key", "weight", "cell-name")
FOLLOWED = "(followed)"
LEAST_FOR_SHARE, CURVE_ENDS_BELOW, Z_95 = 30, 10, 1.959963984540054


@dataclass
class Sheet:
    """An item as it is published: header, rows, and what the manifest says of it."""

    item: object
    header: list
    rows: list
    step: int
    cost: float = 0.0


def place(value) -> tuple:
    """The order of a value by which a person's first row is chosen: an absent one comes last."""
    return (value is None, value)


def with_ends(dimension) -> list[str]:
    return [*dimension.labels, UNKNOWN, TOTAL]


def plain(amount: int, scale: int) -> str:
    """An amount in its smallest unit, as a number without decimals that are zero."""
    return str(amount // 10**scale) if amount % 10**scale == 0 else str(Decimal(amount).scaleb(-scale))


class Counter:
    """Exact contributions of an item's cells, one set for each unit that the item shows."""

    def __init__(self, linked, contract, weight_counts: bool = True):
        self.linked, self.contract, self.weight_counts = linked, contract, weight_counts
        self.counted = {}

    def limit(self, item):
        return item.limit if self.weight_counts or item.unit != "rows" else None

    def table(self, item):
        """Contributions by unit, the number of cells, and the decimals of the sum; counted once."""
        if item.name not in self.counted:
            self.counted[item.name] = self.count_table(item)
        return self.counted[item.name]

    def count_table(self, item):
        keep = self.linked.selected(item.table, item.only)
        cells = math.prod(len(dimension.labels) + 2 for dimension in item.by)
        if item.unit != "sum":
            return {item.unit: self.placed(item, keep, item.unit, 1 if item.unit == "persons" else self.limit(item))}, cells, 0
        amounts, scale = self.linked.amounts(item.table, item.column, self.contract.band_width(item))
        known = keep & np.array([amount is not None for amount in amounts], dtype=bool)
        above = keep & np.array([amount is not None and amount > 0 for amount in amounts], dtype=bool)
        summed = [amounts[row] for row in np.flatnonzero(known)]
        found = {
            "persons": self.placed(item, above, "persons", 1),
            "n": self.placed(item, above, "rows", item.weight),
            "sum": self.placed(item, known, "sum", item.limit * 10**scale, summed),
        }
        return found, cells, scale

    def placed(self, item, keep, unit: str, limit, amounts=None) -> Shares:
        """Contributions of the kept rows to every cell and total."""
        person = self.linked.persons(item.table)[keep]
        codes = [self.linked.codes(item.table, dimension)[keep] for dimension in item.by]
        places = all_cells(codes, [len(dimension.labels) for dimension in item.by], len(person))
        return joined([shares(place, person, len(self.linked.numbers), unit, limit, amounts) for place in places])

    def flow(self, item):
        """Contributions to the one cell of each step: all persons, then after each condition, then those followed."""
        counts = [item.only[:size] for size in range(len(item.only) + 1)]
        found = [self.placed(item, self.linked.selected(item.table, only), "persons", 1) for only in counts]
        spec, table = item.spec, self.linked.table(item.table)
        times, events = (table[spec[name]].to_pylist() for name in ("time", "event"))
        followed = [time is not None and (time > 0 or (time == 0 and bool(event))) for time, event in zip(times, events)]
        keep = self.linked.selected(item.table, item.only) & np.array(followed, dtype=bool)
        return [*found, self.placed(item, keep, "persons", 1)]

    def curve(self, item):
        """One histogram of persons: group, interval of the grid, event. Also returns the number of intervals."""
        spec, table = item.spec, self.linked.table(item.table)
        times, events = (table[spec[name]].to_pylist() for name in ("time", "event"))
        order = table[spec["first"]["by"]].to_pylist() if "first" in spec else [0] * table.num_rows
        keep, persons = self.linked.selected(item.table, item.only), self.linked.persons(item.table)
        interval, last = spec.get("interval", 1), spec.get("last", 12)
        bins = last // interval + 1
        chosen = {}
        for row in np.flatnonzero(keep).tolist():
            at_once = times[row] == 0 and events[row]
            if times[row] is not None and events[row] is not None and (times[row] > 0 or at_once):
                best = chosen.get(persons[row])
                if best is None or place(order[row]) < place(order[best]):
                    chosen[persons[row]] = row
        rows = np.array(sorted(chosen.values()), dtype=np.int64)
        at = np.array([min(max(times[row] - 1, 0) // interval, bins - 1) for row in rows], dtype=np.int64)
        event = np.array([int(events[row]) for row in rows], dtype=np.int64)
        codes = [self.linked.codes(item.table, dimension)[rows] for dimension in item.by]
        groups = numbered(codes, [len(d.labels) for d in item.by], ()) if codes else np.zeros(len(rows), dtype=np.int64)
        return shares((groups * bins + at) * 2 + event, persons[rows], len(self.linked.numbers), "persons", 1), bins

    def rates(self, item):
        """For each outcome the contributions to persons, no, yes and unknown."""
        keep = self.linked.selected(item.table, item.only)
        if "first" in item.spec:
            keep &= self.smallest(item, keep)
        found = {}
        for outcome in item.spec["of"]:
            value = np.array(
                [-1 if flag is None else int(flag) for flag in self.linked.table(item.table)[outcome].to_pylist()]
            )
            parts = {"persons": value >= -1, "no": value == 0, "yes": value == 1, "unknown": value == -1}
            found[outcome] = {name: self.rows_of(item, keep & part, name) for name, part in parts.items()}
        return found, math.prod(len(dimension.labels) + 2 for dimension in item.by)

    def smallest(self, item, keep) -> np.ndarray:
        """Whether each row is the one of its person, among those kept, with the smallest value of a column."""
        order, persons = self.linked.table(item.table)[item.spec["first"]["by"]].to_pylist(), self.linked.persons(item.table)
        chosen = {}
        for row in np.flatnonzero(keep).tolist():
            best = chosen.get(persons[row])
            if best is None or place(order[row]) < place(order[best]):
                chosen[persons[row]] = row
        is_chosen = np.zeros(len(keep), dtype=bool)
        is_chosen[list(chosen.values())] = True
        return is_chosen

    def rows_of(self, item, keep, name: str) -> Shares:
        unit = "persons" if name == "persons" else "rows"
        return self.placed(item, keep, unit, 1 if unit == "persons" else self.limit(item))


class Method:
    """Protects items with one release key, as the contract says. `fault` names a broken build, for tests of judges."""

    def __init__(self, linked, contract, key: bytes, fault: str = ""):
        if fault and fault not in FAULTS:
            raise Differs(f"no fault '{fault}'; there are {', '.join(FAULTS)}")
        self.linked, self.contract, self.fault = linked, contract, fault
        self.counter = Counter(linked, contract, fault != "weight")
        dataset = "" if fault == "dataset-key" else linked.digest
        self.noise_key = derived(key, "release-noise", contract.study)
        if contract.protect == "round":
            self.rounder = Rounder(key, contract.study, dataset, linked.numbers, fault == "cell-name")

    def sheets(self) -> list[Sheet]:
        items = self.contract.items()
        if self.fault != "items":
            self.contract.check_limits(items)
        return [getattr(self, item.kind)(item) for item in items]

    def step(self, item, unit: str) -> int:
        base = self.contract.base
        if unit == "n":
            return base if self.contract.protect == "noise" else base * item.weight
        if unit == "sum" and self.fault == "sum-step":
            return max(1, base * item.limit // 20)
        is_finer = unit == "persons" or (unit == "rows" and self.contract.protect == "noise")
        return base if is_finer else base * item.limit

    def protected(self, item, found: Shares, cells: int, unit: str, scale: int = 0) -> list[int]:
        """Shown values of all cells: rounded each by itself, or noise on `cells` inner ones."""
        step = self.step(item, unit) * 10**scale
        if self.contract.protect == "round":
            names = [f"{item.name} {cell}".encode() for cell in range(cells)]
            return self.rounder.rounded(found, cells, step, names)
        return self.noisy(item, found, cells, unit, item.limit * 10**scale, step)

    def noisy(self, item, found: Shares, cells: int, unit: str, limit, step: int) -> list[int]:
        limit = {"persons": 1, "n": item.weight}.get(unit, limit)
        exact = np.bincount(found.cell, divided(found, limit, unit), cells)
        digest = hashlib.sha256(self.question(item, unit).encode()).digest()
        noise = normals(self.noise_key, digest, cells)
        if self.fault == "zeros":
            noise[exact == 0] = 0
        values = exact + noise * self.contract.sigma * (limit if unit == "sum" else 1)
        return running(values if unit == "sum" else nearest_counts(values), step).tolist()

    def question(self, item, unit: str) -> str:
        """The canonical question: everything that decides the answer, and not the item's name."""
        by = sorted((d.table, d.column, d.level, list(d.labels)) for d in item.by)
        only = sorted((d.table, d.column, sorted(values)) for d, values in item.only)
        rest = {name: value for name, value in item.spec.items() if name not in ("name", "by", "only")}
        return json.dumps([self.linked.digest, item.kind, unit, by, only, rest, self.contract.sigma], sort_keys=True)

    # --- Kinds ----------------------------------------------------------------------------------------------------

    def table(self, item) -> Sheet:
        found, cells, scale = self.counter.table(item)
        spreads = {
            unit: self.shown(item, contributions, cells, unit, scale if unit == "sum" else 0)
            for unit, contributions in found.items()
        }
        titles = {"persons": "persons", "rows": "rows", "n": "n", "sum": f"sum_of_{item.column}"}
        width = self.contract.band_width(item) if "sum" in found else None
        rows = []
        for at, labels in enumerate(itertools.product(*map(with_ends, item.by))):
            if self.fault != "labels" or spreads_exist(found, at):
                values = [str(spreads[unit][at]) for unit in found if unit != "sum"]
                if "sum" in found:
                    some = spreads["n"][at] > 0
                    values.append(plain(spreads["sum"][at], scale) if some or spreads["sum"][at] else "")
                if width:
                    error = math.ceil(Z_95 * width / math.sqrt(12) * math.sqrt(spreads["n"][at]))
                    values.append(str(error) if some and TOTAL not in labels else "")
                rows.append([*labels, *values])
        header = [dimension.title for dimension in item.by] + [titles[unit] for unit in found] + ["bound"] * bool(width)
        return Sheet(item, header, rows, self.step(item, item.unit), self.cost(item))

    def shown(self, item, found: Shares, cells: int, unit: str, scale: int) -> list[int]:
        """All cells of a table. Under noise only inner cells are protected, and totals are their sums."""
        if self.contract.protect == "round":
            return self.protected(item, found, cells, unit, scale)
        own, inner = inner_cells(item, found)
        full = np.zeros(inner.shape, dtype=object)
        full[inner] = self.protected(item, own, int(inner.sum()), unit, scale)
        for axis, size in enumerate(inner.shape):
            last = tuple(slice(None) if at != axis else size - 1 for at in range(inner.ndim))
            full[last] = full.sum(axis=axis)
        return full.ravel().tolist()

    def inner_exact(self, item) -> dict:
        """The values of a table's inner cells before noise, each person's share of them limited."""
        found, _, scale = self.counter.table(item)
        own, inner = inner_cells(item, found[item.unit])
        limit = 1 if item.unit == "persons" else item.limit * 10**scale
        values = np.bincount(own.cell, divided(own, limit, item.unit), int(inner.sum())) / (
            10**scale if item.unit == "sum" else 1
        )
        labels = itertools.product(*[with_ends(dimension)[:-1] for dimension in item.by])
        return dict(zip(labels, values.tolist()))

    def with_key(self, key: bytes) -> "Method":
        other = Method(self.linked, self.contract, key, self.fault)
        other.counter = self.counter
        return other

    def cost(self, item) -> float:
        return 0.0 if self.contract.protect == "round" else cost(item.unit, item.limit, self.contract.sigma)

    def curve(self, item) -> Sheet:
        found, bins = self.counter.curve(item)
        groups = math.prod(len(dimension.labels) + 2 for dimension in item.by)
        shown = np.array(self.protected(item, found, groups * bins * 2, "persons"), dtype=np.int64).reshape(
            groups, bins, 2
        )
        names = [[*d.labels, UNKNOWN] for d in item.by]
        rows = []
        for labels in itertools.product(*names):
            at = tuple(name.index(label) for name, label in zip(names, labels))
            group = int(numbered([np.array([one]) for one in at], [len(d.labels) for d in item.by], ())[0]) if at else 0
            rows += self.steps(labels or (TOTAL,), shown[group], item)
        if item.by:
            rows += self.steps((TOTAL,) * len(item.by), shown.sum(axis=0), item)
        header = [d.title for d in item.by] or ["group"]
        return Sheet(
            item, [*header, "time", "n", "events", "censored", "survival"], rows, self.contract.base, self.cost(item)
        )

    def steps(self, labels, histogram, item) -> list[list]:
        """The steps of a group's curve, as long as enough persons are followed."""
        interval, survival, rows = item.spec.get("interval", 1), 1.0, []
        least = CURVE_ENDS_BELOW * (self.contract.base if self.contract.protect == "round" else self.contract.sigma)
        for at in range(len(histogram) - 1):
            at_risk, (censored, events) = int(histogram[at:].sum()), histogram[at].tolist()
            if at_risk < least:
                break
            survival *= 1 - events / at_risk
            rows.append([*labels, *map(str, ((at + 1) * interval, at_risk, events, censored)), f"{survival:.2f}"])
        return rows

    def flow(self, item) -> Sheet:
        shown = [self.protected(item, found, 1, "persons")[0] for found in self.counter.flow(item)]
        labels = [TOTAL, *map(condition_text, item.spec.get("only", [])), FOLLOWED]
        rows = [[label, str(persons)] for label, persons in zip(labels, shown)]
        return Sheet(item, ["condition", "persons"], rows, self.contract.base, self.cost(item))

    def rates(self, item) -> Sheet:
        found, cells = self.counter.rates(item)
        shown = {
            outcome: {
                name: self.shown(item, part, cells, "persons" if name == "persons" else "rows", 0)
                for name, part in parts.items()
            }
            for outcome, parts in found.items()
        }
        deff, rows = self.contract.release.get("design_effect", DEFAULT_DEFF), []
        for at, labels in enumerate(itertools.product(*map(with_ends, item.by))):
            for outcome in item.spec["of"]:
                persons, no, yes, unknown = (shown[outcome][name][at] for name in ("persons", "no", "yes", "unknown"))
                n = yes + no
                rows.append([*labels, outcome, str(persons), str(n), str(yes), *interval(yes, n, deff), str(unknown)])
        header = [d.title for d in item.by] + ["outcome", "persons", "n", "yes", "share", "lower", "upper", "unknown"]
        return Sheet(item, header, rows, self.step(item, "rows"), self.cost(item))


def condition_text(one) -> str:
    """A condition as a flow names it."""
    if "is" in one:
        return f"{one['column']}: {', '.join(one['is'])}"
    return f"{one['column']}: known" if one.get("known") else f"{one['column']}: {one['from']} to {one['to']}"


def inner_cells(item, found: Shares) -> tuple[Shares, np.ndarray]:
    """The contributions to cells that are no totals, numbered anew, and which cells of the whole table these are."""
    inner = np.zeros([len(dimension.labels) + 2 for dimension in item.by], dtype=bool)
    inner[(slice(0, -1),) * inner.ndim] = True
    order, keep = np.flatnonzero(inner), inner.ravel()[found.cell]
    return Shares(np.searchsorted(order, found.cell[keep]), found.person[keep], found.amount[keep]), inner


def spreads_exist(found, cell: int) -> bool:
    """Whether anybody is in a cell."""
    return any((contributions.cell == cell).any() for contributions in found.values())


def interval(yes: int, n: int, deff: float) -> list[str]:
    """The share and its 95 % interval (Wilson), for n fewer by the design effect; blank for a small n."""
    if n < LEAST_FOR_SHARE:
        return ["", "", ""]
    share, size = min(yes / n, 1.0), n / deff
    middle = (share + Z_95**2 / (2 * size)) / (1 + Z_95**2 / size)
    half = Z_95 / (1 + Z_95**2 / size) * math.sqrt(share * (1 - share) / size + Z_95**2 / (4 * size**2))
    return [f"{value:.2f}" for value in (share, max(middle - half, 0), min(middle + half, 1))]
