"""The work of `salanimi link` done in DuckDB: spine, re-key, generalise, and write again sorted by person.

The inputs are a Kela social assistance table and a municipal social work table, pseudonymised and sorted by `pseudonym`,
and the municipality to county mapping. The population is everyone in Kela's table. DuckDB has no HMAC function, so HMAC
is composed of two calls of its sha256. Its Parquet writer always writes statistics.
"""

import argparse
from pathlib import Path

import duckdb

from hmac_sql import create_hmac_macro

PERSON_KEY = "benchmark-link-person-key-32byte"
HOUSEHOLD_KEY = "benchmark-link-household-key-32b"
NOTIFICATION_KEY = "benchmark-link-notification-key-"
LINKED_ID_BYTES = 8

# One row for each person of either table, with the tables of the person; then the persons of the population.
POPULATION = """
CREATE TABLE population AS
WITH spine AS (
    SELECT pseudonym, bool_or(in_kela) AS in_kela, bool_or(in_municipal) AS in_municipal
    FROM (
        SELECT DISTINCT pseudonym, true AS in_kela, false AS in_municipal FROM kela
        UNION ALL
        SELECT DISTINCT pseudonym, false, true FROM municipal
    )
    GROUP BY pseudonym
)
SELECT pseudonym, lower(hex(person_hmac(pseudonym))) AS person, in_kela, in_municipal FROM spine WHERE in_kela
"""

OUTPUTS = {
    "persons": "SELECT person, in_kela, in_municipal FROM population ORDER BY person",
    "kela_social_assistance": """
        SELECT person,
            kela.* EXCLUDE (pseudonym, municipality) REPLACE (
                lower(hex(household_hmac(household_id))) AS household_id,
                CAST(date_trunc('month', application_date) AS DATE) AS application_date,
                CAST(date_trunc('month', decision_date) AS DATE) AS decision_date,
                CAST(floor(paid_eur) AS INTEGER) // 50 * 50 AS paid_eur
            ),
            county
        FROM kela JOIN population USING (pseudonym) LEFT JOIN mapping USING (municipality)
        ORDER BY person""",
    "municipal_social_work": """
        SELECT person,
            municipal.* EXCLUDE (pseudonym) REPLACE (
                lower(hex(notification_hmac(linked_notification))) AS linked_notification,
                CAST(date_trunc('month', event_date) AS DATE) AS event_date,
                CAST(floor(eur) AS INTEGER) // 50 * 50 AS eur
            )
        FROM municipal JOIN population USING (pseudonym)
        ORDER BY person""",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kela")
    parser.add_argument("municipal")
    parser.add_argument("mapping", help="CSV: municipality;county")
    parser.add_argument("output", type=Path, help="folder")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    connection = duckdb.connect()
    create_hmac_macro(connection, "person_hmac", PERSON_KEY, LINKED_ID_BYTES)
    create_hmac_macro(connection, "household_hmac", HOUSEHOLD_KEY, LINKED_ID_BYTES)
    create_hmac_macro(connection, "notification_hmac", NOTIFICATION_KEY, LINKED_ID_BYTES)
    connection.read_parquet(arguments.kela).create_view("kela")
    connection.read_parquet(arguments.municipal).create_view("municipal")
    connection.read_csv(arguments.mapping, delimiter=";", header=True, all_varchar=True).create_view("mapping")

    connection.execute(POPULATION)
    persons, distinct = connection.execute("SELECT count(*), count(DISTINCT person) FROM population").fetchone()
    if persons != distinct:
        parser.error("two persons have the same re-keyed pseudonym")
    for name, query in OUTPUTS.items():
        connection.execute(f"COPY ({query}) TO '{arguments.output / name}.parquet' (FORMAT parquet, COMPRESSION zstd)")


if __name__ == "__main__":
    main()
