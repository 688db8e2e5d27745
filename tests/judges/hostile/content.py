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
        case "pseudonym":
            return value or bytes(16)
        case _:
            return with_length(value or "")


def bits(values) -> bytes:
    """One bit for each value, the least significant first."""
    number = sum(1 << position for position, value in enumerate(values) if value)
    return number.to_bytes((len(values) + 7) // 8, "little")


def coded(values) -> bytes:
    """The codes that occur in ascending order, and each row's position among them from 1, 0 for a null."""
    found = sorted({value.encode() for value in values if value is not None})
    listed = b"".join(struct.pack("<I", len(code)) + code for code in found)
    width = "<B" if len(found) < 256 else "<H"
    number = {None: 0} | {code.decode(): position for position, code in enumerate(found, 1)}
    return struct.pack("<I", len(found)) + listed + b"".join(struct.pack(width, number[value]) for value in values)


def column_bytes(name: str, column: pa.Array, kind: str, scale: int) -> bytes:
    if kind in ("date", "month"):
        column = column.cast(pa.int32())
    header = f"{name}\0{kind}\0{scale if kind == 'decimal' else 0}\0".encode()
    values = column.to_pylist()
    validity = b"\1" + bits([value is not None for value in values]) if column.null_count else b"\0"
    match kind:
        case "code":
            return header + validity + coded(values)
        case "flag":
            return header + validity + bits(values)
        case _:
            distinct = {value: packed(value, kind, scale) for value in set(values)}
            return header + validity + b"".join([distinct[value] for value in values])


def content_digest(path, columns: list[tuple[str, str, int]]) -> str:
    """The digest of the file at `path`, whose columns have these names, types and decimals."""
    file, whole = pq.ParquetFile(path), hashlib.sha256()
    for number in range(file.num_row_groups):
        group = file.read_row_group(number).combine_chunks()
        digest = hashlib.sha256(struct.pack("<Q", group.num_rows))
        for name, kind, scale in columns:
            digest.update(column_bytes(name, group.column(name).combine_chunks(), kind, scale))
        whole.update(digest.digest())
    return whole.hexdigest()
