"""Attacks on the rows of a table and on its file. The account is made to agree, so only the rows themselves tell."""

import secrets
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from hostile.forgery import Attack, Forgery
from hostile.study import CODE, NAME, Column, Study

KEY = "pseudonym"
GROUP = 256 << 10
FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "verify"


def with_first(table: pa.Table, name: str, value) -> pa.Table:
    """The table with another value in the first row of a column."""
    position = table.schema.get_field_index(name)
    column = table.column(position).combine_chunks()
    first = pa.array([value], type=column.type)
    return table.set_column(position, table.schema.field(position).with_nullable(True), pa.concat_arrays([first, column.slice(1)]))


def in_order(table: pa.Table) -> pa.Table:
    """Rows in the order of the key, as far as it was changed."""
    return table.take(pc.sort_indices(table, sort_keys=[(KEY, "ascending")]))


def of_value(table: str, name: str, value, sorted_again: bool = False):
    def change(forgery: Forgery, _) -> None:
        rows = with_first(forgery.read(table), name, value)
        forgery.write(table, in_order(rows) if sorted_again else rows)

    return change


def of_rows(table: str, change_rows, **options):
    return lambda forgery, rng: forgery.write(table, change_rows(forgery.read(table), rng), **options)


def wrong_values(column: Column, study: Study, is_window: bool) -> Iterator[tuple[str, bool, object]]:
    """Values that the contract does not allow in a column."""
    rules = column.rules
    if rules.get("required"):
        yield "null where a value is required", True, None
    match column.kind:
        case "pseudonym":
            yield "all zero", True, bytes(16)
            yield "all ones", False, b"\xff" * 16
        case "code":
            yield "a code outside the list", True, "9999"
            yield "an identity code", True, CODE
            yield "an empty code", True, ""
        case "text":
            yield "an identity code", True, CODE
            yield "a name", True, NAME
            yield "a million letters", True, "x" * 1_000_000
        case "date" | "month":
            # Other dates have no limit in a contract.
            yield "the year 1", is_window, date(1, 1, 1)
            yield "the year 9999", is_window, date(9999, 12, 1)
            if column.kind == "month":
                yield "the second day of a month", True, date(2018, 5, 2)
        case "integer":
            yield from wrong_integers(column, study)
        case "decimal":
            if "min" in rules:
                yield "below the minimum", True, Decimal(rules["min"]) - Decimal(1).scaleb(-column.scale)
                yield "far below the minimum", True, Decimal(-(10**12))
            if "max" in rules:
                yield "above the maximum", True, Decimal(rules["max"]) + 1
            yield "18 digits", "max" in rules, Decimal(10 ** (17 - column.scale))


def wrong_integers(column: Column, study: Study) -> Iterator[tuple[str, bool, object]]:
    rules, last = column.rules, int(study.window["last"][:4])
    match rules.get("derive"):
        case "birth_year":
            yield from (("the year 1799", True, 1799), ("the year 9999", True, 9999), ("a negative year", True, -1))
            yield "a year after the window", True, last + 1
            return
        case "age_months" | "age":
            yield from (("a negative age", True, -1), ("a thousand years", True, 12_000), ("2^31 - 1", True, 2**31 - 1))
            yield "another age than the birth year allows", False, 555
            return
    if "min" in rules:
        yield "below the minimum", True, rules["min"] - 1
    if "max" in rules:
        yield "above the maximum", True, rules["max"] + 1
    yield "2^31 - 1", "max" in rules, 2**31 - 1
    yield "-2^31", "min" in rules, -(2**31)


def values(study: Study, table: str) -> Iterator[Attack]:
    window = study.table(table).get("window")
    for column in study.columns(table):
        for name, refused, value in wrong_values(column, study, column.name == window):
            family = {"pseudonym": "zero pseudonyms", "code": "codes"}.get(column.kind, "ranges")
            family = "nulls" if value is None else family
            again = column.is_key
            yield Attack(family, f"{table}.{column.name}: {name}", refused, of_value(table, column.name, value, again))
    for year in (1900, int(study.window["last"][:4]) + 1):
        yield Attack("window", f"{table}.{window}: the year {year}", True, of_value(table, window, date(year, 1, 1)))


def order(study: Study, table: str) -> Iterator[Attack]:
    once = study.table(table)["duplicates"] != "keep"

    def first_twice(rows, _):
        return pa.concat_tables([rows.slice(0, 1), rows])

    def one_alone(rows, _):
        return pa.concat_tables([rows.slice(0, 1)] * study.many).combine_chunks()

    def one_person(rows, _):
        """Rows of one person that differ in a reference alone."""
        many = pa.concat_tables([rows.slice(0, 1)] * (study.many // 10)).combine_chunks()
        references = [c.name for c in study.columns(table) if c.role == "reference"]
        for name in references:
            ids = pa.array(sorted(secrets.token_bytes(16) for _ in range(len(many))), type=pa.binary(16))
            many = many.set_column(many.schema.get_field_index(name), name, ids)
        return many

    yield Attack("order", f"{table}: reversed", True, of_rows(table, lambda rows, _: rows.take(list(range(len(rows)))[::-1])))
    yield Attack("order", f"{table}: two rows exchanged", True, of_rows(table, lambda rows, _: rows.take([len(rows) - 1, *range(1, len(rows) - 1), 0])))
    yield Attack("order", f"{table}: one person apart", True, of_rows(table, lambda rows, _: pa.concat_tables([rows, rows.slice(0, 1)])))
    yield Attack("duplicates", f"{table}: the first row twice", once, of_rows(table, first_twice))
    yield Attack("duplicates", f"{table}: every row twice", once, of_rows(table, lambda rows, _: rows.take([at // 2 for at in range(2 * len(rows))])))
    yield Attack("millions", f"{table}: {study.many} rows alike", once, of_rows(table, one_alone, row_group_size=GROUP))
    yield Attack("millions", f"{table}: {study.many // 10} rows of one person", False, of_rows(table, one_person, row_group_size=GROUP))
    yield Attack("rows", f"{table}: none", False, of_rows(table, lambda rows, _: rows.slice(0, 0)))
    yield Attack("rows", f"{table}: the first only", False, of_rows(table, lambda rows, _: rows.slice(0, 1)))


def wrong_counts(table: str) -> Iterator[Attack]:
    def stated(field: str, by: int):
        def change(forgery: Forgery, _) -> None:
            entry = forgery.entry(table)
            entry[field] += by
            if field == "rows":
                entry["records"] += by

        return change

    def another_digest(forgery: Forgery, _) -> None:
        forgery.entry(table)["content_digest"] = "ab" * 32

    yield Attack("counts", f"{table}: another content digest", True, another_digest, by_verify_alone=True)
    for field in ("rows", "persons"):
        yield Attack("counts", f"{table}: {field} one more", True, stated(field, 1))
        yield Attack("counts", f"{table}: {field} one less", True, stated(field, -1))


def kinds(study: Study, table: str) -> Iterator[Attack]:
    """Columns of another type, name, number or place."""

    def cast(name: str, kind: pa.DataType):
        def change(rows: pa.Table, _) -> pa.Table:
            position = rows.schema.get_field_index(name)
            column = rows.column(position).combine_chunks()
            try:
                new = column.cast(kind)
            except pa.ArrowException:
                new = pa.nulls(len(column), kind) if not pa.types.is_fixed_size_binary(kind) else pa.array([b"x" * kind.byte_width] * len(column), kind)
            return rows.set_column(position, name, new)

        return of_rows(table, change)

    # Types that hold the same values may be read as they are.
    lossless = {("integer", pa.int64()), ("code", pa.large_string()), ("code", pa.binary()), ("text", pa.large_string())}
    # pyarrow writes both types of days as Parquet's DATE.
    lossless |= {("date", pa.date64()), ("month", pa.date64())}
    targets = [pa.int8(), pa.int64(), pa.float64(), pa.string(), pa.large_string(), pa.binary(), pa.bool_(), pa.date64(), pa.timestamp("us"), pa.binary(15), pa.binary(17), pa.decimal128(38, 2), pa.list_(pa.int32())]
    seen = set()
    for column in study.columns(table):
        if column.kind in seen:
            continue
        seen.add(column.kind)
        for kind in targets:
            refused = (column.kind, kind) not in lossless
            yield Attack("column types", f"{table}.{column.kind}: {kind}", refused, cast(column.name, kind))

    def put(name: str, value) -> object:
        return of_rows(table, lambda rows, _: rows.append_column(name, pa.array([value] * len(rows))))

    last = study.columns(table)[-1].name
    yield Attack("file columns", f"{table}: an invented one", True, put("note", NAME))
    yield Attack("file columns", f"{table}: one whose name is a code", True, put(CODE, 1))
    yield Attack("file columns", f"{table}: the last twice", True, of_rows(table, lambda rows, _: rows.append_column(last, rows.column(last))))
    yield Attack("file columns", f"{table}: without the last", True, of_rows(table, lambda rows, _: rows.drop_columns([last])))
    yield Attack("file columns", f"{table}: without the key", True, of_rows(table, lambda rows, _: rows.drop_columns([KEY])))
    yield Attack("file columns", f"{table}: reversed", False, of_rows(table, lambda rows, _: rows.select(rows.column_names[::-1])))
    renamed = of_rows(table, lambda rows, _: rows.rename_columns([*rows.column_names[:-1], CODE]))
    yield Attack("file columns", f"{table}: one renamed", True, renamed)
    many = of_rows(table, lambda rows, _: pa.table(rows.columns + [rows.column(1)] * 5000, names=rows.column_names + [f"c{at}" for at in range(5000)]))
    yield Attack("file columns", f"{table}: five thousand", True, many)
    deep = pa.array([1])
    for _ in range(60):
        deep = pa.StructArray.from_arrays([deep], names=["a"])
    nested = of_rows(table, lambda rows, _: rows.slice(0, 1).append_column("note", pa.chunked_array([deep])))
    yield Attack("file columns", f"{table}: one nested sixty deep", True, nested)


def encodings(table: str) -> Iterator[Attack]:
    """Other ways to write the same rows: whoever accepts them must read the same."""
    ways = {
        "statistics": {"write_statistics": True},
        "indexes": {"write_statistics": True, "write_page_index": True},
        "no dictionary": {"use_dictionary": False},
        "pages of a byte": {"data_page_size": 1, "write_batch_size": 1},
        "second version of pages": {"data_page_version": "2.0"},
        "checksums": {"write_page_checksum": True},
        "an Arrow schema": {"store_schema": True},
        "row groups of one row": {"row_group_size": 1},
        **{f"{one} compression": {"compression": one} for one in ("none", "snappy", "gzip", "brotli", "lz4")},
    }
    for name, options in ways.items():
        yield Attack("encodings", f"{table}: {name}", False, of_rows(table, lambda rows, _: rows, **options))
    labelled = of_rows(table, lambda rows, _: rows.replace_schema_metadata({CODE: NAME}), store_schema=True)
    yield Attack("encodings", f"{table}: metadata with a name", False, labelled)


def bytes_of_file(table: str, change_bytes):
    def change(forgery: Forgery, rng) -> None:
        forgery.put(forgery.entry(table)["file"], change_bytes(forgery.path(table).read_bytes(), rng))

    return change


def files(study: Study, table: str) -> Iterator[Attack]:
    def length(number: int):
        return lambda old, _: old[:-8] + number.to_bytes(4, "little") + old[-4:]

    def flipped(where):
        def change(old: bytes, rng) -> bytes:
            new, (first, last) = bytearray(old), where(old)
            for _ in range(rng.randint(1, 20)):
                new[rng.randrange(first, last)] ^= 1 << rng.randrange(8)
            return bytes(new)

        return change

    def footer(old: bytes) -> tuple[int, int]:
        size = int.from_bytes(old[-8:-4], "little")
        return len(old) - 8 - size, len(old) - 8

    refused = {
        "empty": lambda old, _: b"",
        "the marks alone": lambda old, _: b"PAR1PAR1",
        "the first half": lambda old, _: old[: len(old) // 2],
        "zeros": lambda old, _: b"PAR1" + bytes(len(old) - 8) + b"PAR1",
        "the mark of sealed files": lambda old, _: b"PARE" + old[4:-4] + b"PARE",
        "noise": lambda old, rng: b"PAR1" + rng.randbytes(len(old) - 12) + old[-8:],
        "noise for pages": lambda old, rng: b"PAR1" + rng.randbytes(footer(old)[0] - 4) + old[footer(old)[0] :],
        "a CSV file": lambda old, _: f"pseudonym;note\n{CODE};{NAME}\n".encode(),
        **{f"a footer of {number} bytes": length(number) for number in (0, 7, 2**31 - 1, 2**32 - 1)},
    }
    for name, change in refused.items():
        yield Attack("files", f"{table}: {name}", True, bytes_of_file(table, change))
    for number in range(12):
        yield Attack("footers", f"{table}: bits of the footer, {number}", False, bytes_of_file(table, flipped(footer)))
        yield Attack("pages", f"{table}: bits of the pages, {number}", False, bytes_of_file(table, flipped(lambda old: (4, footer(old)[0]))))
    for bomb in sorted(FIXTURES.glob("bad_*/data/*.parquet")):
        content = bomb.read_bytes()
        yield Attack("bombs", f"{table}: {bomb.parts[-3]}", True, bytes_of_file(table, lambda old, _, content=content: content))

    def all_null(forgery: Forgery, _) -> None:
        rows = forgery.read(table).schema.empty_table()
        nulls = pa.table([pa.nulls(study.many, field.type) for field in rows.schema], names=rows.column_names)
        forgery.write(table, nulls, row_group_size=GROUP)

    yield Attack("bombs", f"{table}: {study.many} rows of nothing", True, all_null)


def attacks(study: Study, holder: str, tables: list[str]) -> Iterator[Attack]:
    for table in tables:
        yield from values(study, table)
        yield from order(study, table)
        yield from wrong_counts(table)
        yield from kinds(study, table)
        yield from encodings(table)
        yield from files(study, table)
