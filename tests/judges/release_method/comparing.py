"""Judges a released folder of the binary: bit for bit under `round`, by its distribution under `noise`."""

import csv
import json
import math
import re
import statistics
from decimal import Decimal

import numpy as np
import pyarrow.parquet as pq

from differs import expect

from .contract import TOTAL

NUMBER = re.compile(r"-?\d+(\.\d+)?")
OWN_KEYS, WIDEST = 24, 5.0


def read(released, name: str):
    """Header and rows of an item. Its Parquet file must say the same."""
    with (released / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file, delimiter=";"))
    table = pq.read_table(released / f"{name}.parquet")
    cells = [["" if value is None else as_text(value) for value in row.values()] for row in table.to_pylist()]
    expect(table.column_names == header and alike(cells, rows), f"{name}: the CSV file is not the Parquet file")
    return header, rows


def alike(cells, rows) -> bool:
    """Whether rows are equal; numbers count by their value."""
    return len(cells) == len(rows) and all(
        one == other or number(one) == number(other) is not None
        for left, right in zip(cells, rows)
        for one, other in zip(left, right)
    )


def number(text: str):
    return Decimal(text) if NUMBER.fullmatch(text) else None


def as_text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def compare(method, released) -> list[str]:
    """A line for each item that agrees; stops at the first difference."""
    manifest = json.loads((released / "manifest.json").read_text(encoding="utf-8"))
    sheets = method.sheets()
    named = {item["name"] for item in manifest["items"] if item["kind"] != "microdata"}
    expect(named == {sheet.item.name for sheet in sheets}, "the manifest has other items than the contract")
    lines = []
    for sheet in sheets:
        header, rows = read(released, sheet.item.name)
        expect(header == sheet.header, f"{sheet.item.name}: columns {header}, not {sheet.header}")
        same_cells(sheet, rows)
        judge = equal if method.contract.protect == "round" else distributed
        lines.append(f"ok {sheet.item.name}: {judge(method, sheet, rows)}")
    return lines


def keys(sheet) -> int:
    """How many columns name a row."""
    return max(len(sheet.item.by), sheet.item.kind == "curve") + {"table": 0, "curve": 1, "rates": 1, "flow": 1}[sheet.item.kind]


def same_cells(sheet, rows) -> None:
    """Every cell once, in order. A curve under noise may end elsewhere."""
    wide = keys(sheet)
    ours, theirs = ([tuple(row[:wide]) for row in some] for some in (sheet.rows, rows))
    if sheet.item.kind == "curve" and sheet.cost:
        return
    expect(
        set(ours) == set(theirs) and len(ours) == len(theirs),
        f"{sheet.item.name}: other cells than the contract's: {sorted(set(ours) ^ set(theirs))[:3]}",
    )
    moved = [pair for pair in zip(ours, theirs) if pair[0] != pair[1]]
    expect(not moved, f"{sheet.item.name}: {len(moved)} cells are in another order, first {moved[:1]}")


def equal(_, sheet, rows) -> str:
    wrong = [(ours, theirs) for ours, theirs in zip(sheet.rows, rows) if ours != theirs]
    expect(not wrong, f"{sheet.item.name}: {len(wrong)} of {len(rows)} rows differ, first {wrong[:1]}")
    return f"{len(rows)} rows are equal"


def distributed(method, sheet, rows) -> str:
    """Multiples of the step, totals that are sums, and inner cells as far from the truth as the noise makes them."""
    item = sheet.item
    if item.kind != "table":
        return f"{len(rows)} rows (noise of {item.kind} is judged by its columns only)"
    size = len(item.by)
    unit = {"persons": "persons", "rows": "rows", "sum": "sum"}[item.unit]
    last = {"sum": -1 if sheet.header[-1] != "bound" else -2}.get(item.unit, -1)
    shown = np.array([int(row[last] or 0) for row in rows], dtype=np.int64).reshape([len(d.labels) + 2 for d in item.by])
    expect(unit == "sum" or (shown >= 0).all(), f"{item.name}: a count below zero")
    expect((shown % sheet.step == 0).all(), f"{item.name}: a cell that is no multiple of {sheet.step}")
    for axis in range(size):
        parts, whole = np.split(shown, [shown.shape[axis] - 1], axis=axis)
        expect(
            (parts.sum(axis=axis, keepdims=True) == whole).all(), f"{item.name}: a total is not the sum of its cells"
        )
    return f"{len(rows)} rows, {judged_noise(method, sheet, rows, unit)}"


def judged_noise(method, sheet, rows, unit: str) -> str:
    """The errors of inner cells, against those that this writing of the method makes with keys of its own."""
    item, exact = sheet.item, method.inner_exact(sheet.item)
    found = spread(exact, rows, len(item.by))
    own = [spread(exact, method.with_key(bytes([at] * 32)).table(item).rows, len(item.by)) for at in range(OWN_KEYS)]
    middle, deviation = statistics.mean(own), statistics.stdev(own)
    expect(
        abs(found - middle) <= WIDEST * deviation,
        f"{item.name}: mean error {found:.2f}, not {middle:.2f} ± {deviation:.2f}",
    )
    return f"mean error {found:.2f}, by this method {middle:.2f} ± {deviation:.2f}"


def spread(exact: dict, rows, size: int) -> float:
    """The root of the mean squared error of the inner cells."""
    errors = [int(row[-1]) - exact[tuple(row[:size])] for row in rows if TOTAL not in row[:size]]
    return math.sqrt(statistics.fmean(error**2 for error in errors))
