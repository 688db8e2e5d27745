"""Runs the recipes of docs/holder.md against real databases, and extracts what they export.

    recipes.py --binary SALANIMI --page docs/holder.md

DuckDB is always tried, PostgreSQL where `initdb`, `pg_ctl` and `psql` can be found (also in $POSTGRES_BIN). Prints "ok: NAMES",
or the first difference and exits with 1.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from differs import Differs, expect

CONTRACT = """format = "salanimi-contract/1"
[exchange]
scheme = "hkdf-sha256/hmac-sha256-128/v1"
[exchange.study]
id = "recipes"
title = "Recipes"
permit = "PERMIT-0000/2026"
controller = "Nobody: the data is synthetic"
domain = "Everyone who does not hold the project key"
window = { first = "1900-01-01", last = "2030-12-31" }
[exchange.identifiers.hetu]
syntax = "hetu"
[[exchange.tables]]
name = "events"
unique = ["person", "day", "organiser"]
duplicates = "refuse"
columns = [
    { name = "person", role = "person", kind = "hetu" },
    { name = "day", role = "attribute", type = "date" },
    { name = "organiser", role = "attribute", type = "text", pattern = "(?s).*" },
]
[population]
any_of = ["events"]
[limits]
max_reject_share = 0.0
"""

HOLDER = """format = "salanimi-holder/1"
holder = "town"
[delivery]
number = 1
period = {{ first = "1900-01-01", last = "2030-12-31" }}
[[sources]]
table = "events"
files = ["{file}"]
format = "{format}"
[sources.columns]
person = "henkilotunnus"
day = "paiva"
organiser = "jarjestaja"
"""

# Codes of the series that is given to nobody.
ROWS = [
    ("010594Y9032", "2019-03-01", "091"),
    ("020594X903P", "1899-12-31", "049"),
    ("030594W903B", "2024-02-29", None),
    ("040594V9030", None, 'says "no"; and more'),
    ("050594U903M", "2018-01-01", "two\nlines, Ärjä"),
]
TABLE = "create table tapahtumat (henkilotunnus text, paiva date, jarjestaja text)"
INSERT = "insert into tapahtumat values ({}, {}, {})"


def literal(value):
    return "null" if value is None else "'" + value.replace("'", "''") + "'"


def statements():
    return [TABLE] + [INSERT.format(*map(literal, row)) for row in ROWS]


def recipe(page, start):
    """The line of the page that starts with these words."""
    found = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith(start)]
    expect(len(found) == 1, f"the page has {len(found)} lines that start with '{start}'")
    return found[0]


def with_duckdb(page, folder):
    connection = duckdb.connect()
    for statement in statements():
        connection.execute(statement)
    os.chdir(folder)
    connection.execute(recipe(page, "copy (select"))
    return "events.parquet", "parquet"


def postgres_programs():
    """Paths of the programs; None if one is missing."""
    places = [os.environ.get("POSTGRES_BIN", ""), *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
    path = os.pathsep.join([*places, os.environ["PATH"]])
    programs = {name: shutil.which(name, path=path) for name in ("initdb", "pg_ctl", "psql")}
    return programs if all(programs.values()) else None


def with_postgres(programs, page, folder):
    # The server refuses to run as root.
    server = {"user": "nobody", "cwd": folder} if os.geteuid() == 0 else {"cwd": folder}
    data = folder / "data"
    data.mkdir()
    if os.geteuid() == 0:
        for path in (folder, data):
            shutil.chown(path, "nobody")

    def run(*command, **options):
        done = subprocess.run(command, capture_output=True, text=True, **options)
        expect(done.returncode == 0, f"{command[0]}: {done.stderr.strip()}")

    run(programs["initdb"], "-D", data, "-U", "clerk", "--encoding=UTF8", "--locale=C", **server)
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    run(programs["pg_ctl"], "-D", data, "-w", "-o", options, "-l", folder / "log", "start", **server)
    try:
        script = folder / "script.sql"
        script.write_text(";\n".join(statements()) + ";\n" + recipe(page, "\\copy") + "\n", encoding="utf-8")
        run(programs["psql"], "-h", folder, "-U", "clerk", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-f", script, cwd=folder)
    finally:
        run(programs["pg_ctl"], "-D", data, "-m", "immediate", "stop", **server)
    return "events.csv", "csv"


def judge(binary, folder, file, format):
    (folder / "contract.toml").write_text(CONTRACT)
    (folder / "holder.toml").write_text(HOLDER.format(file=file, format=format))

    def run(*arguments):
        done = subprocess.run([binary, *arguments], cwd=folder, capture_output=True, text=True)
        expect(done.returncode == 0, f"{file}: {done.stderr.strip()}")

    run("key", "new", "--contract", "contract.toml", "project.key")
    files = ["--contract", "contract.toml", "--holder", "holder.toml", "--key", "project.key"]
    run("extract", *files, "--unsealed", "--out", "out")
    table = pq.read_table(folder / "out" / "events.parquet").to_pylist()
    found = sorted((str(row["day"]), str(row["organiser"])) for row in table)
    expected = sorted((str(day), str(organiser)) for _, day, organiser in ROWS)
    expect(found == expected, f"{file}: other rows than in the database")


def main():
    parser = argparse.ArgumentParser(description="Run the recipes for databases.")
    parser.add_argument("--binary", required=True, type=Path)
    parser.add_argument("--page", required=True, type=Path)
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    page = arguments.page.resolve()
    programs = postgres_programs()
    recipes = {"DuckDB": lambda folder: with_duckdb(page, folder)}
    if programs:
        recipes["PostgreSQL"] = lambda folder: with_postgres(programs, page, folder)
    try:
        for make in recipes.values():
            with tempfile.TemporaryDirectory() as name:
                judge(binary, Path(name), *make(Path(name)))
                os.chdir("/")
    except Differs as difference:
        raise SystemExit(str(difference)) from None
    print("ok: " + ", ".join(recipes))


if __name__ == "__main__":
    main()
