"""A linked dataset in memory: persons as numbers, columns as codes of labels."""

import base64
import hashlib
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from differs import Differs, expect

from .contract import PERSON


class Linked:
    """The tables of a folder, its manifest, and everyone in it in the order of their numbers."""

    def __init__(self, folder):
        text = (folder / "manifest.json").read_bytes()
        self.folder, self.manifest = folder, json.loads(text)
        tables = "".join(f"{table['name']} {table['file_digest']}\n" for table in self.manifest["tables"])
        bands = "".join(
            f"{column} {band['lower']} {band['mean_hundredths']}\n"
            for column, of_column in sorted(self.manifest.get("bands", {}).items())
            for band in of_column
        )
        self.digest = hashlib.sha256((tables + bands).encode()).hexdigest()
        self.files = {table["name"]: table["file"] for table in self.manifest["tables"]}
        self.person_table = PERSON if PERSON in self.files else "persons"
        self.tables, self.coded = {}, {}
        package = folder / "datapackage.json"
        self.package = json.loads(package.read_text(encoding="utf-8")) if package.exists() else {"resources": []}
        everyone = set()
        for name in self.files:
            everyone.update(self.table(name)[PERSON].unique().to_pylist())
        numbers = sorted((base64.b32hexdecode(person + "==="), person) for person in everyone)
        self.numbers = [number for number, _ in numbers]
        self.position = {person: at for at, (_, person) in enumerate(numbers)}

    def table(self, name: str) -> pa.Table:
        if name not in self.tables:
            expect(name in self.files, f"no linked table '{name}'")
            self.tables[name] = pq.read_table(self.folder / self.files[name])
        return self.tables[name]

    def type_of(self, table: str, column: str):
        schema = self.table(table).schema
        expect(column in schema.names, f"no column '{column}' in linked table '{table}'")
        return schema.field(column).type

    def allowed(self, table: str, column: str):
        """The values that the data package allows, if it lists them."""
        fields = (f for r in self.package["resources"] if r["name"] == table for f in r["schema"]["fields"])
        return next((f.get("constraints", {}).get("enum") for f in fields if f["name"] == column), None)

    def persons(self, table: str) -> np.ndarray:
        """For each row, the position of its person."""
        encoded = self.table(table)[PERSON].combine_chunks().dictionary_encode()
        order = np.array([self.position[person] for person in encoded.dictionary.to_pylist()], dtype=np.int64)
        return order[encoded.indices.to_numpy()]

    def codes(self, table: str, dimension) -> np.ndarray:
        """For each row, the position of its label; the number of labels where the cell is empty."""
        own = self.codes_in(dimension.table, dimension)
        if dimension.table == table:
            return own
        by_person = np.full(len(self.numbers), len(dimension.labels), dtype=np.int64)
        by_person[self.persons(dimension.table)] = own
        return by_person[self.persons(table)]

    def codes_in(self, table: str, dimension) -> np.ndarray:
        key = (table, dimension)
        if key not in self.coded:
            self.coded[key] = self.encode(table, dimension)
        return self.coded[key]

    def encode(self, table: str, dimension) -> np.ndarray:
        encoded = texts(self.table(table)[dimension.column].combine_chunks()).dictionary_encode()
        position = {label: at for at, label in enumerate(dimension.labels)}
        values = encoded.dictionary.to_pylist()
        strange = [value for value in values if value not in dimension.label_of]
        if strange:
            raise Differs(f"{table}.{dimension.column} holds {len(strange)} values that the contract does not list")
        order = np.array([position[dimension.label_of[value]] for value in values] + [len(position)], dtype=np.int64)
        return order[encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)]

    def selected(self, table: str, only) -> np.ndarray:
        """Whether each row passes all filters."""
        keep = np.ones(self.table(table).num_rows, dtype=bool)
        for dimension, values in only:
            keep &= np.isin(self.codes(table, dimension), [dimension.labels.index(value) for value in values])
        return keep

    def amounts(self, table: str, column: str, width) -> tuple[list, int]:
        """The values of a column of numbers in their smallest unit (None where empty), and its decimals. Of a column in
        bands of some width, the means of its bands, or their middles where they have none."""
        cells = self.table(table)[column]
        bands = self.manifest.get("bands", {}).get(f"{table}.{column}")
        if width is not None:
            mean = {band["lower"]: band["mean_hundredths"] for band in bands or []}
            middle = 50 * width
            return [None if value is None else mean.get(value, 100 * value + middle) for value in cells.to_pylist()], 2
        scale = cells.type.scale if pa.types.is_decimal(cells.type) else 0
        expect(scale or pa.types.is_integer(cells.type), f"{table}.{column} holds no exact numbers")
        return [
            None if value is None else int(value.scaleb(scale)) if scale else value for value in cells.to_pylist()
        ], scale


def texts(column) -> pa.Array:
    """The values of a column as labels write them."""
    if pa.types.is_date(column.type):
        return pc.strftime(column, "%Y-%m")
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, "true", "false")
    return column.cast(pa.string())
