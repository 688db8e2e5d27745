"""Runs the queries that define the study's analysis tables over a linked dataset, and compares them with its own tables.

    tables.py LINKED MAPPINGS QUERIES TABLE...

Every cell is compared. Prints a line a table, "ok ...". Stops with exit code 1 at the first table that differs, and says in which
columns and how often, never a value.
"""

import sys
from pathlib import Path

from differs import Differs

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "python"))
from tables import connect  # noqa: E402


def compare(database, linked: Path, query: Path) -> None:
    ours, theirs = f"read_parquet('{linked / query.stem}.parquet')", query.read_text()
    types = dict(row[:2] for row in database.execute(f"describe select * from {ours}").fetchall())
    columns = [row[0] for row in database.execute(f"describe {theirs}").fetchall()]
    if wrong := set(columns) ^ set(types):
        raise Differs(f"{query.stem}: columns {sorted(wrong)} are in one of both only")
    names = ", ".join(columns)
    cast = ", ".join(f"{name}::{types[name]} as {name}" for name in columns)
    database.execute(f"create or replace temp table ours as select {names} from {ours}")
    database.execute(f"create or replace temp table theirs as select {cast} from ({theirs})")
    rows, differing = (
        database.execute(f"select count(*) from ({part})").fetchone()[0]
        for part in (
            "from ours",
            "(from ours except all from theirs) union all (from theirs except all from ours)",
        )
    )
    if differing:
        alone = [
            name
            for name in columns
            if database.execute(f"select 1 from (select {name} from ours except all select {name} from theirs)").fetchone()
        ]
        raise Differs(f"{query.stem}: {differing} rows of {rows} are in one of both only; columns that differ: {alone}")
    told = database.execute(f"select {', '.join(f'count({name}) > 0' for name in columns)} from ours").fetchone()
    empty = [name for name, has in zip(columns, told) if not has]
    print(f"ok {query.stem}: {rows} rows of {len(columns)} columns agree" + (f"; without any value: {empty}" if empty else ""))


def main() -> None:
    linked, mappings, queries, *tables = sys.argv[1:]
    database = connect(Path(linked), Path(mappings))
    for table in tables:
        compare(database, Path(linked), Path(queries) / f"{table}.sql")


if __name__ == "__main__":
    try:
        main()
    except Differs as error:
        sys.exit(str(error))
