"""Make the study's five analysis tables from a linked dataset with DuckDB, by the queries that define them, as Parquet files.

    tables_duckdb.py LINKED MAPPINGS OUT
"""

import sys
from pathlib import Path

here = Path(__file__).resolve()
sys.path.insert(0, str(here.parents[2] / "examples" / "python"))
from tables import connect  # noqa: E402

QUERIES = here.parents[2] / "config" / "studies" / "toituavain" / "tables"


def main():
    linked, mappings, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    database = connect(linked, mappings)
    for query in sorted(QUERIES.glob("*.sql")):
        database.execute(
            f"copy ({query.read_text()}) to '{out / query.stem}.parquet' (format parquet, compression zstd)"
        )


if __name__ == "__main__":
    main()
