"""What everybody has: the numbers of released folders, the contract, and which persons each number counts."""

import csv
import json
import tomllib
from dataclasses import dataclass

ALL, EMPTY = "(all)", "(unknown)"
INSIDE = frozenset({"yes"})


@dataclass(frozen=True)
class Count:
    """A published number of persons. `who` has for each column that restricts it the values that it takes.

    `repeats` names the table of which one person can be in several such cells, so that these do not add up exactly.
    """

    who: frozenset
    shown: int
    step: int
    repeats: str = ""


class Contract:
    """The parts of a contract from which an attacker learns what cells mean."""

    def __init__(self, path):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        self.release, self.window = raw["release"], raw["exchange"]["study"]["window"]
        self.base, self.protect = self.release.get("base", 5), self.release.get("protect", "round")
        self.sigma = self.release.get("noise", 5.0)
        self.specs = {spec["name"]: spec for spec in self.release.get("tables", [])}
        self.curves = {spec["name"]: spec for spec in self.release.get("curves", [])}
        unique = {t["name"]: t.get("unique", []) for t in raw["exchange"].get("tables", [])}
        # One row a person: the table of persons, and tables that only the person's code makes unique.
        self.single = {"person", "persons"} | {name for name, columns in unique.items() if len(columns) == 1}

    def values(self, column: str, level: int, label: str) -> frozenset:
        """The values of a column that a label of a level takes together."""
        if level == 0 or label == EMPTY:
            return frozenset({label})
        rule = self.release["hierarchies"][column.removeprefix("person.")]
        if "periods" in rule:
            return frozenset(month for month in self.months() if in_period(month, label))
        if "bands" in rule:
            return numbers_of(label)
        members = rule["groups"][level - 1].get(label, [label])
        return frozenset().union(*(self.values(column, level - 1, member) for member in members))

    def months(self) -> list[str]:
        first, last = (int(self.window[end][:4]) * 12 + int(self.window[end][5:7]) - 1 for end in ("first", "last"))
        return [f"{at // 12}-{at % 12 + 1:02}" for at in range(first, last + 1)]


def in_period(month: str, label: str) -> bool:
    year, _, quarter = label.partition("-Q")
    return month.startswith(year) and (not quarter or (int(month[5:7]) - 1) // 3 + 1 == int(quarter))


def numbers_of(label: str) -> frozenset:
    """The whole numbers of a band such as 0-2, -3--1 or 7."""
    at = label.find("-", 1)
    low, high = (label, label) if at < 0 else (label[:at], label[at + 1 :])
    return frozenset(str(number) for number in range(int(low), int(high) + 1))


class Release:
    """One released folder, or the same from memory: header and rows of every item."""

    def __init__(self, sheets: dict, manifest: dict | None = None):
        self.sheets, self.manifest = sheets, manifest or {}

    @classmethod
    def read(cls, folder):
        sheets = {}
        for path in sorted(folder.glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                header, *rows = list(csv.reader(file, delimiter=";"))
            sheets[path.stem] = (header, rows)
        return cls(sheets, json.loads((folder / "manifest.json").read_text(encoding="utf-8")))

    def shape(self) -> dict:
        """What two releases must have in common whatever they hold: columns, labels and rows of tables and rates."""
        return {
            name: (header, [row[: labels_of(header)] for row in rows])
            for name, (header, rows) in self.sheets.items()
            if "survival" not in header
        }


def labels_of(header) -> int:
    """How many columns are labels: those before the first number."""
    return next(at for at, title in enumerate(header) if title in ("persons", "rows", "n"))


def column_of(contract, table: str, by) -> tuple[str, int]:
    """A column's name throughout the study, and the level."""
    name, level = (by, 0) if isinstance(by, str) else (by["column"], by["level"])
    if not name.startswith("person.") and table in ("person", "persons"):
        name = f"person.{name}"
    return (name if name.startswith("person.") else f"{table}.{name}"), level


def counts(contract, release) -> list[tuple[Count, str, tuple]]:
    """Every published number of persons of the tables that count persons, with its item and labels."""
    found = []
    for name, (header, rows) in release.sheets.items():
        spec = contract.specs.get(name)
        if spec is None or "persons" not in header or "sum" in spec:
            continue
        columns = [column_of(contract, spec["table"], by) for by in spec["by"]]
        filters = {
            column_of(contract, spec["table"], one["column"])[0]: frozenset(one["is"]) for one in spec.get("only", [])
        }
        for row in rows:
            labels = tuple(row[: len(columns)])
            who = restricted(contract, spec["table"], columns, filters, labels)
            repeats = spec["table"] if can_repeat(contract, spec["table"], who) else ""
            found.append((Count(who, int(row[len(columns)]), contract.base, repeats), name, labels))
    return found


def restricted(contract, table: str, columns, filters: dict, labels):
    """Which persons a cell counts."""
    who = dict(filters)
    for (column, level), label in zip(columns, labels):
        if label != ALL:
            values = contract.values(column.partition(".")[2], level, label)
            who[column] = who[column] & values if column in who else values
    if table not in ("person", "persons"):
        who[f"in {table}"] = INSIDE
    return frozenset(who.items())


def can_repeat(contract, table: str, who) -> bool:
    """Whether one person can be in several cells like this."""
    return table not in contract.single and any(column.startswith(f"{table}.") for column, _ in who)
