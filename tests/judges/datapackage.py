"""Validates the data package of a linked dataset with frictionless, and holds it against the Parquet files with pyarrow.

    datapackage.py LINKED

Stops with exit code 1 at the first difference.
"""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from frictionless import Package

from differs import Differs, expect

# For each type of a field, the types that Parquet may hold.
TYPES = {
    "string": (pa.types.is_string, pa.types.is_dictionary),
    "date": (pa.types.is_date,),
    "yearmonth": (pa.types.is_date,),
    "boolean": (pa.types.is_boolean,),
    "integer": (pa.types.is_integer,),
    "number": (pa.types.is_decimal, pa.types.is_floating),
}


def main() -> None:
    folder = Path(sys.argv[1])
    errors = Package.validate_descriptor(str(folder / "datapackage.json"))
    expect(errors.valid, f"frictionless: {[error.message for error in errors.errors]}")
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    tables = {path.name for path in folder.glob("*.parquet")}
    expect({resource["path"] for resource in package["resources"]} == tables, "the package has other tables than the folder")
    for resource in package["resources"]:
        file = pq.ParquetFile(folder / resource["path"])
        schema, fields = file.schema_arrow, resource["schema"]["fields"]
        expect([field["name"] for field in fields] == schema.names, f"{resource['name']}: other columns than the file")
        table = file.read()
        for field in fields:
            place = f"{resource['name']}, {field['name']}"
            held = schema.field(field["name"]).type
            expect(any(fits(held) for fits in TYPES[field["type"]]), f"{place}: {field['type']}, but the file has {held}")
            expect(field.get("title"), f"{place}: no title")
            allowed = field.get("constraints", {}).get("enum")
            if allowed and field["type"] == "string":
                values = set(table[field["name"]].unique().to_pylist()) - {None}
                expect(values <= set(allowed), f"{place}: values that the package does not allow")
    print(f"ok {len(package['resources'])} tables are as the data package says")


if __name__ == "__main__":
    try:
        main()
    except Differs as error:
        sys.exit(str(error))
