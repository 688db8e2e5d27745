"""Write a synthetic Kela social assistance table, as Parquet and as CSV, for the extract benchmark.

The persons are synthetic: registered-range numbers under signs that the population register does not yet give out.
Rows come in random order. A person has at most one row for each benefit month and expense class.
"""

import argparse

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

CHUNK_ROWS = 1 << 20
ROW_GROUP_ROWS = 1 << 18

CONTROL_CHARACTERS = np.frombuffer(b"0123456789ABCDEFHJKLMNPRSTUVWXY", dtype=np.uint8)
SIGNS_1900 = np.frombuffer(b"UVW", dtype=np.uint8)
SIGNS_2000 = np.frombuffer(b"DEF", dtype=np.uint8)
FIRST_BIRTH_DATE = np.datetime64("1940-01-01")
BIRTH_DATES = int((np.datetime64("2017-01-01") - FIRST_BIRTH_DATE).astype(np.int64))
INDIVIDUAL_NUMBERS = 898
CODES = BIRTH_DATES * INDIVIDUAL_NUMBERS * len(SIGNS_1900)
# Coprime to CODES, so that consecutive persons get distinct, scattered codes.
CODE_STRIDE = 48_271_219

FIRST_MONTH = np.datetime64("2017-01")
MONTHS = 36
LAST_DATE = np.datetime64("2019-12-31")

ROLES = ["hakija", "puoliso", "lapsi"]
DECISIONS = ["myönnetty", "hylätty", "tarkistus"]
REJECT_REASONS = ["income_exceeds", "missing_docs", "other"]
EXPENSE_CLASSES = ["perusosa", "asuminen", "terveys", "muu"]
REDUCTIONS = np.array([0, 20, 40], dtype=np.int32)
HOUSEHOLD_TYPES = ["yksin_asuva", "muu_yhden_hengen", "lapseton_pari", "lapsiperhe"]
MAIN_ACTIVITIES = ["employed", "unemployed", "student", "pensioner", "other"]
MUNICIPALITIES = ["005", "020", "049", "091", "092", "106", "109", "153", "167", "179", "257", "297", "398", "405",
                  "444", "491", "505", "529", "564", "609", "638", "680", "684", "698", "734", "743", "837", "853",
                  "858", "905"]
MEDIAN_EUR = 400


def write_digits(target, numbers):
    """Fill the columns of a byte matrix with the decimal digits of the numbers, leading zeros included."""
    for column in reversed(range(target.shape[1])):
        target[:, column] = ord("0") + numbers % 10
        numbers = numbers // 10


def fixed_width_text(characters):
    """Turn a byte matrix, one row a text, into a string array."""
    rows, width = characters.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(characters)))


def person_codes(person, first_code):
    code = (person * CODE_STRIDE + first_code) % CODES
    code, sign_number = np.divmod(code, len(SIGNS_1900))
    birth_number, individual_number = np.divmod(code, INDIVIDUAL_NUMBERS)
    individual_number += 2

    birth_date = FIRST_BIRTH_DATE + birth_number
    birth_month = birth_date.astype("datetime64[M]")
    year = birth_date.astype("datetime64[Y]").astype(np.int64) + 1970
    month = birth_month.astype(np.int64) % 12 + 1
    day = (birth_date - birth_month).astype(np.int64) + 1
    ddmmyy = day * 10_000 + month * 100 + year % 100

    characters = np.empty((len(person), 11), dtype=np.uint8)
    write_digits(characters[:, 0:6], ddmmyy)
    characters[:, 6] = np.where(year < 2000, SIGNS_1900[sign_number], SIGNS_2000[sign_number])
    write_digits(characters[:, 7:10], individual_number)
    characters[:, 10] = CONTROL_CHARACTERS[(ddmmyy * 1000 + individual_number) % 31]
    return fixed_width_text(characters)


def household_ids(household):
    characters = np.empty((len(household), 8), dtype=np.uint8)
    characters[:, 0] = ord("K")
    write_digits(characters[:, 1:], household)
    return fixed_width_text(characters)


def coded(codes, numbers, missing=None):
    return pa.array(codes).take(pa.array(numbers, mask=missing))


def euros(cents):
    words = np.zeros((len(cents), 2), dtype=np.int64)
    words[:, 0] = cents
    return pa.Decimal128Array.from_buffers(pa.decimal128(12, 2), len(cents), [None, pa.py_buffer(words)])


def draw_persons(persons, rng):
    """Returns the values that a person has in every row."""
    return {
        "role": rng.choice(len(ROLES), persons, p=[0.65, 0.12, 0.23]).astype(np.int8),
        "household_type": rng.choice(len(HOUSEHOLD_TYPES), persons, p=[0.6, 0.14, 0.05, 0.21]).astype(np.int8),
        "children": rng.choice(4, persons, p=[0.79, 0.09, 0.08, 0.04]).astype(np.int8),
        "municipality": rng.integers(len(MUNICIPALITIES), size=persons, dtype=np.int8),
        "first_month": rng.integers(MONTHS, size=persons, dtype=np.int8),
    }


def draw_rows(slots, persons, traits, first_code, rng):
    """One table of rows; a slot is the number of a person's row: its person, and its month and expense class."""
    rows = len(slots)
    nth, person = np.divmod(slots.astype(np.int64), persons)
    month_number = (traits["first_month"][person] + nth) % MONTHS
    expense_class = (nth // MONTHS + person) % len(EXPENSE_CLASSES)
    month = FIRST_MONTH + month_number
    application_date = month.astype("datetime64[D]") + rng.integers(28, size=rows)
    decision_date = np.minimum(application_date + rng.integers(15, size=rows), LAST_DATE)
    decision = rng.choice(len(DECISIONS), rows, p=[0.8, 0.15, 0.05])
    rejected = decision == DECISIONS.index("hylätty")
    cents = np.where(rejected, 0, rng.lognormal(np.log(MEDIAN_EUR * 100), 0.6, rows).astype(np.int64))
    months = [str(FIRST_MONTH + number) for number in range(MONTHS)]
    return pa.table({
        "person_code": person_codes(person, first_code),
        "role": coded(ROLES, traits["role"][person]),
        "household_id": household_ids(person // 2),
        "benefit_month": coded(months, month_number),
        "application_date": pa.array(application_date),
        "decision_date": pa.array(decision_date),
        "decision": coded(DECISIONS, decision),
        "reject_reason": coded(REJECT_REASONS, rng.choice(len(REJECT_REASONS), rows, p=[0.8, 0.17, 0.03]), ~rejected),
        "paid_eur": euros(cents),
        "expense_class": coded(EXPENSE_CLASSES, expense_class),
        "reduction_pct": pa.array(REDUCTIONS[rng.choice(len(REDUCTIONS), rows, p=[0.9, 0.07, 0.03])]),
        "household_type": coded(HOUSEHOLD_TYPES, traits["household_type"][person]),
        "n_children": pa.array(traits["children"][person].astype(np.int32)),
        "main_activity": coded(MAIN_ACTIVITIES, rng.choice(len(MAIN_ACTIVITIES), rows, p=[0.15, 0.5, 0.12, 0.08, 0.15])),
        "sa_primary_income": pa.array(rng.integers(2, size=rows, dtype=np.int32)),
        "municipality": coded(MUNICIPALITIES, traits["municipality"][person]),
    })


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--persons", type=int, required=True)
    parser.add_argument("--out-parquet", required=True)
    parser.add_argument("--out-csv", required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    most_rows = arguments.persons * MONTHS * len(EXPENSE_CLASSES)
    if not 0 < arguments.rows <= most_rows or arguments.persons > CODES:
        parser.error(f"--rows must be 1 to {most_rows}, --persons at most {CODES}")

    rng = np.random.default_rng(arguments.seed)
    first_code = int(rng.integers(CODES))
    traits = draw_persons(arguments.persons, rng)
    slots = np.arange(arguments.rows, dtype=np.int32)
    rng.shuffle(slots)

    parquet = csv = None
    csv_options = pa.csv.WriteOptions(delimiter=";", quoting_style="none", quoting_header="none")
    for start in range(0, arguments.rows, CHUNK_ROWS):
        table = draw_rows(slots[start:start + CHUNK_ROWS], arguments.persons, traits, first_code, rng)
        if parquet is None:
            parquet = pq.ParquetWriter(arguments.out_parquet, table.schema, compression="snappy")
            csv = pa.csv.CSVWriter(arguments.out_csv, table.schema, write_options=csv_options)
        parquet.write_table(table, row_group_size=ROW_GROUP_ROWS)
        csv.write_table(table)
    parquet.close()
    csv.close()


if __name__ == "__main__":
    main()
