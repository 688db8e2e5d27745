"""Holds the synthetic registers against the public figures that they are made after: target and achieved, as a table.

    calibration.py DEMO

DEMO is the folder of a demo (`salanimi demo --out DEMO`). Targets are those of Kela and THL for 2014-2019; [A] marks an
assumption. Needs duckdb from PyPI. The table stands in docs/benchmarks.md.
"""

import json
import sys
from pathlib import Path

import duckdb

# Whole years in which Kela's registers have every member of the household.
YEARS = "month between date '2018-01-01' and date '2019-12-31'"


def connect(demo: Path) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    for path in (demo / "linked").glob("*.parquet"):
        database.execute(f"create view {path.stem} as select * from read_parquet('{path}')")
    bands = json.loads((demo / "linked" / "manifest.json").read_text())["bands"]["person_month.eur_band"]
    database.execute("create table means (lower bigint, euros double)")
    database.executemany("insert into means values (?, ?)", [(b["lower"], b["mean_hundredths"] / 100) for b in bands])
    database.execute("""
        create view paid as
        select p.person, p.month, m.euros, p.sa_primary_income
        from person_month p left join means m on m.lower = p.eur_band
        where basic_paid and role = 'hakija'
    """)
    return database


# Name, target, query of one number, unit.
FIGURES = [
    ("paid months of a recipient in a year", "6", f"select count(*) / count(distinct (person, year(month))) from paid where {YEARS}", ""),
    ("least month of applicants, of the mean", "above 0.9 [A]", "select min(n) / avg(n) from (select count(*) as n from paid group by month)", ""),
    ("largest month of applicants, of the mean", "below 1.1 [A]", "select max(n) / avg(n) from (select count(*) as n from paid group by month)", ""),
    ("recipients of a month, of those of the year", "0.5", f"select avg(m) / avg(y) from (select count(*) as m from paid where {YEARS} group by month), (select count(distinct person) as y from paid where {YEARS} group by year(month))", ""),
    ("mean paid in a month", "450", "select avg(euros) from paid where euros is not null", "EUR"),
    ("paid months below 400 euros", "50", "select 100 * avg((euros < 400)::int) from paid where euros is not null", "%"),
    ("paid months from 1,000 euros", "8", "select 100 * avg((euros >= 1000)::int) from paid where euros is not null", "%"),
    ("notices a recipient household and year", "0.6 [A]", f"select (select count(*) from notification where year(sent_month) >= 2018) / count(distinct (person, year(month))) from paid where {YEARS}", ""),
    ("notices: application", "51", "select 100 * avg((type = 'HAKEMUS')::int) from notification where year(sent_month) >= 2018", "%"),
    ("notices: reduced basic amount", "20", "select 100 * avg((type = 'ALENNETTU_PERUSOSA')::int) from notification where year(sent_month) >= 2018", "%"),
    ("notices: social work needed", "9", "select 100 * avg((type = 'SOSIAALITYON_TARVE')::int) from notification where year(sent_month) >= 2018", "%"),
    ("notices: unemployed from 25", "10", "select 100 * avg((type = 'TYOTON_25_12KK')::int) from notification where year(sent_month) >= 2018", "%"),
    ("notices: under 25, and immigrants", "10", "select 100 * avg((type in ('TYOTON_ALLE25_4KK', 'MAAHANMUUTTAJA_2KK'))::int) from notification where year(sent_month) >= 2018", "%"),
    ("primary income of a month is that of the next", "0.9 [A]", f"select avg((a.sa_primary_income = b.sa_primary_income)::int) from paid a join paid b on b.person = a.person and b.month = a.month + interval 1 month where a.{YEARS}", ""),
    ("landmarks with four qualifying months", "not rare", "select 100 * avg((qualifying_months = 4)::int) from landmark where applicant", "%"),
    ("notice by rule at the landmark, qualifying and under 25", "90 [A]", "select 100 * avg(flagged_by_rule::int) from landmark where applicant and under_25 and qualifying_months = 4 and rule_in_force", "%"),
    ("the same from 25 on", "0", "select 100 * avg(flagged_by_rule::int) from landmark where applicant and not under_25 and qualifying_months = 4 and rule_in_force", "%"),
    ("goals with an outcome, of those that are due", "at least 60 [A]", "select 100 * avg((followup in ('assessed', 'not_assessed'))::int) from goal where followup not in ('left', 'too_early')", "%"),
]


def main() -> None:
    database = connect(Path(sys.argv[1]))
    print("| figure | target | achieved |\n|---|---|---|")
    for name, target, query, unit in FIGURES:
        achieved = database.execute(query).fetchone()[0]
        shown = "none" if achieved is None else f"{achieved:.3g} {unit}".strip()
        print(f"| {name} | {target}{' ' + unit if unit and '[' not in target else ''} | {shown} |")


if __name__ == "__main__":
    main()
