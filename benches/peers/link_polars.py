"""The work of `salanimi link` done in polars: spine, re-key, generalise, and write again sorted by person.

The inputs are a Kela social assistance table and a municipal social work table, pseudonymised and sorted by `pseudonym`,
and the municipality to county mapping. The population is everyone in Kela's table.
"""

import argparse
from pathlib import Path

import polars as pl
import polars_hash  # noqa: F401 (registers the `chash` expressions)

PERSON_KEY = "benchmark-link-person-key-32byte"
HOUSEHOLD_KEY = "benchmark-link-household-key-32b"
NOTIFICATION_KEY = "benchmark-link-notification-key-"
PERSON_HEX_DIGITS = 16
BAND_EUR = 50


def rekeyed(identifier, key):
    return identifier.chash.hmac_sha256(key=key).str.head(PERSON_HEX_DIGITS)


def month(column):
    return pl.col(column).dt.month_start()


def band(column):
    return pl.col(column).cast(pl.Int32) // BAND_EUR * BAND_EUR


def spine(kela, municipal):
    """Returns one row for each person of either table, with the tables of the person."""
    in_kela = kela.select("pseudonym").unique().with_columns(in_kela=True)
    in_municipal = municipal.select("pseudonym").unique().with_columns(in_municipal=True)
    return in_kela.join(in_municipal, on="pseudonym", how="full", coalesce=True).with_columns(
        pl.col("in_kela", "in_municipal").fill_null(False)
    )


def linked_kela(kela, population, county_of):
    return linked(kela, population).with_columns(
        rekeyed(pl.col("household_id"), HOUSEHOLD_KEY),
        month("application_date"),
        month("decision_date"),
        band("paid_eur"),
        pl.col("municipality").cast(pl.String).replace_strict(county_of, default=None).alias("county"),
    ).drop("municipality")


def linked_municipal(municipal, population):
    return linked(municipal, population).with_columns(
        rekeyed(pl.col("linked_notification"), NOTIFICATION_KEY), month("event_date"), band("eur")
    )


def linked(table, population):
    persons = population.lazy().select("pseudonym", "person")
    columns = pl.exclude("pseudonym", "person")
    return table.join(persons, on="pseudonym").select("person", columns).sort("person")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kela")
    parser.add_argument("municipal")
    parser.add_argument("mapping", help="CSV: municipality;county")
    parser.add_argument("output", type=Path, help="folder")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    kela, municipal = pl.scan_parquet(arguments.kela), pl.scan_parquet(arguments.municipal)
    mapping = pl.read_csv(arguments.mapping, separator=";", infer_schema=False)
    county_of = dict(mapping.iter_rows())

    population = spine(kela, municipal).filter("in_kela").collect(engine="streaming").with_columns(
        rekeyed(pl.col("pseudonym"), PERSON_KEY).alias("person")
    ).sort("person")
    if population["person"].n_unique() != population.height:
        parser.error("two persons have the same re-keyed pseudonym")

    outputs = {
        "persons": population.lazy().select("person", "in_kela", "in_municipal"),
        "kela_social_assistance": linked_kela(kela, population, county_of),
        "municipal_social_work": linked_municipal(municipal, population),
    }
    for name, table in outputs.items():
        table.sink_parquet(arguments.output / f"{name}.parquet", compression="zstd", statistics=False, engine="streaming")


if __name__ == "__main__":
    main()
