"""The content digest of a delivered table, as its documentation describes it."""

import hashlib
import struct

import pyarrow as pa
import pyarrow.parquet as pq


def with_length(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<I", len(encoded)) + encoded


def packed(value, kind: str, scale: int) -> bytes:
    """One value; a null is zero or empty."""
    match kind:
        case "date" | "month" | "integer":
            return struct.pack("<i", value or 0)
        case "decimal":
            return struct.pack("<q", 0 if value is None else int(value.scaleb(scale)))
        case "flag":
            return bytes([bool(value)])
        case "pseudonym":
            return value or bytes(16)
        case _:
            return with_length(value or "")


def column_bytes(name: str, column: pa.Array, kind: str, scale: int) -> bytes:
    if kind in ("date", "month"):
        column = column.cast(pa.int32())
    header = f"{name}\0{kind}\0{scale if kind == 'decimal' else 0}\0".encode()
    encoded = column.dictionary_encode()
    distinct = [packed(value, kind, scale) for value in encoded.dictionary.to_pylist()]
    distinct.append(packed(None, kind, scale))
    positions = encoded.indices.fill_null(len(distinct) - 1).to_pylist()
    return header + column.is_valid().cast(pa.uint8()).to_numpy().tobytes() + b"".join([distinct[at] for at in positions])


def content_digest(path, columns: list[tuple[str, str, int]]) -> str:
    """The digest of the file at `path`, whose columns have these names, types and decimals."""
    file, whole = pq.ParquetFile(path), hashlib.sha256()
    for number in range(file.num_row_groups):
        group = file.read_row_group(number).combine_chunks()
        digest = hashlib.sha256()
        for name, kind, scale in columns:
            digest.update(column_bytes(name, group.column(name).combine_chunks(), kind, scale))
        whole.update(digest.digest())
    return whole.hexdigest()
