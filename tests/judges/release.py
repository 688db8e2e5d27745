"""Holds a rounded release against what DuckDB counts in the linked dataset, and its estimates against statsmodels.

    release.py LINKED RELEASED CONTRACT

Stops with exit code 1 at the first difference. `release_reference.py` judges every cell bit for bit; this is the view of
other people's tools.
"""

import csv
import json
import sys
import tomllib
from pathlib import Path

import duckdb
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from differs import Differs, expect

TOTAL, UNKNOWN = "(all)", "(unknown)"
PERIODS = {2: "strftime({}, '%Y')", 1: "strftime({}, '%Y') || '-Q' || quarter({})"}
DESIGN_EFFECT = 1.2


def column(by) -> tuple[str, str]:
    """The title of a dimension, and its values in SQL."""
    name, level = (by, 0) if isinstance(by, str) else (by["column"], by["level"])
    source = f"p.{name.removeprefix('person.')}" if name.startswith("person.") else f"t.{name}"
    value = PERIODS[level].format(source, source) if level else f"{source}::varchar"
    title = name.replace(".", "_") + ("", "_quarter", "_year")[level]
    return title, f"coalesce({value}, '{UNKNOWN}')"


def counts_persons(spec: dict, hierarchies: dict) -> bool:
    """Whether persons are counted, by periods at most; `release_reference.py` judges the others."""
    if spec.get("count") == "rows":
        return False
    levels = [by["column"].removeprefix("person.") for by in spec["by"] if not isinstance(by, str)]
    return all("periods" in hierarchies[name] for name in levels)


def condition(only: list) -> str:
    tests = [test(one) for one in only]
    return f"where {' and '.join(tests)}" if tests else ""


def test(one: dict) -> str:
    value = f"t.{one['column']}"
    if "is" in one:
        return f"{value}::varchar in ({', '.join(map(repr, one['is']))})"
    return f"{value} is not null" if one.get("known") else f"strftime({value}, '%Y-%m') between '{one['from']}' and '{one['to']}'"


def counted(database, spec: dict) -> dict[tuple, int]:
    """Persons of each cell, totals too."""
    dimensions = [column(by)[1] for by in spec["by"]]
    names = [f"d{n}" for n in range(len(dimensions))]
    values = ", ".join(f"{sql} as {name}" for name, sql in zip(names, dimensions))
    some = f" and t.{spec['sum']['column']} is not null" if "sum" in spec else ""
    rows = database.execute(
        f"select {', '.join(f'coalesce({name}, ?)' for name in names)}, count(distinct person) "
        f"from (select {values}, t.person from {spec['table']} t left join person p using (person) "
        f"{condition(spec.get('only', [])) or 'where true'}{some}) group by cube ({', '.join(names)})",
        [TOTAL] * len(names),
    ).fetchall()
    return {tuple(row[:-1]): row[-1] for row in rows}


def read(released: Path, name: str) -> tuple[list[str], list[list[str]]]:
    with (released / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file, delimiter=";"))
    return header, rows


def check_table(database, released: Path, spec: dict, base: int) -> list[int]:
    """The errors of all cells; none reaches the base."""
    header, rows = read(released, spec["name"])
    size = len(spec["by"])
    expect(header[:size] == [column(by)[0] for by in spec["by"]], f"{spec['name']}: other dimensions")
    truth = counted(database, spec)
    shown = {tuple(row[:size]): int(row[header.index("persons")]) for row in rows}
    expect(set(truth) <= set(shown), f"{spec['name']}: cells are missing")
    errors = [count - truth.get(cell, 0) for cell, count in shown.items()]
    far = [error for error in errors if abs(error) >= base]
    expect(not far and all(count % base == 0 for count in shown.values()), f"{spec['name']}: {len(far)} cells are far off")
    return errors


def check_curve(released: Path, name: str) -> int:
    """Estimates the curve of each group again, from its published events and censored persons."""
    _, rows = read(released, name)
    groups: dict[str, list] = {}
    for group, *numbers, survival in rows:
        groups.setdefault(group, []).append((*map(int, numbers), float(survival)))
    for group, steps in groups.items():
        last_time, at_risk, events, censored, _ = steps[-1]
        times = [(time, 1, n) for time, _, n, _, _ in steps] + [(time, 0, n) for time, _, _, n, _ in steps]
        times.append((last_time + 1, 0, at_risk - events - censored))
        expanded = [(time, event) for time, event, n in times for _ in range(n)]
        estimate = SurvfuncRight([time for time, _ in expanded], [event for _, event in expanded])
        ours = {time: survival for time, _, events, _, survival in steps if events}
        for time, survival in zip(estimate.surv_times, estimate.surv_prob):
            expect(abs(ours[int(time)] - survival) <= 0.005 + 1e-9, f"{name}: another estimate for {group} at {time}")
    return len(rows)


def check_rates(released: Path, spec: dict) -> int:
    """Computes shares and intervals again, from the published numbers."""
    header, rows = read(released, spec["name"])
    for row in rows:
        cell = dict(zip(header, row))
        n, yes = int(cell["n"]), int(cell["yes"])
        if n < 30:
            expect(cell["share"] == "", f"{spec['name']}: a share of fewer than 30")
            continue
        lower, upper = proportion_confint(yes / DESIGN_EFFECT, n / DESIGN_EFFECT, method="wilson")
        for title, value in (("share", yes / n), ("lower", lower), ("upper", upper)):
            expect(abs(float(cell[title]) - value) <= 0.005 + 1e-9, f"{spec['name']}: another {title}")
    return len(rows)


def main() -> None:
    linked, released, contract = map(Path, sys.argv[1:])
    release = tomllib.loads(contract.read_text(encoding="utf-8"))["release"]
    manifest = json.loads((linked / "manifest.json").read_text(encoding="utf-8"))
    database = duckdb.connect()
    for table in manifest["tables"]:
        database.execute(f"create view {table['name']} as select * from read_parquet('{linked / table['file']}')")
    tables = [spec for spec in release["tables"] if counts_persons(spec, release["hierarchies"])]
    errors = [error for spec in tables for error in check_table(database, released, spec, release["base"])]
    mean = sum(map(abs, errors)) / len(errors)
    expect(mean <= 1.5, f"the mean error is {mean:.2f}")
    print(f"ok tables: {len(errors)} cells are near what DuckDB counts, mean error {mean:.2f}")
    print(f"ok curves: {sum(check_curve(released, spec['name']) for spec in release['curves'])} steps are statsmodels'")
    print(f"ok rates: {sum(check_rates(released, spec) for spec in release['rates'])} shares are statsmodels'")


if __name__ == "__main__":
    try:
        main()
    except Differs as error:
        sys.exit(str(error))
