"""Whether registers in which notices change nothing show no effect after the landmark, and a large one where it is sought wrongly.

    null_effect.py --binary SALANIMI --contract CONTRACT [--persons 50000] [--seeds 20]

For each seed it makes registers, extracts and links them. Then, over all seeds:
- the mean difference of staying four months after the landmark, with a notice by then against without, is within three
  standard errors of 0;
- a split of spells by a notice at any time differs by more than 20 points: whoever has one has stayed until then;
- the hazard ratio of leaving after a notice, month by month (Mantel and Haenszel), is within three standard errors of 1, and
  with 20 seeds between 0.93 and 1.07.
"""

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from differs import Differs, expect

HOLDERS = ("kela", "helsinki", "tampere")
# With so many seeds the hazard ratio must be this near to 1.
MANY, NEAR = 20, 0.07
# The share of the naive difference that must show.
NAIVE = 0.20

# Persons at risk and exits by month, of groups 0 and 1.
CURVE = """
with rows as ({rows}), months as (select unnest(range(1, 5)) as month)
select flagged::int, month, count(*) filter (followed >= month), count(*) filter (exited and followed = month)
from rows, months group by all order by all
"""
LANDMARK = """
select flagged, months_followed as followed, exited from landmark
where applicant and age_months_minus_300 is not null and rule_in_force and not flagged_earlier and months_followed > 0
"""
SPELL = """
select flag_month_relative is not null as flagged, months_followed as followed, exited from spell
where exit_rule = 2 and not left_truncated and months_followed > 0
"""
HAZARD = """
select spell_month, coalesce(months_since_flag >= 1, false)::int as exposed, count(*), count(*) filter (exits)
from person_month where spell_month is not null and exits is not null and basic_paid group by all
"""


def linked(binary: Path, contract: Path, persons: int, seed: int, folder: Path) -> duckdb.DuckDBPyConnection:
    """Makes, extracts and links registers, and returns a database with the linked tables."""

    def run(*arguments) -> None:
        done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"{arguments[0]} failed: {done.stderr[-300:]}")

    source, key = folder / "src", folder / "study.key"
    run("synth", "--contract", contract, "--persons", persons, "--seed", seed, "--out", source)
    run("key", "new", "--contract", source / "contract.toml", key)
    for holder in HOLDERS:
        out = folder / holder
        run("extract", "--contract", source / "contract.toml", "--holder", source / holder / "holder.toml", "--key", key, "--unsealed", "--out", out)
    run("link", "--contract", source / "contract.toml", "--out", folder / "linked", *(folder / holder for holder in HOLDERS))
    database = duckdb.connect()
    for table in ("landmark", "spell", "person_month"):
        database.execute(f"create table {table} as select * from read_parquet('{folder / 'linked' / table}.parquet')")
    return database


def difference(database, rows: str) -> tuple[float, float]:
    """The difference of staying four months, group 1 less group 0, and its variance (Greenwood)."""
    survival, variance = {0: 1.0, 1: 1.0}, {0: 0.0, 1: 0.0}
    for group, _, at_risk, exits in database.execute(CURVE.format(rows=rows)).fetchall():
        expect(at_risk > exits, "a group without anybody")
        survival[group] *= 1 - exits / at_risk
        variance[group] += exits / (at_risk * (at_risk - exits))
    return survival[1] - survival[0], sum(survival[group] ** 2 * variance[group] for group in (0, 1))


def add_hazards(database, strata: dict) -> None:
    for month, exposed, at_risk, exits in database.execute(HAZARD).fetchall():
        cell = strata.setdefault(month, [[0, 0], [0, 0]])[exposed]
        cell[0] += at_risk
        cell[1] += exits


def hazard_ratio(strata: dict) -> tuple[float, float]:
    """The ratio of the exposed to the others by Mantel and Haenszel, and the standard error of its logarithm."""
    above = below = spread = 0.0
    for (others, of_others), (exposed, of_exposed) in strata.values():
        total = others + exposed
        if others and exposed:
            above += of_exposed * others / total
            below += of_others * exposed / total
            events = of_exposed + of_others
            spread += (events * exposed * others - of_exposed * of_others * total) / total**2
    return above / below, math.sqrt(spread / (above * below))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--contract", type=Path, required=True)
    parser.add_argument("--persons", type=int, default=50_000)
    parser.add_argument("--seeds", type=int, default=20)
    given = parser.parse_args()
    landmarks, naive, strata = [], [], {}
    for seed in range(1, given.seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            database = linked(given.binary.resolve(), given.contract.resolve(), given.persons, seed, Path(folder))
            landmarks.append(difference(database, LANDMARK))
            naive.append(difference(database, SPELL)[0])
            add_hazards(database, strata)
    mean = sum(value for value, _ in landmarks) / given.seeds
    error = math.sqrt(sum(variance for _, variance in landmarks)) / given.seeds
    wrong = sum(naive) / given.seeds
    ratio, of_log = hazard_ratio(strata)
    print(f"after the landmark {mean:+.4f} (standard error {error:.4f}), naive {wrong:+.3f}, hazard ratio {ratio:.3f} ({of_log:.3f})")
    expect(abs(mean) <= 3 * error, "an effect after the landmark, where there is none")
    expect(wrong > NAIVE, "the naive split does not show its fault")
    expect(abs(math.log(ratio)) <= 3 * of_log, "a hazard ratio that is not 1")
    if given.seeds >= MANY:
        expect(abs(ratio - 1) <= NEAR, "a hazard ratio that is far from 1")
    print(f"ok {given.seeds} seeds of {given.persons} persons")


if __name__ == "__main__":
    try:
        main()
    except Differs as error:
        sys.exit(str(error))
