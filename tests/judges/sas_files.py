"""Compares what `extract` reads from public SAS data sets with what pyreadstat reads.

    sas_files.py --binary SALANIMI FILE...

Every column is delivered: texts as text, numbers as decimals, columns with a display format of dates or times as dates. Prints
a line a file: the same, refused (with the reason), or different; exits with 1 if one is different.
"""

import argparse
import datetime
import math
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pyreadstat

PERSON = "010594Y9032"
SCALE = 6
MOST_ROWS = 90_000

CONTRACT = """format = "salanimi-contract/1"
[exchange]
scheme = "hkdf-sha256/hmac-sha256-128/v1"
[exchange.study]
id = "sas"
title = "SAS"
permit = "PERMIT-0000/2026"
controller = "Nobody: the data is public"
domain = "Everyone who does not hold the project key"
window = {{ first = "1900-01-01", last = "2030-12-31" }}
[exchange.identifiers.hetu]
syntax = "hetu"
[[exchange.tables]]
name = "rows"
unique = ["person"]
duplicates = "keep"
columns = [
    {{ name = "person", role = "person", kind = "hetu" }},
{columns}]
[population]
any_of = ["rows"]
[limits]
max_reject_share = 1.0
[warnings.one_person]
stop = 2.0
"""

HOLDER = """format = "salanimi-holder/1"
holder = "town"
[delivery]
number = 1
period = {{ first = "1900-01-01", last = "2030-12-31" }}
[[sources]]
table = "rows"
files = ["{file}"]
format = "sas"
constants = {{ person = "{person}" }}
[sources.columns]
{columns}
"""


def kind(values):
    """The contract's type of a column, by what pyreadstat makes of it."""
    known = [value for value in values if not is_missing(value)]
    if all(isinstance(value, str) for value in known) and known:
        return "text"
    if all(isinstance(value, (datetime.date, datetime.datetime)) for value in known) and known:
        return "date"
    return "decimal" if all(isinstance(value, (int, float)) for value in known) else None


def is_missing(value):
    return value is None or value == "" or value != value


def plain(value, of_kind):
    """A value as it is compared."""
    if is_missing(value):
        return None
    if of_kind == "date":
        return value.date() if isinstance(value, datetime.datetime) else value
    if of_kind == "decimal":
        return round(float(value), 4)
    return value.strip() or None


def judge(binary, path):
    frame, meta = pyreadstat.read_sas7bdat(path)
    if len(frame) > MOST_ROWS or not len(frame):
        return "skipped: no row, or too many"
    columns = {}
    for number, name in enumerate(frame.columns):
        values = [None if value is None or value != value else value for value in frame[name].astype(object)]
        of_kind = kind(values)
        numbers = [abs(value) for value in values if of_kind == "decimal" and value is not None]
        if of_kind and all(math.isfinite(n) and n < 1e9 for n in numbers):
            columns[name] = (f"c{number}", of_kind, values)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = []
        for column, of_kind, _ in columns.values():
            more = {"text": "pattern = '(?s).*'", "decimal": f"scale = {SCALE}", "date": ""}[of_kind]
            parts = [f'name = "{column}"', 'role = "attribute"', f'type = "{of_kind}"', 'invalid = "null"', more]
            lines.append("    { " + ", ".join(part for part in parts if part) + " },\n")
        (folder / "contract.toml").write_text(CONTRACT.format(columns="".join(lines)))
        quoted = "\n".join(f"{column} = '{header}'" for header, (column, *_) in columns.items())
        ignored = [header for header in frame.columns if header not in columns]
        holder = HOLDER.format(file=path.resolve(), person=PERSON, columns=quoted)
        holder = holder.replace("[sources.columns]", f"ignore = {ignored}\n[sources.columns]")
        (folder / "holder.toml").write_text(holder)

        def run(*arguments):
            return subprocess.run([binary, *arguments], cwd=folder, capture_output=True, text=True)

        run("key", "new", "--contract", "contract.toml", "project.key")
        files = ["--contract", "contract.toml", "--holder", "holder.toml", "--key", "project.key"]
        done = run("extract", *files, "--unsealed", "--out", "out")
        if done.returncode:
            return "refused: " + done.stderr.strip().splitlines()[-1].replace(str(path.resolve()), "")
        found = pq.read_table(folder / "out" / "rows.parquet").to_pydict()
        differences = []
        for header, (column, of_kind, values) in columns.items():
            expected = Counter(plain(value, of_kind) for value in values)
            read = Counter(plain(value, of_kind) for value in found[column])
            # A number with more digits than the scale is emptied, as every source's is.
            lost = sum((expected - read).values())
            if lost and not (of_kind == "decimal" and sum(read.values()) == sum(expected.values()) and read[None] >= lost):
                differences.append(f"{header} ({of_kind}, {meta.original_variable_types[header]}): {lost} of {len(values)}")
        return "DIFFERENT: " + "; ".join(differences) if differences else f"ok: {len(columns)} columns, {len(frame)} rows"


def main():
    parser = argparse.ArgumentParser(description="Compare SAS data sets with pyreadstat.")
    parser.add_argument("--binary", required=True, type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    arguments = parser.parse_args()
    different = 0
    for path in arguments.files:
        try:
            verdict = judge(arguments.binary.resolve(), path)
        except Exception as error:  # pyreadstat's own refusals
            verdict = f"skipped: pyreadstat: {str(error)[:80]}"
        different += verdict.startswith("DIFFERENT")
        print(f"{path.name}: {verdict}")
    raise SystemExit(1 if different else 0)


if __name__ == "__main__":
    main()
