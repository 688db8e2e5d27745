"""Compares what `extract` reads from random sources with what other programs wrote there.

    sources.py --binary SALANIMI [--trials 40] [--seed 1]

Of three sources one is CSV by Python's csv module, in a random dialect; one is Parquet by pyarrow or DuckDB, with random column
types; and one is a SAS data set by ReadStat, which pyreadstat reads first. The delivered values are read by pyarrow. Prints "ok ...", or the first difference and exits with 1.
"""

import argparse
import csv
import datetime
import decimal
import gzip
import io
import random
import subprocess
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import pyreadstat

import sas_writer
from differs import Differs, expect

SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
LETTERS = "abcxyz äöåéÄÖ'\"\\;,|\t-"
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()

CONTRACT = """format = "salanimi-contract/1"
[exchange]
scheme = "hkdf-sha256/hmac-sha256-128/v1"
[exchange.study]
id = "sources"
title = "Sources"
permit = "PERMIT-0000/2026"
controller = "Nobody: the data is synthetic"
domain = "Everyone who does not hold the project key"
window = { first = "1900-01-01", last = "2030-12-31" }
[exchange.identifiers.hetu]
syntax = "hetu"
[[exchange.tables]]
name = "rows"
unique = ["person", "n"]
duplicates = "refuse"
columns = [
    { name = "person", role = "person", kind = "hetu" },
    { name = "n", role = "attribute", type = "integer", required = true },
    { name = "word", role = "attribute", type = "text", pattern = "(?s).*" },
    { name = "whole", role = "attribute", type = "integer" },
    { name = "amount", role = "sensitive", type = "decimal", scale = 2 },
    { name = "day", role = "attribute", type = "date" },
    { name = "flag", role = "attribute", type = "flag" },
]
[population]
any_of = ["rows"]
[limits]
max_reject_share = 0.0
"""

HOLDER = """format = "salanimi-holder/1"
holder = "town"
[delivery]
number = 1
period = {{ first = "1900-01-01", last = "2030-12-31" }}
[[sources]]
table = "rows"
files = ["{file}"]
{keys}
[sources.columns]
{columns}
"""

COLUMNS = ["person", "n", "word", "whole", "amount", "day", "flag"]


def code(dice):
    """A code of the series that is given to nobody."""
    date = f"{dice.randint(1, 28):02}{dice.randint(1, 12):02}{dice.randint(50, 99)}"
    individual = f"{dice.randint(900, 999)}"
    return f"{date}-{individual}{SIGNS[int(date + individual) % 31]}"


def word(dice):
    text = "".join(dice.choice(LETTERS) for _ in range(dice.randint(1, 12)))
    if dice.random() < 0.1:
        text = f"a{text}\nb"
    return text.strip() or "x"


def rows(dice):
    """Random rows. `None` is a missing value."""
    start = datetime.date(1850, 1, 1)

    def maybe(value):
        return None if dice.random() < 0.15 else value

    return [
        {
            "person": code(dice),
            "n": n,
            "word": maybe(word(dice)),
            "whole": maybe(dice.choice([dice.randint(-9, 9), dice.randint(-(2**31), 2**31 - 1)])),
            "amount": maybe(decimal.Decimal(dice.choice([dice.randint(0, 999), dice.randint(-(10**9), 10**9)])).scaleb(-2)),
            "day": maybe(start + datetime.timedelta(days=dice.randint(0, 100_000))),
            "flag": maybe(dice.random() < 0.5),
        }
        for n in range(dice.randint(1, 400))
    ]


def number_text(value, mark, thousands, dice):
    """A number in one of the spellings that lose nothing."""
    text = str(value)
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, fraction = text.partition(".")
    if dice.random() < 0.3:
        fraction += "0" * dice.randint(1, 3)
    if thousands and dice.random() < 0.7:
        whole = f"{int(whole):,}".replace(",", thousands)
    return sign + whole + (mark + fraction if fraction else "")


def day_text(day, form):
    match form:
        case "yyyy-mm-dd":
            return day.isoformat()
        case "yyyymmdd":
            return day.strftime("%Y%m%d")
        case "d.m.yyyy":
            return f"{day.day}.{day.month}.{day.year}"
        case "ddMONyyyy":
            return f"{day.day:02}{MONTHS[day.month - 1]}{day.year}"
        case "d.m.yyyy hh:mm":
            return f"{day.day:02}.{day.month:02}.{day.year} 13:45:00"


def write_csv(folder, data, dice):
    """Writes a CSV file in a random dialect. Returns the keys of the source."""
    delimiter = dice.choice(";,\t|")
    mark = dice.choice([m for m in ".," if m != delimiter])
    thousands = dice.choice([None, " ", "\N{NO-BREAK SPACE}", *(m for m in ".'" if m not in (mark, delimiter))])
    form = dice.choice(["yyyy-mm-dd", "yyyymmdd", "d.m.yyyy", "ddMONyyyy", "d.m.yyyy hh:mm"])
    encoding = dice.choice(["utf-8", "latin-1"])
    flags = dice.choice([("0", "1"), ("False", "True"), ("FALSE", "TRUE"), ("0.0", "1.0")])
    if mark != ".":
        flags = ("false", "true")
    out = io.StringIO(newline="")
    quoting = dice.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=dice.choice(["\n", "\r\n"]))
    order = dice.sample(COLUMNS, len(COLUMNS))
    writer.writerow(order)
    for row in data:
        texts = dict(row)
        for name in ("whole", "amount"):
            texts[name] = "" if row[name] is None else number_text(row[name], mark, thousands, dice)
        texts["day"] = "" if row["day"] is None else day_text(row["day"], form)
        texts["flag"] = "" if row["flag"] is None else flags[row["flag"]]
        texts["word"] = "" if row["word"] is None else row["word"]
        writer.writerow(texts[name] for name in order)
    text = out.getvalue().encode(encoding)
    if encoding == "utf-8" and dice.random() < 0.5:
        text = b"\xef\xbb\xbf" + text
    (folder / "source.csv").write_bytes(gzip.compress(text) if dice.random() < 0.3 else text)
    keys = ['format = "csv"', f"delimiter = '{delimiter}'", f"decimal = '{mark}'", f'encoding = "{encoding}"']
    keys += [f'dates = ["{form}"]'] + ([f'thousands = "{thousands}"'] if thousands else [])
    return "source.csv", keys


def write_parquet(folder, data, dice):
    """Writes a Parquet file with random types. Returns the keys of the source."""
    narrow = all(row["whole"] is None or abs(row["whole"]) < 128 for row in data)
    types = {
        "person": dice.choice([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]),
        "n": dice.choice([pa.int32(), pa.int64(), pa.float64(), pa.uint16()]),
        "word": dice.choice([pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int16(), pa.string())]),
        "whole": pa.int8() if narrow else dice.choice([pa.int32(), pa.int64(), pa.float64(), pa.decimal128(14, 3)]),
        "amount": dice.choice([pa.decimal128(12, 2), pa.decimal128(18, 4), pa.decimal128(38, 10), pa.float64()]),
        "day": dice.choice([pa.date32(), pa.date64(), *map(pa.timestamp, ("s", "ms", "us"))]),
        "flag": dice.choice([pa.bool_(), pa.int8(), pa.float64()]),
    }
    int96 = pa.types.is_timestamp(types["day"]) and dice.random() < 0.5

    def column(name):
        values = [row[name] for row in data]
        if name == "amount" and pa.types.is_floating(types[name]):
            values = [None if value is None else float(value) for value in values]
        if name == "flag" and not pa.types.is_boolean(types[name]):
            values = [None if value is None else int(value) for value in values]
        if pa.types.is_decimal(types[name]):
            values = [None if value is None else decimal.Decimal(value) for value in values]
        if pa.types.is_timestamp(types[name]):
            noon = datetime.time(12, 0)
            values = [None if value is None else datetime.datetime.combine(value, noon) for value in values]
        return pa.array(values, types[name])

    written = pa.table({name: column(name) for name in dice.sample(COLUMNS, len(COLUMNS))})
    path = folder / "source.parquet"
    if dice.random() < 0.3 and not pa.types.is_string_view(types["word"]):
        duckdb.connect().execute(f"copy (select * from written) to '{path}' (format parquet, compression zstd)")
    else:
        compression = dice.choice(["none", "snappy", "gzip", "zstd", "brotli"])
        pq.write_table(written, path, compression=compression, use_deprecated_int96_timestamps=int96)
    return path.name, ['format = "parquet"']


def write_sas(folder, data, dice):
    """Writes a SAS data set, compressed or not, and lets pyreadstat read it. Returns the keys of the source."""
    epoch = datetime.date(1960, 1, 1)
    form = dice.choice(["DATE9", "YYMMDD10", "DATETIME20", None])

    def number(row, name):
        value = row[name]
        if value is None:
            return dice.choice([None, ("special", dice.choice("ABZ"))])
        if name == "day":
            days = (value - epoch).days
            return days * 86_400.0 + 43_200.0 if form == "DATETIME20" else float(days)
        return float(value)

    order = dice.sample(COLUMNS, len(COLUMNS))
    widths = {"person": 11, "word": max(len((row["word"] or "").encode()) for row in data) + 1}
    columns = [(name, widths.get(name), form if name == "day" else None) for name in order]
    cells = [[row[name] or "" if name in widths else number(row, name) for name in order] for row in data]
    path = folder / "source.sas7bdat"
    sas_writer.write(path, columns, cells, compressed=dice.random() < 0.5)
    read, _ = pyreadstat.read_sas7bdat(path)
    words = [row["word"] or "" for row in data]
    expect(list(read["word"]) == words, "pyreadstat reads other texts than ReadStat was told to write")
    return path.name, ['format = "sas"'] + ([] if form else ['days_since_1960 = ["day"]'])


def delivered(folder):
    table = pq.read_table(folder / "out" / "rows.parquet")
    names = table.schema.names
    return {row["n"]: {name: row[name] for name in names} for row in table.to_pylist()}


def trial(binary, number, seed):
    dice = random.Random(seed * 1_000_003 + number)
    data = rows(dice)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write = [write_csv, write_parquet, write_sas][number % 3]
        file, keys = write(folder, data, dice)
        columns = "\n".join(f'{column} = "{column}"' for column in COLUMNS)
        (folder / "contract.toml").write_text(CONTRACT)
        (folder / "holder.toml").write_text(HOLDER.format(file=file, keys="\n".join(keys), columns=columns))

        def run(*arguments):
            run = subprocess.run([binary, *arguments], cwd=folder, capture_output=True, text=True)
            expect(run.returncode == 0, f"trial {number}, {file}, {keys}: {run.stderr.strip()}")

        run("key", "new", "--contract", "contract.toml", "project.key")
        files = ["--contract", "contract.toml", "--holder", "holder.toml", "--key", "project.key"]
        run("extract", *files, "--unsealed", "--out", "out")
        found = delivered(folder)
        expect(len(found) == len(data), f"trial {number}: {len(found)} of {len(data)} rows")
        for row in data:
            for column in COLUMNS[1:]:
                same = found[row["n"]][column] == row[column]
                expect(same, f"trial {number}, {file}, {keys}: row {row['n']} differs in {column}")


def main():
    parser = argparse.ArgumentParser(description="Compare reading of sources with other programs.")
    parser.add_argument("--binary", required=True, type=Path)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    try:
        for number in range(arguments.trials):
            trial(arguments.binary.resolve(), number, arguments.seed)
    except Differs as difference:
        raise SystemExit(str(difference)) from None
    print(f"ok: {arguments.trials} sources")


if __name__ == "__main__":
    main()
