"""Reads a linked dataset: prints its tables, and the share of notices answered within 30 days, by county.

    python read.py LINKED

Needs duckdb from PyPI. Counts are rounded to base 5 and small ones are suppressed, so others may see the screen. Tables
that leave the secure environment come from `salanimi release`.
"""

import json
import sys
from pathlib import Path

import duckdb

FEWEST = 5


def main() -> None:
    linked = Path(sys.argv[1])
    package = json.loads((linked / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        print(f"{resource['name']:24} {resource['title']}")
    notices = linked / "notification.parquet"
    rows = duckdb.execute(
        """
        select recipient_county, count(*), count(*) filter (reached_30d)
        from read_parquet(?)
        where reached_30d is not null
        group by recipient_county
        having count(distinct person) filter (reached_30d) >= ? and count(distinct person) filter (not reached_30d) >= ?
        order by recipient_county
        """,
        [str(notices), FEWEST, FEWEST],
    ).fetchall()
    print("\ncounty  notices  reached within 30 days")
    for county, *counts in rows:
        # The share of rounded counts discloses no more than the counts.
        sent, reached = (round(count / FEWEST) * FEWEST for count in counts)
        print(f"{county:6}  {sent:7}  {reached / sent:.0%}")


if __name__ == "__main__":
    main()
