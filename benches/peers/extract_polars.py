"""The work of `salanimi extract` done in polars: pseudonymise, derive, sort and write the Kela social assistance table.

The input is the table of make_extract_input.py, Parquet or CSV by its extension. Codes are only trimmed and put in
upper case: unlike salanimi, this peer validates nothing.
"""

import argparse

import polars as pl
import polars_hash  # noqa: F401 (registers the `chash` expressions)

PERSON_KEY = "benchmark-person-key-32-bytes-00"
HOUSEHOLD_KEY = "benchmark-household-key-32-bytes"
PSEUDONYM_HEX_DIGITS = 32


def codes(*values):
    """A column of known codes: an enumeration in byte order sorts like its text, and faster."""
    return pl.Enum(sorted(values))


SCHEMA = {
    "person_code": pl.String,
    "role": codes("hakija", "puoliso", "lapsi"),
    "household_id": pl.String,
    "benefit_month": pl.String,
    "application_date": pl.Date,
    "decision_date": pl.Date,
    "decision": codes("myönnetty", "hylätty", "tarkistus"),
    "reject_reason": codes("income_exceeds", "missing_docs", "other"),
    "paid_eur": pl.Decimal(12, 2),
    "expense_class": codes("perusosa", "asuminen", "terveys", "muu"),
    "reduction_pct": pl.Int32,
    "household_type": codes("yksin_asuva", "muu_yhden_hengen", "lapseton_pari", "lapsiperhe"),
    "n_children": pl.Int32,
    "main_activity": codes("employed", "unemployed", "student", "pensioner", "other"),
    "sa_primary_income": pl.Int32,
    "municipality": codes(*(f"{number:03}" for number in range(1000))),
}
SEX = codes("female", "male")


def scan(path):
    if path.endswith(".parquet"):
        return pl.scan_parquet(path).cast(SCHEMA)
    return pl.scan_csv(path, separator=";", schema=SCHEMA)


def pseudonym(identifier, key):
    return identifier.chash.hmac_sha256(key=key).str.head(PSEUDONYM_HEX_DIGITS).str.decode("hex")


def half(column, number):
    """Eight bytes of a pseudonym as an integer: the same order as the bytes, and sorted twice as fast."""
    return pl.col(column).bin.slice(8 * number, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big")


def extract(source):
    code = pl.col("person_code")
    sign = code.str.slice(6, 1)
    ddmmyy = code.str.slice(0, 6).cast(pl.Int32)
    century = pl.when(sign.is_in(list("ABCDEF"))).then(2000).when(sign == "+").then(1800).otherwise(1900)
    birth_year = century + ddmmyy % 100
    birth_month = ddmmyy // 100 % 100
    birth_day = ddmmyy // 10_000
    is_male = code.str.slice(7, 3).cast(pl.Int32) % 2 == 1
    benefit_month = (pl.col("benefit_month") + "-01").str.to_date("%Y-%m-%d")
    months_since_birth_month = 12 * (benefit_month.dt.year() - birth_year) + benefit_month.dt.month() - birth_month
    delivered = source.with_columns(code.str.strip_chars().str.to_uppercase()).select(
        pseudonym(code, PERSON_KEY).alias("pseudonym"),
        pl.col("role"),
        pseudonym(pl.col("household_id"), HOUSEHOLD_KEY),
        benefit_month,
        pl.exclude("person_code", "role", "household_id", "benefit_month"),
        birth_year.alias("birth_year"),
        pl.when(is_male).then(pl.lit("male", dtype=SEX)).otherwise(pl.lit("female", dtype=SEX)).alias("sex"),
        (months_since_birth_month - (birth_day > 1).cast(pl.Int32)).alias("age_months"),
    )
    # Streaming is the fastest for the columns, and the in-memory engine for the sort.
    # The derived columns follow from the pseudonym and the benefit month, so they cannot change the order.
    return delivered.collect(engine="streaming").sort(
        half("pseudonym", 0), half("pseudonym", 1), pl.exclude("pseudonym", "birth_year", "sex", "age_months")
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input")
    parser.add_argument("output")
    arguments = parser.parse_args()
    extract(scan(arguments.input)).write_parquet(arguments.output, compression="zstd", statistics=False)


if __name__ == "__main__":
    main()
