"""Computes the analysis tables of the study from a linked dataset, by the queries in config/studies/toituavain/tables/.

    python tables.py LINKED MAPPINGS QUERY...

LINKED is a linked dataset with exact dates and euros. MAPPINGS is the folder of the contract's mapping files. QUERY is
a file such as config/studies/toituavain/tables/person.sql. Needs duckdb and holidays from PyPI.
"""

import datetime
import json
import sys
from pathlib import Path

import duckdb
import holidays


def connect(linked: Path, mappings: Path) -> duckdb.DuckDBPyConnection:
    """Returns a database with the linked tables as views, and the other tables that the queries read."""
    database = duckdb.connect()
    manifest = json.loads((linked / "manifest.json").read_text())
    for table in manifest["tables"]:
        database.execute(f"create view {table['name']} as select * from read_parquet('{linked / table['file']}')")
    for name, code in {"municipality_county": "municipality", "organiser_county": "organiser"}.items():
        (file,) = mappings.glob(f"{name}_*.csv")
        source = f"read_csv('{file}', delim = ';', header = true, all_varchar = true)"
        database.execute(f"create table {name} as select {code}, county from {source}")
    database.execute("create table coverage (table_name text, organiser text, first_day date, last_day date)")
    rows = [(c["table"], c["organiser"], c["first"], c["last"]) for c in manifest["coverage"]]
    database.executemany("insert into coverage values (?, ?, ?, ?)", rows)
    database.execute("create table calendar (day date, working_days integer)")
    first = min(datetime.date.fromisoformat(row[2]) for row in rows)
    last = max(datetime.date.fromisoformat(row[3]) for row in rows)
    database.executemany("insert into calendar values (?, ?)", calendar(first, last))
    return database


def calendar(first: datetime.date, last: datetime.date) -> list[tuple[datetime.date, int]]:
    """Returns each day with the number of working days up to it: Monday to Friday except holidays and their eves."""
    days = [first + datetime.timedelta(days=n) for n in range((last - first).days + 1)]
    years = range(first.year, last.year + 1)
    named = holidays.country_holidays("FI", years=years, categories=("public", "unofficial"))
    eves = {day for day, name in named.items() if any(eve in name for eve in ("aatto", "Eve"))}
    closed = set(holidays.country_holidays("FI", years=years)) | {
        day for day in eves if (day.month, day.day) == (12, 24) or day.month == 6
    }
    count, counted = 0, []
    for day in days:
        count += day.weekday() < 5 and day not in closed
        counted.append((day, count))
    return counted


def main() -> None:
    linked, mappings, *queries = map(Path, sys.argv[1:])
    database = connect(linked, mappings)
    for query in queries:
        print(query.stem)
        print(database.sql(query.read_text()))


if __name__ == "__main__":
    main()
