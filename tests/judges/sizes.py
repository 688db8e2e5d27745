"""Tries to tell the number of persons of a sealed delivery from the lengths of its parts, as someone in transit could.

    sizes.py --binary SALANIMI [--deliveries 24] [--seed 1]

Parquet modular encryption leaves the length of every encrypted module in clear. The script makes sealed deliveries of
random registers with known numbers of persons, walks through their modules without any key, and

- takes every length for a list of 16 bytes a person or a reference, which a dictionary or compression would give away;
- fits a model of the persons a row on the bytes a row of every page in half of the deliveries, and predicts the others;
- compares the lengths of the sealed accounts.

The number of rows is expected to show. Prints the errors of the best guess, and "ok ..." if no number of persons shows exactly
and the guess is not better than SECURITY.md says; else it exits with 1.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from differs import Differs, expect

SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
# Before the ciphertext a nonce of 12 bytes, after it a tag of 16 (AES-GCM).
NONCE_AND_TAG = 28
PSEUDONYM = 16
# What may precede the values of a page: lengths of levels.
MOST_BYTES_BEFORE = 64
# The header of an age file varies by itself: the library adds lines that mean nothing.
HEADER_VARIES_BY = 1024
# SECURITY.md: a guess from all lengths together misses the number of persons by this share or more.
SHARE_IN_SECURITY_MD = 0.01

CONTRACT = """format = "salanimi-contract/1"
[exchange]
scheme = "hkdf-sha256/hmac-sha256-128/v1"
[exchange.study]
id = "sizes"
title = "Lengths"
permit = "PERMIT-0000/2026"
controller = "Nobody: the data is synthetic"
domain = "Everyone who does not hold the project key"
window = {{ first = "2017-01-01", last = "2019-12-31" }}
[exchange.identifiers.hetu]
syntax = "hetu"
[[exchange.tables]]
name = "events"
unique = ["person", "day", "kind"]
duplicates = "drop"
window = "day"
columns = [
    {{ name = "person", role = "person", kind = "hetu" }},
    {{ name = "day", role = "attribute", type = "date", required = true }},
    {{ name = "kind", role = "sensitive", type = "code", codes = ["a", "b", "c", "d"], required = true }},
    {{ name = "amount", role = "sensitive", type = "decimal", scale = 2 }},
    {{ name = "case", role = "reference", label = "case" }},
    {{ name = "sex", role = "quasi", derive = "sex" }},
    {{ name = "birth_year", role = "quasi", derive = "birth_year" }},
    {{ name = "age_months", role = "quasi", derive = "age_months", at = "day" }},
]
[recipients]
linker = "{recipient}"
[population]
any_of = ["events"]
"""

HOLDER = """format = "salanimi-holder/1"
holder = "town"
[delivery]
number = 1
period = { first = "2017-01-01", last = "2019-12-31" }
[[coverage]]
organiser = "town"
table = "events"
first = "2017-01-01"
last = "2019-12-31"
[[sources]]
table = "events"
files = ["events.csv"]
format = "csv"
columns = { person = "person", day = "day", kind = "kind", amount = "amount", case = "case" }
"""


def code(dice):
    """A valid identity code of a person of working age."""
    year = dice.randint(1950, 1999)
    number = f"{dice.randint(1, 28):02}{dice.randint(1, 12):02}{year % 100:02}"
    individual = f"{dice.randint(2, 899):03}"
    return f"{number}-{individual}{SIGNS[int(number + individual) % 31]}"


def write_source(path, persons, rows_per_person, dice):
    """Writes events of `persons` persons; returns the number of persons and of references."""
    codes = set()
    while len(codes) < persons:
        codes.add(code(dice))
    cases = set()
    with path.open("w", encoding="utf-8") as out:
        out.write("person;day;kind;amount;case\n")
        for person in sorted(codes):
            for _ in range(1 + int(dice.expovariate(1 / rows_per_person))):
                case = dice.randrange(persons * 2)
                cases.add(case)
                day = f"{dice.randint(2017, 2019)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
                out.write(f"{person};{day};{dice.choice('abcd')};{dice.randint(0, 900)}.{dice.randint(0, 99):02};{case}\n")
    return len(codes), len(cases)


def modules(path):
    """The lengths of the encrypted modules of a Parquet file, in order, without those of the footer."""
    data = path.read_bytes()
    expect(data[:4] == b"PARE" and data[-4:] == b"PARE", f"{path.name}: no sealed Parquet file")
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    lengths, at = [], 4
    while at < footer:
        length = int.from_bytes(data[at : at + 4], "little")
        lengths.append(length - NONCE_AND_TAG)
        at += 4 + length
    expect(at == footer, f"{path.name}: the modules do not end at the footer")
    return lengths


def pages(lengths):
    """The lengths of the pages, without those of their headers, which precede them."""
    return lengths[1::2]


class Maker:
    def __init__(self, binary, folder, dice):
        self.binary, self.folder, self.dice = binary, folder, dice
        self.run("key", "new", "--identity", "linker.identity")
        recipient = (folder / "linker.identity.pub").read_text().split()[-1]
        (folder / "contract.toml").write_text(CONTRACT.format(recipient=recipient))
        (folder / "holder.toml").write_text(HOLDER)
        self.run("key", "new", "--contract", "contract.toml", "project.key")

    def run(self, *arguments):
        run = subprocess.run([self.binary, *arguments], cwd=self.folder, capture_output=True, text=True)
        expect(run.returncode == 0, f"salanimi {arguments[0]}: {run.stderr.strip()}")

    def deliver(self, name):
        # So few that every column has one page.
        persons, rows_per_person = self.dice.randint(1_000, 3_000), self.dice.uniform(0.5, 4)
        persons, cases = write_source(self.folder / "events.csv", persons, rows_per_person, self.dice)
        files = ["--contract", "contract.toml", "--holder", "holder.toml", "--key", "project.key"]
        self.run("extract", *files, "--out", name)
        return persons, cases, self.folder / name


def guess(tables, persons):
    """The errors, as shares, of a model that is fitted on the first half and predicts the second.

    The first page has 16 bytes a row. Per row, the bytes of every other page are features, linear and squared: the more rows a
    person has, the better the columns that are the same for a person compress."""
    lengths = np.array(tables, dtype=float)
    rows = lengths[:, 0] / PSEUDONYM
    shares = lengths[:, 1:] / rows[:, None]
    shares = (shares - shares.mean(axis=0)) / (shares.std(axis=0) + 1e-9)
    matrix = np.column_stack([np.ones(len(rows)), shares, shares**2, 1 / rows])
    half = len(rows) // 2
    fitted, aimed = matrix[:half], (np.array(persons) / rows)[:half]
    # A little of ridge regression, as there can be more features than deliveries.
    weights = np.linalg.solve(fitted.T @ fitted + 1e-3 * np.eye(matrix.shape[1]), fitted.T @ aimed)
    return np.abs(matrix[half:] @ weights * rows[half:] / np.array(persons)[half:] - 1)


def main():
    parser = argparse.ArgumentParser(description="Guess the number of persons from lengths.")
    parser.add_argument("--binary", required=True, type=Path)
    parser.add_argument("--deliveries", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(arguments.binary.resolve(), Path(folder), random.Random(arguments.seed))
        persons, tables, accounts = [], [], set()
        for number in range(arguments.deliveries):
            count, cases, delivery = maker.deliver(f"d{number}")
            lengths = modules(delivery / "events.parquet")
            for name, secret in ("persons", count), ("references", cases):
                shown = [length for length in lengths if 0 <= length - PSEUDONYM * secret <= MOST_BYTES_BEFORE]
                expect(not shown, f"a length tells the number of {name}")
            persons.append(count)
            tables.append(pages(lengths))
            accounts.add((delivery / "account.json.age").stat().st_size)
    expect(len({len(table) for table in tables}) == 1, "the tables differ in their pages")
    errors = guess(tables, persons)
    print(f"a guess from all lengths misses by {statistics.median(errors):.2%} (median), {min(errors):.2%} (best)")
    expect(max(accounts) - min(accounts) < HEADER_VARIES_BY, "the length of an account depends on its counts")
    expect(statistics.median(errors) >= SHARE_IN_SECURITY_MD, "the guess is better than SECURITY.md says")
    print(f"ok: {arguments.deliveries} deliveries, no number of persons or references shows exactly")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Differs as difference:
        print(difference)
        sys.exit(1)
