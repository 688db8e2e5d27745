"""Writes a released folder, and the exact truth for those who score attackers."""

import csv
import hashlib
import itertools
import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .contract import DEFAULT_CERTAINTY
from .noise import certainty
from .sheets import plain, with_ends


def write_release(out, method, sheets) -> None:
    """One CSV and one Parquet file an item, the manifest, and what stands beside them."""
    contract = method.contract
    out.mkdir(parents=True)
    entries = []
    for sheet in sheets:
        with (out / f"{sheet.item.name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";", lineterminator="\n").writerows([sheet.header, *sheet.rows])
        columns = list(zip(*sheet.rows)) or [()] * len(sheet.header)
        pq.write_table(
            pa.table({name: pa.array(column, pa.string()) for name, column in zip(sheet.header, columns)}),
            out / f"{sheet.item.name}.parquet",
        )
        entries.append(entry(out, sheet, contract))
    total = sum(sheet.cost for sheet in sheets)
    manifest = {
        "format": "salanimi-release/2",
        "study": contract.study,
        "protect": contract.protect,
        "linked": method.linked.digest,
        "items": entries,
        "certainty": certainty(total),
        "allowed": contract.release.get("certainty", DEFAULT_CERTAINTY),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (out / "manifest.json").write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    (out / "manifest.json.sha256").write_text(f"{digest}  manifest.json\n", encoding="utf-8")
    resources = [{"name": sheet.item.name, "path": f"{sheet.item.name}.csv"} for sheet in sheets]
    (out / "datapackage.json").write_text(json.dumps({"name": contract.study, "resources": resources}) + "\n")
    (out / "README.txt").write_text("Every number was protected before anything was computed from it.\n")


def entry(out, sheet, contract) -> dict:
    item = sheet.item
    files = [f"{item.name}.csv", f"{item.name}.parquet"]
    return {
        "name": item.name,
        "kind": item.kind,
        "table": item.table,
        "dimensions": [{"title": d.title, "column": d.column, "level": d.level} for d in item.by],
        "only": [{"column": d.column, "is": values} for d, values in item.only],
        "unit": item.unit,
        "weight": item.limit if item.unit == "rows" else None,
        "cap": item.limit if item.unit == "sum" else None,
        "method": contract.protect,
        "base": contract.base,
        "step": sheet.step,
        "cost": sheet.cost,
        "noise": contract.sigma if contract.protect == "noise" else None,
        "rows": len(sheet.rows),
        "columns": sheet.header,
        "files": {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in files},
    }


def truth(method) -> dict:
    """The exact value of every cell that tables show, and of the finest cells that tables of one linked table share."""
    items = [item for item in method.contract.items() if item.kind == "table"]
    return {"items": {item.name: exact(method, item) for item in items}, "joint": joint(method, items)}


def exact(method, item) -> list[dict]:
    found, cells, scale = method.counter.table(item)
    sums = {unit: contributions.sums(cells) for unit, contributions in found.items()}
    shown = []
    for at, labels in enumerate(itertools.product(*map(with_ends, item.by))):
        values = {unit: plain(sums[unit][at], scale) if unit == "sum" else sums[unit][at] for unit in found}
        shown.append({"cell": list(labels), **values})
    return shown


def joint(method, items) -> dict:
    """For each linked table, the persons of the finest cells of all columns that its tables use."""
    found = {}
    for table in sorted({item.table for item in items}):
        used = [d for item in items if item.table == table for d in [*item.by, *(d for d, _ in item.only)]]
        columns = {(d.table, d.column): d for d in sorted(used, key=lambda d: -d.level)}
        whole = {key: method.contract.dimension(table, dotted(key, table)) for key in columns}
        if math.prod(len(d.labels) + 1 for d in whole.values()) >= 1 << 62:
            continue
        persons, key = method.linked.persons(table), np.zeros(method.linked.table(table).num_rows, dtype=np.int64)
        for dimension in whole.values():
            key = key * (len(dimension.labels) + 1) + method.linked.codes(table, dimension)
        pairs = np.unique(np.stack([key, persons]), axis=1)
        cells, counts = np.unique(pairs[0], return_counts=True)
        found[table] = {
            "columns": [dotted(key, table) for key in whole],
            "cells": [[*unpacked(cell, list(whole.values())), n] for cell, n in zip(cells.tolist(), counts.tolist())],
        }
    return found


def dotted(key, table: str) -> str:
    return key[1] if key[0] == table else f"person.{key[1]}"


def unpacked(cell: int, dimensions) -> list[str]:
    labels = []
    for dimension in reversed(dimensions):
        cell, at = divmod(cell, len(dimension.labels) + 1)
        labels.append([*dimension.labels, "(unknown)"][at])
    return labels[::-1]
