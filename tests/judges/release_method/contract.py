"""What a contract asks to be released: items, their dimensions, and the labels of each dimension."""

import csv
import itertools
import tomllib
from dataclasses import dataclass, field

import pyarrow as pa

from differs import Differs, expect

UNKNOWN, TOTAL = "(unknown)", "(all)"
PERSON = "person"
DEFAULT_SIGMA, DEFAULT_BASE, DEFAULT_CERTAINTY = 5.0, 5, 0.8
DEFAULT_ITEMS, DEFAULT_DEFF = 30, 1.2


@dataclass(frozen=True)
class Dimension:
    """A column of a linked table at a level, its labels in order, and the label of each value of the column."""

    table: str
    column: str
    level: int
    title: str
    labels: tuple
    label_of: dict = field(hash=False, compare=False)


@dataclass
class Item:
    """One question. `unit` is persons, rows or sum; `limit` is the weight of rows or the cap of a sum."""

    kind: str
    name: str
    table: str
    by: list
    only: list
    unit: str = "persons"
    limit: int = 1
    column: str = ""
    weight: int = 1
    spec: dict = field(default_factory=dict)


def months(window) -> list[str]:
    """The months of a study's window, as YYYY-MM."""
    (first, _), (last, _) = (window[end].rsplit("-", 1) for end in ("first", "last"))
    ends = [int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last)]
    return [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(ends[0], ends[1] + 1)]


def groups_of_edges(edges) -> list[str]:
    """The names of age groups: below the first edge, between edges, and from the last one on."""
    between = [f"{low}-{high - 1}" for low, high in zip(edges, edges[1:])]
    return [f"<{edges[0]}", *between, f"{edges[-1]}+"]


def period_of(month: str, period: str) -> str:
    return month[:4] if period == "year" else f"{month[:4]}-Q{(int(month[5:7]) + 2) // 3}"


def band_of(number: str, width: int) -> str:
    low = int(number) // width * width
    return str(low) if width == 1 else f"{low}-{low + width - 1}"


class Contract:
    """The contract, and the linked dataset's description of columns that the contract does not define itself."""

    def __init__(self, path, linked):
        self.folder, self.linked = path.parent, linked
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        self.exchange, self.generalised, self.release = raw["exchange"], raw.get("linked", {}), raw["release"]
        self.analysis = raw.get("analysis", {})
        self.study = self.exchange["study"]["id"]
        self.protect = self.release.get("protect", "round")
        self.base = self.release.get("base", DEFAULT_BASE)
        self.sigma = self.release.get("noise", DEFAULT_SIGMA)
        self.hierarchies = self.release.get("hierarchies", {})

    # --- Labels ---------------------------------------------------------------------------------------------------

    def labels(self, table: str, column: str) -> list[str]:
        """The values of a column that the contract lists: codes in byte order, a list of its own as it stands."""
        if column in self.release.get("labels", {}):
            return listed(self.release["labels"][column])
        kind = self.linked.type_of(table, column)
        if pa.types.is_boolean(kind):
            return ["false", "true"]
        if pa.types.is_date(kind):
            return months(self.exchange["study"]["window"])
        known = self.labels_of_source(table, column)
        return known if known is not None else self.labels_of_package(table, column)

    def labels_of_source(self, table: str, column: str):
        """The labels of a column of a source table after its generalisation, or None."""
        spec = next((spec for spec in self.exchange.get("tables", []) if spec["name"] == table), {"columns": []})
        found = next((c for c in spec["columns"] if c["name"] == column), None)
        if found is None:
            return None
        change = self.generalised.get(table, {}).get(column, found.get("deliver"))
        if isinstance(change, dict) and "map" in change:
            return sorted(set(self.mapping(change["map"]).values()))
        if isinstance(change, dict) and "groups" in change:
            return sorted(groups_of_edges(change["groups"]["edges"]))
        if isinstance(change, dict) and "top" in change and "min" in found:
            return [str(number) for number in range(found["min"], change["top"] + 1)]
        if "codes_from" in found:
            return sorted(self.mapping(found["codes_from"]))
        return sorted(found["codes"]) if "codes" in found else None

    def labels_of_package(self, table: str, column: str) -> list[str]:
        """The labels of an analysis table: those of the data package."""
        known = self.linked.allowed(table, column)
        expect(known, f"no list of values for {table}.{column}; add it to [release.labels]")
        return known

    def mapping(self, name: str) -> dict[str, str]:
        spec = self.exchange["mappings"][name]
        with (self.folder / spec["file"]).open(encoding="utf-8", newline="") as file:
            return {row[spec["from"]]: row[spec["to"]] for row in csv.DictReader(file, delimiter=";")}

    def dimension(self, table: str, by) -> Dimension:
        """A dimension as an item names it. Labels of a level stand in the order in which those below reach them."""
        name, level = (by, 0) if isinstance(by, str) else (by["column"], by["level"])
        of_person = name.startswith("person.")
        column = name.removeprefix("person.")
        source = self.linked.person_table if of_person else table
        values = self.labels(source, column)
        title, label_of = name.replace(".", "_"), {value: value for value in values}
        for number in range(1, level + 1):
            label_of = {value: self.lifted(column, number, value, label, values) for value, label in label_of.items()}
        if level:
            title += "_" + self.level_name(column, level)
        return Dimension(source, column, level, title, tuple(dict.fromkeys(label_of.values())), label_of)

    def band_width(self, item):
        """The width of the bands of a summed column, or None if it is not banded."""
        change = self.generalised.get(item.table, {}).get(item.column)
        if isinstance(change, dict) and "band" in change:
            return change["band"]
        return self.analysis.get("eur_band", 50) if f"{item.table}.{item.column}" in self.linked.manifest.get("bands", {}) else None

    def level_name(self, column: str, level: int) -> str:
        periods = self.hierarchies[column].get("periods")
        return periods[level - 1] if periods else f"level_{level}"

    def lifted(self, column: str, level: int, value: str, label: str, values: list) -> str:
        """The label of a value one level up."""
        rule = self.hierarchies[column]
        if "periods" in rule:
            return period_of(value, rule["periods"][level - 1])
        if "bands" in rule:
            return band_of(value, rule["bands"][level - 1])
        below = self.labels_at(column, level - 1, values)
        return next((name for name, members in rule["groups"][level - 1].items() if label in named(members, below)), label)

    def labels_at(self, column: str, level: int, values: list) -> list:
        """The labels of a level in order, those of level 0 being the values."""
        labels = {value: value for value in values}
        for number in range(1, level + 1):
            labels = {value: self.lifted(column, number, value, label, values) for value, label in labels.items()}
        return list(dict.fromkeys(labels.values()))

    # --- Items ----------------------------------------------------------------------------------------------------

    def items(self) -> list[Item]:
        makers = {"tables": self.table, "curves": self.curve, "rates": self.rates, "flows": self.flow}
        found = [make(spec) for kind, make in makers.items() for spec in self.release.get(kind, [])]
        doubled = [name for name, n in itertools.groupby(sorted(item.name for item in found)) if len(list(n)) > 1]
        expect(not doubled, f"two items have one name: {doubled}")
        return found

    def parts(self, spec):
        """What every item has: dimensions and filters."""
        only = [self.condition(spec["table"], one) for one in spec.get("only", [])]
        by = spec.get("by", [])
        return [self.dimension(spec["table"], one) for one in ([by] if isinstance(by, str) else by)], only

    def condition(self, table: str, one) -> tuple:
        """A dimension and the values of it that are counted."""
        dimension = self.dimension(table, one["column"])
        if "is" in one:
            return dimension, one["is"]
        return dimension, list(dimension.labels) if one.get("known") else named(one, list(dimension.labels))

    def table(self, spec) -> Item:
        by, only = self.parts(spec)
        item = Item("table", spec["name"], spec["table"], by, only, spec=spec)
        if "sum" in spec:
            expect("cap" in spec["sum"], f"{item.name}: a sum without cap")
            item.unit, item.column, item.limit = "sum", spec["sum"]["column"], spec["sum"]["cap"]
            item.weight = spec.get("weight", 1)
        elif spec.get("count", "persons") == "rows":
            item.unit, item.limit = "rows", spec.get("weight", 1)
        return item

    def curve(self, spec) -> Item:
        return Item("curve", spec["name"], spec["table"], *self.parts(spec), spec=spec)

    def rates(self, spec) -> Item:
        item = Item("rates", spec["name"], spec["table"], *self.parts(spec), spec=spec)
        item.unit, item.limit = "rows", spec.get("weight", 1)
        return item

    def flow(self, spec) -> Item:
        like = next(curve for curve in self.release["curves"] if curve["name"] == spec["like"])
        return Item("flow", spec["name"], like["table"], [], self.parts(like)[1], spec=like)

    def check_limits(self, items) -> None:
        most = self.release.get("max_items", DEFAULT_ITEMS)
        if self.protect == "round" and len(items) > most:
            raise Differs(f"{len(items)} items; the contract allows {most}")


def named(members, labels: list) -> list:
    """The members of a group: each by name, or all labels between two."""
    if not isinstance(members, dict):
        return members
    return labels[labels.index(str(members["from"])) : labels.index(str(members["to"])) + 1]


def listed(rule) -> list[str]:
    """The values of an entry of [release.labels]."""
    return [str(n) for n in range(rule["from"], rule["to"] + 1)] if isinstance(rule, dict) else list(map(str, rule))
