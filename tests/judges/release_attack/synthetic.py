"""A synthetic linked dataset and its contracts, made to be attacked."""

import base64
import datetime
import hashlib
import itertools
import json
import random
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

SEXES, AGES = ["female", "male"], ["<25", "25-39", "40-54", "55-64", "65-74", "75+"]
PLACES = [f"p{number:02}" for number in range(12)]
PARTS = {"north": PLACES[:4], "south": PLACES[4:8], "east": PLACES[8:]}
STATES = ["employed", "unemployed", "student", "other"]
DISTRICTS = [f"d{number:02}" for number in range(60)]
TYPES, WINDOW = ["a", "b", "c", "d"], ("2018-01-01", "2018-12-31")
CAP, WEIGHT, MANY_ROWS = 1000, 3, 101
SCHEMAS = {
    "person": {
        "person": pa.string(),
        "sex": pa.string(),
        "age": pa.string(),
        "place": pa.string(),
        "state": pa.string(),
        "marked": pa.bool_(),
        "district": pa.string(),
    },
    "register": {"person": pa.string(), "kind": pa.string()},
    "event": {
        "person": pa.string(),
        "type": pa.string(),
        "month": pa.date32(),
        "eur": pa.decimal128(18, 2),
        "full": pa.int32(),
    },
    "followed": {"person": pa.string(), "time": pa.int32(), "exited": pa.bool_(), "marked": pa.bool_()},
}


def person_id(number: int) -> str:
    return base64.b32hexencode(number.to_bytes(8, "big")).decode().rstrip("=")


class People:
    """Persons and their rows. The last of them is the one who joins between two releases."""

    def __init__(self, seed: int = 1, persons: int = 600):
        self.draw = random.Random(seed)
        numbers = self.draw.sample(range(1, 1 << 63), persons)
        self.rows = {name: [] for name in SCHEMAS}
        for at, number in enumerate(numbers):
            self.add(person_id(number), at)
        self.add_last(person_id((1 << 63) + seed))

    def add(self, person: str, at: int) -> None:
        """A person with skewed values, so that many cells are small. Three persons, alike otherwise, are marked."""
        draw, marked = self.draw, at < 3
        place = draw.choices(PLACES, [2 ** -(n / 2) for n in range(12)])[0]
        age, state = draw.choices(AGES, [20, 25, 20, 15, 4, 2])[0], draw.choices([*STATES, None], [58, 24, 10, 5, 3])[0]
        values = ["female", "25-39", "p00", "employed"] if marked else [draw.choice(SEXES), age, place, state]
        self.rows["person"].append([person, *values, marked, DISTRICTS[at % len(DISTRICTS)]])
        if marked or draw.random() < 0.8:
            self.rows["register"].append([person, draw.choice(TYPES)])
        for _ in range(draw.choices([0, 1, 2, 5], [40, 40, 15, 5])[0]):
            self.event(person, Decimal(draw.randrange(-30000, 90000)) / 100)
        if marked or draw.random() < 0.9:
            self.rows["followed"].append([person, draw.randrange(1, 14), draw.random() < 0.6, marked])

    def event(self, person: str, amount: Decimal, kind: str = "") -> None:
        """A row of the table with several rows a person. `full` is the cap for type a, nothing for others."""
        kind = kind or self.draw.choices(TYPES, [50, 30, 17, 3])[0]
        month = datetime.date(2018, self.draw.randrange(1, 13), 1)
        self.rows["event"].append([person, kind, month, amount, CAP if kind == "a" and self.draw.random() < 0.2 else 0])

    def add_last(self, person: str) -> None:
        """The person with 101 rows, alone in an old age and a rare state."""
        self.rows["person"].append([person, "male", "75+", "p11", "student", False, "d00"])
        self.rows["register"].append([person, "d"])
        self.rows["followed"].append([person, 12, True, False])
        self.last = person
        for _ in range(MANY_ROWS):
            self.event(person, Decimal("-250.10"), "d")

    def plant_districts(self) -> tuple[list, list]:
        """Makes everyone in some districts unemployed, and everyone but one in others; returns both lists."""
        whole, nearly = DISTRICTS[20:40], DISTRICTS[40:60]
        excepted = set(nearly)
        for row in self.rows["person"]:
            if row[6] in (*whole, *nearly):
                row[4] = "employed" if row[6] in excepted else "unemployed"
                excepted.discard(row[6])
        return whole, nearly

    def move_last(self) -> None:
        """Gives the last person the commonest values."""
        self.rows["person"][-1] = [self.last, "female", "25-39", "p00", "employed", False, "d00"]

    def write(self, folder, without_last: bool = False, note: str = "") -> None:
        """Writes the linked dataset. Another note makes another dataset, as a new link of the same data does."""
        folder.mkdir(parents=True)
        tables = []
        for name, schema in SCHEMAS.items():
            rows = [row for row in self.rows[name] if not (without_last and row[0] == self.last)]
            columns = [pa.array([row[at] for row in rows], kind) for at, kind in enumerate(schema.values())]
            pq.write_table(pa.table(dict(zip(schema, columns))), folder / f"{name}.parquet")
            # A new link gives every person another id, and so every file another digest.
            digest = hashlib.sha256(note.encode() + (folder / f"{name}.parquet").read_bytes()).hexdigest()
            tables.append({"name": name, "file": f"{name}.parquet", "file_digest": digest, "rows": len(rows)})
        manifest = {"format": "salanimi-linked/1", "study": "attacked", "note": note, "tables": tables}
        text = json.dumps(manifest)
        (folder / "manifest.json").write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        (folder / "manifest.json.sha256").write_text(f"{digest}  manifest.json\n")


HEAD = f"""
format = "salanimi-contract/1"
[exchange.study]
id = "attacked"
window = {{ first = "{WINDOW[0]}", last = "{WINDOW[1]}" }}
[[exchange.tables]]
name = "event"
unique = ["person", "type", "month"]
columns = [{{ name = "type", codes = {json.dumps(TYPES)} }}]
[[exchange.tables]]
name = "followed"
unique = ["person"]
columns = []
[[exchange.tables]]
name = "register"
unique = ["person"]
columns = [{{ name = "kind", codes = {json.dumps(TYPES)} }}]
[release]
%s
[release.labels]
sex = {json.dumps(SEXES)}
age = {json.dumps(AGES)}
place = {json.dumps(PLACES)}
state = {json.dumps(STATES)}
district = {json.dumps(DISTRICTS)}
[release.hierarchies.age]
groups = [
    {{ "<40" = ["<25", "25-39"], "40-64" = ["40-54", "55-64"], "65+" = ["65-74", "75+"] }},
    {{ "<65" = ["<40", "40-64"] }},
]
[release.hierarchies.place]
groups = [{json.dumps(PARTS).replace(":", " =").replace("{", "{ ").replace("}", " }")}]
[release.hierarchies.month]
periods = ["quarter", "year"]
"""


def table(name: str, source: str, by, **more) -> str:
    """A [[release.tables]] entry."""
    rest = "".join(
        f"{key} = {toml(value)}\n" for key, value in {"name": name, "table": source, "by": list(by), **more}.items()
    )
    return f"[[release.tables]]\n{rest}"


def toml(value) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"
    return "[" + ", ".join(map(toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


def level(column: str, number: int) -> dict:
    return {"column": column, "level": number}


def only(column: str, *values: str) -> list:
    return [{"column": column, "is": list(values)}]


FILTERS = [table(f"filter_{state}", "person", ["place", "age"], only=only("state", state)) for state in STATES] + [
    table("unfiltered", "person", ["place", "age"]),
    table("marked_not", "person", ["place", "age"], only=only("marked", "false")),
]
NESTED = [
    table("by_place", "person", ["place", "sex"]),
    table("by_part", "person", [level("place", 1), "sex"]),
    table("by_state", "person", ["place", "state"]),
    table("part_state", "person", [level("place", 1), "state"]),
]
LEVELS = [
    table("age_0", "person", ["age", "state"]),
    table("age_1", "person", [level("age", 1), "state"]),
    table("age_2", "person", [level("age", 2), "state"]),
    table("age_1_sex", "person", [level("age", 1), "sex"]),
]
LINKED = [
    table("all_persons", "person", ["sex", "age"]),
    table("in_register", "register", ["person.sex", "person.age"]),
    table("kinds", "register", ["kind", "person.sex"]),
    table("with_event", "event", ["person.sex", "person.age"]),
]
FOUR = ["sex", "age", "place", "state"]
MARGINS = [
    table("of_" + "_".join(columns), "person", columns)
    for columns in [
        ["sex", "age"],
        ["sex", "place"],
        ["sex", "state"],
        ["age", "place"],
        ["age", "state"],
        ["place", "state"],
        ["sex", "age", "place"],
        ["sex", "age", "state"],
        ["sex", "place", "state"],
        ["age", "place", "state"],
    ]
]
ROWS = [
    table("rows", "event", ["type", level("month", 1)], count="rows", weight=WEIGHT),
    table("euros", "event", ["type"], sum={"column": "eur", "cap": CAP}),
    table("full", "event", ["type", level("month", 2)], sum={"column": "full", "cap": CAP}),
]
CURVE = '[[release.curves]]\nname = "%s"\ntable = "followed"\ntime = "time"\nevent = "exited"\nlast = 12\n'
CURVES = [CURVE % "exits" + 'by = "marked"\n', CURVE % "exits_all"]
REPEATED = [
    table("type_quarter", "event", ["type", level("month", 1)]),
    table("type_sex", "event", ["type", "person.sex"]),
    table("type_age", "event", ["type", level("person.age", 1)]),
]


def chosen(most: int) -> list[str]:
    """Tables by `marked` of ever other groups that hold the three marked persons, who are alike.

    Each gives a pair of groups that differ by them. A group is one value, or one group of a hierarchy, of some columns.
    """
    sides = [
        [None, ("sex", ["female"])],
        [None, ("age", ["25-39"]), ("age", ["<25", "25-39"]), ("age", AGES[:4])],
        [None, ("place", ["p00"]), ("place", PLACES[:4])],
        [None, ("state", ["employed"])],
    ]
    found = []
    for source, prefix in ("person", ""), ("register", "person."), ("followed", "person."):
        for conditions in itertools.product(*sides):
            picked = [{"column": prefix + one[0], "is": one[1]} for one in conditions if one]
            found.append(
                table(f"chosen_{len(found)}", source, [prefix + "marked"], **({"only": picked} if picked else {}))
            )
    return found[:most]


# Six tables that hold 48 pairs of groups that differ by the marked persons, in their totals.
DEEP = [
    table(f"deep_{at}", "person", ["sex", age, place, "state", "marked"])
    for at, (age, place) in enumerate(
        itertools.product(["age", level("age", 1), level("age", 2)], ["place", level("place", 1)])
    )
]
DISTRICT_TABLES = [
    table("district_" + "_".join(more), "person", ["district", *more, "state"])
    for more in ([], ["sex"], ["age"], ["place"], ["sex", "age"], ["sex", "place"])
]
ALIKE = {"person.sex": "female", "person.age": "25-39", "person.place": "p00", "person.state": "employed"}
SETS = {
    "filters": FILTERS,
    "nested": NESTED,
    "two levels": LEVELS,
    "linked tables": LINKED,
    "several rows a person": REPEATED,
    "margins of four columns": MARGINS,
}
EVERYTHING = FILTERS + NESTED + LEVELS + LINKED + REPEATED[1:] + MARGINS


def contract(path, items, protect: str = "round", **settings) -> None:
    """Writes a contract with these items."""
    words = "".join(f"{key} = {toml(value)}\n" for key, value in {"protect": protect, "base": 5, **settings}.items())
    path.write_text(HEAD % words + "\n".join(items), encoding="utf-8")
