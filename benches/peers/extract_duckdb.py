"""The work of `salanimi extract` done in DuckDB: pseudonymise, derive, sort and write the Kela social assistance table.

The input is the table of make_extract_input.py, Parquet or CSV by its extension. DuckDB has no HMAC function, so HMAC is
composed of two calls of its sha256. Codes are only trimmed and put in upper case: unlike salanimi, this peer validates
nothing. DuckDB's Parquet writer always writes statistics.
"""

import argparse

import duckdb

from hmac_sql import create_hmac_macro

PERSON_KEY = "benchmark-person-key-32-bytes-00"
HOUSEHOLD_KEY = "benchmark-household-key-32-bytes"
PSEUDONYM_BYTES = 16

CSV_COLUMNS = {
    "person_code": "VARCHAR",
    "role": "VARCHAR",
    "household_id": "VARCHAR",
    "benefit_month": "VARCHAR",
    "application_date": "DATE",
    "decision_date": "DATE",
    "decision": "VARCHAR",
    "reject_reason": "VARCHAR",
    "paid_eur": "DECIMAL(12, 2)",
    "expense_class": "VARCHAR",
    "reduction_pct": "INTEGER",
    "household_type": "VARCHAR",
    "n_children": "INTEGER",
    "main_activity": "VARCHAR",
    "sa_primary_income": "INTEGER",
    "municipality": "VARCHAR",
}

EXTRACT = """
COPY (
    WITH canonical AS (
        SELECT * REPLACE (upper(trim(person_code)) AS person_code, CAST(benefit_month || '-01' AS DATE) AS benefit_month)
        FROM source
    ), parsed AS (
        SELECT *,
            CASE WHEN person_code[7] IN ('A', 'B', 'C', 'D', 'E', 'F') THEN 2000 WHEN person_code[7] = '+' THEN 1800 ELSE 1900 END
                + CAST(person_code[5:6] AS INTEGER) AS birth_year,
            CAST(person_code[3:4] AS INTEGER) AS birth_month,
            CAST(person_code[1:2] AS INTEGER) AS birth_day,
            CAST(person_code[8:10] AS INTEGER) % 2 = 1 AS is_male
        FROM canonical
    )
    SELECT person_hmac(encode(person_code)) AS pseudonym,
        role,
        household_hmac(encode(household_id)) AS household_id,
        benefit_month,
        * EXCLUDE (person_code, role, household_id, benefit_month, birth_year, birth_month, birth_day, is_male),
        birth_year,
        CASE WHEN is_male THEN 'male' ELSE 'female' END AS sex,
        CAST(12 * (year(benefit_month) - birth_year) + month(benefit_month) - birth_month - CAST(birth_day > 1 AS INTEGER)
            AS INTEGER) AS age_months
    FROM parsed
    -- The derived columns follow from the pseudonym and the benefit month, so they cannot change the order.
    ORDER BY pseudonym, role, household_id, benefit_month, application_date, decision_date, decision, reject_reason, paid_eur,
        expense_class, reduction_pct, household_type, n_children, main_activity, sa_primary_income, municipality
) TO '{output}' (FORMAT parquet, COMPRESSION zstd)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input")
    parser.add_argument("output")
    arguments = parser.parse_args()

    connection = duckdb.connect()
    connection.execute("SET default_null_order = 'nulls_first'")
    create_hmac_macro(connection, "person_hmac", PERSON_KEY, PSEUDONYM_BYTES)
    create_hmac_macro(connection, "household_hmac", HOUSEHOLD_KEY, PSEUDONYM_BYTES)
    if arguments.input.endswith(".parquet"):
        source = connection.read_parquet(arguments.input)
    else:
        source = connection.read_csv(arguments.input, delimiter=";", header=True, quotechar="", columns=CSV_COLUMNS)
    source.create_view("source")
    connection.execute(EXTRACT.format(output=arguments.output))


if __name__ == "__main__":
    main()
