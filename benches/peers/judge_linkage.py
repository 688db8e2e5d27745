#!/usr/bin/env python3
"""Compares links without codes with the truth: judge_linkage.py SOURCES LINKED

Prints the true precision, recall and F1 of the linked persons without a code, beside what `link` expects of them.
"""
import json
import sys
from pathlib import Path

import duckdb

sources, linked = map(Path, sys.argv[1:3])
query = f"""
    select count(*) as links, count(*) filter (where office.pid = town.pid) as right_links
    from '{linked}/town.parquet' as town
    left join '{linked}/office.parquet' as office using (person)
    where town.by_evidence
"""
links, right = duckdb.sql(query).fetchall()[0]
read = "select {} from read_csv('{}', delim=';', header=true, all_varchar=true) {}"
codeless = duckdb.sql(read.format("pid", sources / "town.csv", "where code is null")).fetchall()
office = {pid for pid, in duckdb.sql(read.format("pid", sources / "office.csv", "")).fetchall()}
findable = sum(pid in office for pid, in codeless)
account = json.loads(Path(f"{linked}.accounting.json").read_text())["evidence"]
precision, recall = right / max(links, 1), right / findable
expected = account["precision"] or {"value": float("nan"), "within": float("nan")}
print(f"without a code {len(codeless)}, of them in the office {findable}; linked {links}, wrongly {links - right}")
print(f"precision {precision:.4f}, expected {expected['value']:.4f} ± {expected['within']:.4f}")
print(f"recall {recall:.4f}, expected at most {account['recall_at_most']}; F1 {2 * precision * recall / (precision + recall):.4f}")
