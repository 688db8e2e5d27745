"""Reads deliveries and linked datasets with pyarrow and DuckDB and holds them against what they say of themselves.

    read_outputs.py [--contract FILE] DELIVERY_OR_LINKED...

Prints a line a folder, "ok ...". Stops at the first difference with exit code 1 and says which file, table, column or row
differs, never a value. Where the deliveries of a linked dataset are given too, DuckDB links them again and counts for itself
what the accounting counts; by month and area too, if the contract says which columns these are. Tables are read whole, so
this is for datasets that fit memory.
"""

import argparse
import base64
import hashlib
import json
import sys
import tomllib
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from differs import Differs, expect
from footer import surplus
from link_again import LinkedAgain

# The parts into which the accounting splits a table.
PARTS = ["by_holder", "by_delivery", "by_month", "by_area"]


# --- One table -----------------------------------------------------------------------------------------------------------

# For each type of a manifest, the types in which pyarrow and DuckDB must show it.
TYPES = {
    "pseudonym": (pa.binary(16), "BLOB"),
    "id": (pa.string(), "VARCHAR"),
    "code": (pa.string(), "VARCHAR"),
    "text": (pa.string(), "VARCHAR"),
    "date": (pa.date32(), "DATE"),
    "month": (pa.date32(), "DATE"),
    "flag": (pa.bool_(), "BOOLEAN"),
    "integer": (pa.int32(), "INTEGER"),
}
ID = "[0-9A-V]{13}"


class Table:
    """A Parquet file of ours, and the columns that its manifest names."""

    def __init__(self, folder, entry):
        self.entry, self.name, self.path = entry, entry["name"], folder / entry["file"]
        columns = [c if isinstance(c, list) else [c["name"], c["type"], c["transform"]] for c in entry["columns"]]
        self.columns = [(name, kind) for name, kind, _ in columns]
        self.kept = [name for name, _, transform in columns if transform == "keep"]
        self.file = pq.ParquetFile(self.path)
        self.data = self.file.read()

    def expect(self, holds, message):
        expect(holds, f"{self.path}: {message}")

    def check(self):
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        self.expect(digest == self.entry["file_digest"], "the bytes are not those of file_digest")
        self.check_footer()
        self.check_types()
        self.check_rows()
        self.check_values()
        self.check_order()
        self.expect(self.content_digest() == self.entry["content_digest"], "the content is not that of content_digest")

    def check_footer(self):
        metadata = self.file.metadata
        self.expect(metadata.created_by == "salanimi", "created_by is not salanimi")
        self.expect(metadata.metadata is None, "the footer has key-value metadata")
        for group in map(metadata.row_group, range(metadata.num_row_groups)):
            self.expect(not group.sorting_columns, "a row group names sorting columns")
            for chunk in map(group.column, range(group.num_columns)):
                where = f"column {chunk.path_in_schema}"
                self.expect(not chunk.is_stats_set, f"{where} has statistics")
                self.expect(not chunk.has_column_index and not chunk.has_offset_index, f"{where} has an index")
                self.expect(chunk.bloom_filter_offset is None, f"{where} has a bloom filter")
                self.expect(not chunk.metadata, f"{where} has key-value metadata")
                codec = "UNCOMPRESSED" if chunk.physical_type == "FIXED_LEN_BYTE_ARRAY" else "ZSTD"
                self.expect(chunk.compression == codec, f"{where} is not compressed as {codec}")
        self.expect(duckdb.execute("FROM parquet_kv_metadata(?)", [str(self.path)]).fetchall() == [],
                    "DuckDB finds key-value metadata")
        found = duckdb.execute("""
            SELECT path_in_schema FROM parquet_metadata(?)
            WHERE coalesce(stats_min, stats_max, stats_min_value, stats_max_value) IS NOT NULL
               OR coalesce(stats_null_count, stats_distinct_count, bloom_filter_offset) IS NOT NULL
               OR cardinality(key_value_metadata) > 0 OR compression <>
               CASE type WHEN 'FIXED_LEN_BYTE_ARRAY' THEN 'UNCOMPRESSED' ELSE 'ZSTD' END""", [str(self.path)]).fetchall()
        self.expect(not found, f"DuckDB finds statistics, metadata, a bloom filter or another compression: {found[:1]}")
        # What neither library shows: the fields of the footer and of every page header, by the format's own numbers.
        found = surplus(self.path)
        self.expect(not found, f"the footer or a page header holds more than it must: {', '.join(sorted(found))}")

    def check_types(self):
        relation = duckdb.read_parquet(str(self.path))
        names = [name for name, _ in self.columns]
        self.expect(self.data.column_names == names, "pyarrow finds other columns than the manifest names")
        self.expect(relation.columns == names, "DuckDB finds other columns than the manifest names")
        for (name, kind), field, theirs in zip(self.columns, self.data.schema, map(str, relation.types)):
            if kind == "decimal":
                scale = getattr(field.type, "scale", -1)
                wanted = (pa.decimal128(18, scale), f"DECIMAL(18,{scale})") if scale >= 0 else ("a decimal", "")
            else:
                wanted = TYPES[kind]
            self.expect((field.type, theirs) == wanted,
                        f"column {name} ({kind}) is {field.type} to pyarrow and {theirs} to DuckDB, not {wanted[0]}")

    def check_rows(self):
        """Both libraries read the same rows: as many as the manifest says, and equal in every cell."""
        theirs = duckdb.read_parquet(str(self.path)).to_arrow_table()
        for rows, reader in (self.data.num_rows, "pyarrow"), (theirs.num_rows, "DuckDB"):
            self.expect(rows == self.entry["rows"], f"{reader} reads {rows} rows, the manifest says {self.entry['rows']}")
        for name, ours in zip(self.data.column_names, self.data.columns):
            self.expect(theirs[name].cast(ours.type).equals(ours), f"pyarrow and DuckDB read different values in {name}")

    def check_values(self):
        for (name, kind), column in zip(self.columns, self.data.columns):
            if kind == "id":
                self.expect(pc.all(pc.match_substring_regex(column, f"^{ID}$")).as_py() is not False,
                            f"column {name} holds what is not 13 characters of base32")
            if kind == "month":
                self.expect(pc.all(pc.equal(pc.day(column), 1)).as_py() is not False,
                            f"column {name} holds days other than the first of a month")
        self.expect(self.data.columns[0].null_count == 0, "a row has no person")
        for column in self.entry["columns"]:
            if isinstance(column, dict):
                name = column["name"]
                theirs, = duckdb.execute(f'SELECT count(*) - count("{name}") FROM read_parquet(?)',
                                         [str(self.path)]).fetchone()
                for nulls in self.data[name].null_count, theirs:
                    self.expect(nulls == column["nulls"],
                                f"column {name} has {nulls} nulls, the manifest says {column['nulls']}")
        if "persons" in self.entry:
            persons = self.persons()
            self.expect(persons == self.entry["persons"],
                        f"{persons} distinct persons, the manifest says {self.entry['persons']}")

    def persons(self):
        key = self.columns[0][0]
        return duckdb.execute(f'SELECT count(DISTINCT "{key}") FROM read_parquet(?)', [str(self.path)]).fetchone()[0]

    def check_order(self):
        """Rows ascend by the first column, among equals by the second, and so on; nulls come first."""
        tied = np.ones(max(self.data.num_rows - 1, 0), dtype=bool)
        for column in self.data.columns:
            if not tied.any():
                return
            step = np.diff(ranks(column))
            wrong = np.flatnonzero(tied & (step < 0))
            self.expect(not wrong.size, f"row {wrong[0] + 2 if wrong.size else 0} is out of order")
            tied &= step == 0

    def content_digest(self):
        """SHA-256 of the SHA-256 of each row group, as src/table/stored/content_digest.rs defines it."""
        content = hashlib.sha256()
        for group in range(self.file.num_row_groups):
            rows = self.file.read_row_group(group)
            digest = hashlib.sha256(rows.num_rows.to_bytes(8, "little"))
            for (name, kind), column in zip(self.columns, rows.columns):
                column = column.combine_chunks()
                scale = column.type.scale if kind == "decimal" else 0
                digest.update(f"{name}\0{kind}\0{scale}\0".encode())
                digest.update(b"\1" + bits(column.is_valid()) if column.null_count else b"\0")
                digest.update(VALUES[kind](column))
            content.update(digest.digest())
        return content.hexdigest()


def ranks(column):
    """Numbers that ascend as the values do, equal for equal values, nulls before all."""
    order = pc.rank(column, sort_keys=[("", "ascending", "at_start")], tiebreaker="dense")
    return order.to_numpy().astype(np.int64)


# --- Values as the content digest takes them: nulls are zero or empty ------------------------------------------------------

def integers(column):
    """32-bit numbers and days since 1970-01-01, in little-endian order."""
    return column.cast(pa.int32()).fill_null(0).to_numpy().astype("<i4").tobytes()


def decimals(column):
    """Unscaled 64-bit numbers in little-endian order: the low half of the 128 bits in which pyarrow keeps them."""
    halves = np.frombuffer(column.buffers()[1], "<i8").reshape(-1, 2)[column.offset:column.offset + len(column), 0]
    return np.where(column.is_valid().to_numpy(zero_copy_only=False), halves, 0).astype("<i8").tobytes()


def bits(column):
    """One bit for each row, the least significant first."""
    return np.packbits(column.to_numpy(zero_copy_only=False).astype(bool), bitorder="little").tobytes()


def flags(column):
    return bits(column.fill_null(False))


def codes(column):
    """The codes that occur in ascending order, and each row's position among them from 1, 0 for a null."""
    found = sorted({value.encode() for value in column.unique().to_pylist() if value is not None})
    number = {code: position for position, code in enumerate(found, 1)}
    numbers = [0 if value is None else number[value.encode()] for value in column.to_pylist()]
    listed = b"".join(len(code).to_bytes(4, "little") + code for code in found)
    return len(found).to_bytes(4, "little") + listed + np.array(numbers, "u1" if len(found) < 256 else "<u2").tobytes()


def pseudonyms(column):
    return b"".join(value or bytes(16) for value in column.to_pylist())


def texts(column):
    """32-bit length and UTF-8 bytes."""
    encoded = column.fill_null("").dictionary_encode()
    values = [text.encode() for text in encoded.dictionary.to_pylist()]
    prefixed = [len(value).to_bytes(4, "little") + value for value in values]
    return b"".join([prefixed[index] for index in encoded.indices.to_pylist()])


def ids(column):
    """The 8 bytes that the 13 characters write in base32 with the extended hex alphabet."""
    return b"".join(base64.b32hexdecode(text + "===") if text else bytes(8) for text in column.to_pylist())


VALUES = {
    "pseudonym": pseudonyms, "id": ids, "code": codes, "text": texts, "date": integers, "month": integers,
    "decimal": decimals, "integer": integers, "flag": flags,
}


# --- A folder ------------------------------------------------------------------------------------------------------------

class Folder:
    def __init__(self, path):
        self.path = path
        text = (path / "manifest.json").read_bytes()
        self.manifest, self.digest = json.loads(text), hashlib.sha256(text).hexdigest()
        self.linked = self.manifest["format"] == "salanimi-linked/1"
        expect(self.linked or self.manifest["format"] == "salanimi-delivery/1", f"{path}: unknown format")
        self.entries = self.manifest["tables"] if self.linked else self.delivered_entries()
        files = {entry["file"] for entry in self.entries}
        expect({file.name for file in path.rglob("*.parquet")} == files, f"{path}: other Parquet files than the manifest's")
        self.tables = {entry["name"]: Table(path, entry) for entry in self.entries}

    def delivered_entries(self):
        """The tables of an unsealed delivery, each with the digest that the manifest gives its file."""
        expect(self.manifest["sealing"] == "none", f"{self.path}: the delivery is sealed")
        tables, digests = self.manifest["account"]["tables"], self.manifest["files"]
        expect(set(digests) == {table["file"] for table in tables}, f"{self.path}: the manifest lists other files than the tables'")
        return [{**table, "file_digest": digests[table["file"]]} for table in tables]

    def expect(self, holds, message):
        expect(holds, f"{self.path}: {message}")

    def check(self):
        for table in self.tables.values():
            table.check()
        if self.linked:
            self.accounting = json.loads(self.path.with_name(self.path.name + ".accounting.json").read_text())
            self.check_persons()
            self.check_accounting()
        else:
            for table in self.entries:
                parts = table["rows"] + sum(table["filtered"].values()) + sum(table["rejected"].values())
                self.expect(table["records"] == parts, f"table {table['name']} does not balance")
            self.expect(all(next(iter(t.columns)) == ("pseudonym", "pseudonym") for t in self.tables.values()),
                        "the first column of a table is not the pseudonym")

    def check_persons(self):
        """Every person of a table is among the persons once, and each flag says whether the person is in the table."""
        persons = self.tables["persons"].data
        everyone = persons["person"].combine_chunks()
        self.expect(pc.count_distinct(everyone).as_py() == len(everyone), "a person is twice in persons")
        flags = ["in_" + table["table"] for table in self.accounting["tables"]]
        self.expect(persons.column_names == ["person", *flags], "persons has other columns than a flag for each table")
        for flag in flags:
            table = self.tables.get(flag.removeprefix("in_"))
            present = table.data["person"].combine_chunks() if table else pa.array([], pa.string())
            self.expect(pc.all(pc.is_in(present, everyone)).as_py() is not False, f"a person of {flag} is not in persons")
            self.expect(pc.is_in(everyone, present).equals(persons[flag].combine_chunks()), f"flags of {flag} are wrong")

    def check_accounting(self):
        accounting = self.accounting
        self.expect(accounting["linked_persons"] == self.tables["persons"].data.num_rows, "linked_persons is not persons' rows")
        for table in accounting["tables"]:
            name, whole, ours = table["table"], table["all"], self.tables.get(table["table"])
            for count in [whole] + [count for part in PARTS for count in table[part].values()]:
                self.expect(count["linked_rows"] <= count["rows"] and count["linked_persons"] <= count["persons"] <= count["rows"],
                            f"accounting of {name}: a part is larger than its whole")
            for part in filter(table.get, PARTS):
                for unit in "rows", "linked_rows":
                    total = sum(count[unit] for count in table[part].values())
                    self.expect(total == whole[unit], f"accounting of {name}: {unit} {part} add up to {total}, not {whole[unit]}")
                for unit in "persons", "linked_persons":
                    counts = [count[unit] for count in table[part].values()]
                    self.expect(max(counts) <= whole[unit] <= sum(counts), f"accounting of {name}: {unit} {part} cannot be")
            written = (ours.data.num_rows, ours.persons()) if ours else (0, 0)
            self.expect((whole["linked_rows"], whole["linked_persons"]) == written,
                        f"accounting of {name}: linked rows and persons are not those of the file")
            overlap = sum(o["persons"] for o in accounting["overlap"] if name in o["tables"])
            self.expect(overlap == whole["persons"], f"accounting of {name}: persons of the overlap add up to {overlap}")
        entering = [o["persons"] for o in accounting["overlap"] if set(o["tables"]) & set(accounting["population"])]
        self.expect(sum(entering) == accounting["linked_persons"], "persons of the population do not add up to linked_persons")
        self.expect(sum(o["persons"] for o in accounting["overlap"]) == accounting["persons"], "the overlap is not everyone")

    def inputs_among(self, folders):
        """The deliveries that went in, if all of them are at hand."""
        digests = {given["manifest"] for given in self.manifest["inputs"]}
        deliveries = [folder for folder in folders if folder.digest in digests]
        return deliveries if len(deliveries) == len(digests) else []

    def summary(self):
        rows = sum(table.data.num_rows for table in self.tables.values())
        return f"{'linked dataset' if self.linked else 'delivery'} of {len(self.tables)} tables, {rows} rows"


def main():
    parser = argparse.ArgumentParser(description="Hold deliveries and linked datasets against what they say of themselves.")
    parser.add_argument("--contract", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    arguments = parser.parse_args()
    by_column = tomllib.loads(arguments.contract.read_text()).get("accounting", {}) if arguments.contract else {}
    folders = [Folder(path) for path in arguments.folders]
    for folder in folders:
        folder.check()
        deliveries = folder.inputs_among(folders) if folder.linked else []
        if deliveries:
            LinkedAgain(folder, deliveries).check(by_column)
        print(f"ok {folder.path.name}: {folder.summary()}{', as DuckDB links them' if deliveries else ''}")


if __name__ == "__main__":
    try:
        main()
    except Differs as differs:
        sys.exit(f"differs: {differs}")
