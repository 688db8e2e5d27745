#!/usr/bin/env python3
"""Links two registers by Bloom filters with clkhash and anonlink, and compares with the truth: link_clk.py SOURCES

SOURCES has office.csv and town.csv of make_people.py or make_large.py. Nobody's code is used. Filters have 1,024 bits of
bigrams; pairs by Dice similarity, each person in at most one, the most similar first. The threshold with the best F1 is
printed, which needs the truth: nobody knows it in a study.
"""
import csv
import resource
import sys
from pathlib import Path

import anonlink
from clkhash.clk import generate_clks
from clkhash.comparators import ExactComparison, NgramComparison
from clkhash.field_formats import BitsPerTokenStrategy, FieldHashingProperties, StringSpec
from clkhash.schema import Schema

sources = Path(sys.argv[1])
FIELDS = {"given": 15, "surname": 15, "birth": 15, "postcode": 10, "street": 8, "sex": 10}
LEAST = 0.6


def seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in used)


def schema():
    features = []
    for name, bits in FIELDS.items():
        compare = ExactComparison() if name == "sex" else NgramComparison(2, name in ("birth", "postcode"))
        features.append(StringSpec(name, FieldHashingProperties(compare, BitsPerTokenStrategy(bits))))
    return Schema(features, 1024)


def register(name):
    with open(sources / f"{name}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return [row["pid"] for row in rows], [[row[field].lower() for field in FIELDS] for row in rows]


(office, office_rows), (town, town_rows) = register("office"), register("town")
start = seconds()
filters = [generate_clks(rows, schema(), "secret", validate=False) for rows in (office_rows, town_rows)]
encoded = seconds()
pairs = anonlink.candidate_generation.find_candidate_pairs(filters, anonlink.similarities.dice_coefficient, LEAST, k=20)
groups = anonlink.solving.greedy_solve(pairs)
found = seconds()
similarity = {(a, b): value for value, a, b in zip(pairs[0], pairs[2][0], pairs[2][1])}
links = []
for group in groups:
    (one, left), (_, right) = group
    left, right = (left, right) if one == 0 else (right, left)
    links.append((similarity[left, right], office[left] == town[right]))
links.sort(reverse=True)
findable, right, best = len(set(office) & set(town)), 0, (0.0, 0.0, 0.0, 0.0)
for count, (value, is_right) in enumerate(links, 1):
    right += is_right
    precision, recall = right / count, right / findable
    if right:
        best = max(best, (2 * precision * recall / (precision + recall), precision, recall, value))
print("F1 {:.4f}, precision {:.4f}, recall {:.4f} at the best threshold {:.3f}".format(*best))
print(f"processor time: filters {encoded - start:.1f} s, similarities and links {found - encoded:.1f} s")
