"""Holds released tables against the linked dataset that they were made from, and attacks them.

    release.py LINKED RELEASED CONTRACT

Every count is counted again by DuckDB, every curve estimated again by statsmodels; what was left out is attacked with scipy's linear
programs over all tables at once; rows of persons are grouped again. Stops with exit code 1 at the first difference.
"""

import csv
import itertools
import json
import sys
import tomllib
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
from scipy.optimize import linprog
from statsmodels.duration.survfunc import SurvfuncRight

from differs import Differs, expect

TOTAL, NONE = "(all)", "(none)"
PERIODS = {2: "strftime({}, '%Y')", 1: "strftime({}, '%Y') || '-Q' || quarter({})"}


def column(by) -> tuple[str, str]:
    """How a dimension is called, and its values in SQL."""
    name, level = (by, 0) if isinstance(by, str) else (by["column"], by["level"])
    source = f"p.{name.removeprefix('person.')}" if name.startswith("person.") else f"t.{name}"
    value = PERIODS[level].format(source, source) if level else f"{source}::varchar"
    return (f"{name}@{level}" if level else name), f"coalesce({value}, '{NONE}')"


def counted(database, spec: dict) -> dict[tuple, tuple[int, int, int]]:
    """Rows, persons and the sum of each cell, totals too."""
    titles = [column(by) for by in spec["by"]]
    only = f"where t.{spec['only']['column']}::varchar = '{spec['only']['is']}'" if "only" in spec else ""
    amount = f"coalesce(t.{spec['sum']}, 0)" if "sum" in spec else "0"
    values = ", ".join(f"{sql} as d{n}" for n, (_, sql) in enumerate(titles))
    names = ", ".join(f"d{n}" for n in range(len(titles)))
    rows = database.execute(
        f"select {', '.join(f'coalesce(d{n}, ?)' for n in range(len(titles)))}, count(*), count(distinct person), sum(amount)::bigint "
        f"from (select {values}, t.person, {amount} as amount from {spec['table']} t left join person p using (person) {only}) "
        f"group by cube ({names})",
        [TOTAL] * len(titles),
    ).fetchall()
    return {tuple(row[:-3]): row[-3:] for row in rows}


def read(released: Path, name: str) -> tuple[list[str], list[list]]:
    """A table's header and rows from Parquet; its CSV must say the same."""
    table = pq.read_table(released / f"{name}.parquet")
    header, rows = table.column_names, [list(row.values()) for row in table.to_pylist()]
    with (released / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    written = [["" if cell is None else str(cell) for cell in row] for row in rows]
    expect(lines[0] == header and lines[1:] == written, f"{name}: the CSV file is not the Parquet file")
    return header, rows


def check_table(database, released: Path, spec: dict, release: dict, min_cell: int) -> tuple[dict, dict]:
    """The cells that are shown and all true cells."""
    header, rows = read(released, spec["name"])
    size = len(spec["by"])
    expect(header[:size] == [column(by)[0] for by in spec["by"]], f"{spec['name']}: other dimensions")
    truth = counted(database, spec)
    shown = {tuple(row[:size]): row[size:] for row in rows}
    expect(set(truth) <= set(shown), f"{spec['name']}: cells are missing")
    for cell, (count, *sums) in shown.items():
        true, persons, amount = truth.get(cell, (0, 0, 0))
        if spec["protect"] == "round":
            few = 0 < persons < min_cell and true >= release["rounding"]
            good = count is None or (not few and count % release["rounding"] == 0 and abs(count - true) < release["rounding"])
        else:
            good = count is None or (count == true and not 0 < persons < min_cell)
            good = good and (not sums or sums[0] is None or int(sums[0]) == amount)
        expect(good, f"{spec['name']}: a cell is not what DuckDB counts, or is small")
    return shown, truth


def attack(tables: list[tuple[dict, dict, dict]], min_cell: int) -> int:
    """Linear programs for what is left out, over all tables of one linked table; the number of cells attacked."""
    cells: dict[frozenset, list] = {}
    sums = []
    for spec, shown, truth in tables:
        titles = [column(by)[0] for by in spec["by"]]
        only = {(spec["only"]["column"], spec["only"]["is"])} if "only" in spec else set()
        identity = lambda cell: frozenset({(t, v) for t, v in zip(titles, cell) if v != TOTAL} | only)
        for cell, (count, *_) in shown.items():
            known = cells.setdefault(identity(cell), [None, *truth.get(cell, (0, 0, 0))[:2]])
            known[0] = known[0] if count is None else count
        for cell in shown:
            for at in (at for at, value in enumerate(cell) if value == TOTAL):
                parts = [other for other in shown if other[at] != TOTAL and other[:at] + other[at + 1 :] == cell[:at] + cell[at + 1 :]]
                sums.append((identity(cell), [identity(part) for part in parts]))
    order = {cell: n for n, cell in enumerate(cells)}
    matrix = np.zeros((len(sums), len(order)))
    for row, (total, parts) in enumerate(sums):
        matrix[row, order[total]] -= 1
        for part in parts:
            matrix[row, order[part]] += 1
    bounds = [(known[0], known[0]) if known[0] is not None else (0, None) for known in cells.values()]
    attacked = 0
    for cell, (count, _, persons) in cells.items():
        if count is None and 0 < persons < min_cell:
            target = np.zeros(len(order))
            target[order[cell]] = 1
            ends = [linprog(sign * target, A_eq=matrix, b_eq=np.zeros(len(sums)), bounds=bounds) for sign in (1, -1)]
            least = ends[0].fun
            most = float("inf") if ends[1].status == 3 else -ends[1].fun
            expect(most - least >= min_cell - 1e-6, f"a small cell is known to lie within {most - least:.1f}")
            attacked += 1
    return attacked


def first_contacts(database, by: str) -> dict[str, list]:
    query = f"""
        select coalesce({by}::varchar, '{NONE}'), coalesce(days_to_first_contact, followed_days), days_to_first_contact is not null
        from notification where followed_days is not null
        qualify row_number() over (
            partition by person order by sent_month, followed_days desc, days_to_first_contact nulls first, notification) = 1"""
    return groups(database.execute(query).fetchall())


def exits(database, by: str, first_month: str) -> dict[str, list]:
    query = f"""
        select coalesce({by}::varchar, '{NONE}'), length_months, exited
        from spell where exit_rule = 2 and start_month > date '{first_month}-01'
        qualify row_number() over (partition by person order by spell_no) = 1"""
    return groups(database.execute(query).fetchall())


def groups(rows: list[tuple]) -> dict[str, list]:
    found: dict[str, list] = {}
    for group, time, event in rows:
        found.setdefault(group, []).append((time, event))
    return found


def check_curve(database, released: Path, spec: dict, first_month: str, min_cell: int) -> int:
    truth = first_contacts(database, spec["by"]) if spec["of"] == "first_contact" else exits(database, spec["by"], first_month)
    _, rows = read(released, spec["name"])
    for group, time, at_risk, events, survival, error, lower, upper in rows:
        followed = truth[group]
        estimate = SurvfuncRight([t for t, _ in followed], [int(e) for _, e in followed])
        at = int(np.searchsorted(estimate.surv_times, time))
        expect(estimate.surv_times[at] == time, f"{spec['name']}: a step where nothing happened")
        expect(abs(float(survival) - estimate.surv_prob[at]) < 1e-4, f"{spec['name']}: another estimate than statsmodels'")
        expect(abs(float(error) - estimate.surv_prob_se[at]) < 1e-4, f"{spec['name']}: another standard error")
        expect(lower <= survival <= upper and at_risk >= min_cell and events >= min_cell, f"{spec['name']}: a step tells of few")
    return len(rows)


def check_microdata(released: Path, spec: dict, limits: dict) -> int:
    header, rows = read(released, spec["name"])
    quasi = [n for n, name in enumerate(header) if name in ("sex", "age_group", "county", "household_type")]
    classes: dict[tuple, list] = {}
    for row in rows:
        classes.setdefault(tuple(row[n] for n in quasi), []).append(row)
    for members in classes.values():
        expect(len(members) >= limits["min_k"], f"{spec['name']}: too few are alike")
        for name in spec.get("sensitive", []):
            expect(len({row[header.index(name)] for row in members} - {NONE}) >= limits["min_l"], f"{spec['name']}: too little differs")
    return len(classes)


def main() -> None:
    linked, released, contract = map(Path, sys.argv[1:])
    rules = tomllib.loads(contract.read_text(encoding="utf-8"))
    release, limits = rules["release"], rules["limits"]
    manifest = json.loads((linked / "manifest.json").read_text())
    database = duckdb.connect()
    for table in manifest["tables"]:
        database.execute(f"create view {table['name']} as select * from read_parquet('{linked / table['file']}')")
    checked = {}
    for spec in release["tables"]:
        checked[spec["name"]] = (spec, *check_table(database, released, spec, release, limits["min_cell"]))
    print(f"ok tables: {len(checked)} are what DuckDB counts")
    exact = [table for table in checked.values() if table[0]["protect"] == "suppress"]
    attacked = 0
    for _, tables in itertools.groupby(sorted(exact, key=lambda table: table[0]["table"]), key=lambda table: table[0]["table"]):
        attacked += attack(list(tables), limits["min_cell"])
    print(f"ok attack: {attacked} small cells stay hidden")
    first = min(c["first"] for c in manifest["coverage"] if c["table"] == "kela_social_assistance")[:7]
    steps = sum(check_curve(database, released, spec, first, limits["min_cell"]) for spec in release["curves"])
    print(f"ok curves: {steps} steps are what statsmodels estimates")
    classes = sum(check_microdata(released, spec, limits) for spec in release["microdata"])
    print(f"ok microdata: {classes} classes are large and diverse enough")


if __name__ == "__main__":
    try:
        main()
    except Differs as error:
        sys.exit(str(error))
