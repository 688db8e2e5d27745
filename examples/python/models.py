"""Two models of the study, from a linked dataset, and a released table beside them.

    python models.py LINKED [RELEASED]

1. Leaving assistance, month by month (person_month): a discrete-time hazard with a complementary log-log link. Whoever has
   had a notice is exposed from the month after it on. The exponent of the coefficient is a hazard ratio.
2. The jump at 25 years (landmark): a local linear regression of the fourth month on age, on each side of 25.

Both are descriptive until you argue otherwise. Estimates of models are results, too: let them pass the study's disclosure
control before they leave. Needs duckdb, numpy, pandas and statsmodels from PyPI.
"""

import csv
import sys
from pathlib import Path

import duckdb
import numpy as np
import statsmodels.api as sm

# Months of a spell that have a baseline of their own; later ones share one.
LONGEST = 24
# Months of age on each side of 25.
BANDWIDTH = 24


def hazard(linked: Path) -> None:
    """Fits the hazard of leaving, and prints the ratio of the exposed to the others."""
    rows = duckdb.execute(
        """
        select person, least(spell_month, ?) as month, coalesce(months_since_flag >= 1, false)::int as exposed, exits::int as exits
        from read_parquet(?)
        where spell_month is not null and exits is not null and basic_paid and role in ('hakija', 'puoliso')
        """,
        [LONGEST, str(linked / "person_month.parquet")],
    ).df()
    months = np.eye(LONGEST)[rows["month"].to_numpy() - 1]
    used = months.sum(axis=0) > 0
    predictors = np.column_stack([rows["exposed"].to_numpy(), months[:, used]])
    link = sm.families.links.CLogLog()
    groups = rows["person"].astype("category").cat.codes.to_numpy()
    model = sm.GLM(rows["exits"].to_numpy(), predictors, family=sm.families.Binomial(link))
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups})
    ratio, error = np.exp(fit.params[0]), fit.bse[0]
    print(f"hazard ratio of leaving after a notice: {ratio:.2f} (standard error of its logarithm {error:.2f}, {len(rows)} months)")


def jump(linked: Path, outcome: str) -> None:
    """Fits a line on each side of 25 years, and prints the difference of their ends."""
    rows = duckdb.execute(
        f"""
        select age_months_minus_300 as age, under_25::int as young, {outcome}::int as outcome
        from read_parquet(?)
        where applicant and not flagged_earlier and rule_in_force and {outcome} is not null
            and age_months_minus_300 between ? and ?
        """,
        [str(linked / "landmark.parquet"), -BANDWIDTH, BANDWIDTH - 1],
    ).df()
    # In the middle of a month of age.
    age = rows["age"].to_numpy() + 0.5
    young = rows["young"].to_numpy()
    fit = sm.OLS(rows["outcome"].to_numpy(), sm.add_constant(np.column_stack([young, age, young * age]))).fit(cov_type="HC1")
    print(f"{outcome}: under 25 against over, at 25: {fit.params[1]:+.3f} (standard error {fit.bse[1]:.3f}, {len(rows)} persons)")


def released(folder: Path, name: str) -> None:
    """Prints the rows of a released table."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter=";"):
            print("  ".join(row))


def main() -> None:
    linked = Path(sys.argv[1])
    hazard(linked)
    for outcome in ("flagged_by_rule", "paid_m4", "primary_m4"):
        jump(linked, outcome)
    if len(sys.argv) > 2:
        released(Path(sys.argv[2]), "landmark_flow")


if __name__ == "__main__":
    main()
