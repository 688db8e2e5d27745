"""Looks into a Parquet file below what libraries show: the fields of its footer and page headers, by number.

A writer may put values or counts of values into fields that readers skip (statistics of a page, size statistics, indexes).
So this reads the Thrift compact protocol itself and names every field that is not in the lists below. The numbers are those of
parquet.thrift in the Parquet format's specification.
"""

# What a file must hold to be read, and no more: for each field its name, and the fields inside it.
TYPE = {1: "type", 2: "type_length", 3: "repetition_type", 4: "name", 5: "num_children", 6: "converted_type", 7: "scale",
        8: "precision", 10: "logical_type"}
ENCODING_STATS = {1: "page_type", 2: "encoding", 3: "count"}
COLUMN = {1: "type", 2: "encodings", 3: "path_in_schema", 4: "codec", 5: "num_values", 6: "total_uncompressed_size",
          7: "total_compressed_size", 9: "data_page_offset", 11: "dictionary_page_offset",
          13: ("encoding_stats", ENCODING_STATS)}
CHUNK = {2: "file_offset", 3: ("meta_data", COLUMN)}
ROW_GROUP = {1: ("columns", CHUNK), 2: "total_byte_size", 3: "num_rows", 5: "file_offset", 6: "total_compressed_size",
             7: "ordinal"}
FILE = {1: "version", 2: ("schema", TYPE), 3: "num_rows", 4: ("row_groups", ROW_GROUP), 6: "created_by",
        7: "column_orders"}
DATA_PAGE = {1: "num_values", 2: "encoding", 3: "definition_level_encoding", 4: "repetition_level_encoding"}
DATA_PAGE_V2 = {1: "num_values", 2: "num_nulls", 3: "num_rows", 4: "encoding", 5: "definition_levels_byte_length",
                6: "repetition_levels_byte_length", 7: "is_compressed"}
DICTIONARY_PAGE = {1: "num_values", 2: "encoding", 3: "is_sorted"}
PAGE = {1: "type", 2: "uncompressed_page_size", 3: "compressed_page_size", 4: "crc", 5: ("data_page_header", DATA_PAGE),
        7: ("dictionary_page_header", DICTIONARY_PAGE), 8: ("data_page_header_v2", DATA_PAGE_V2)}

MAGIC = b"PAR1"


class Compact:
    """Structs of the Thrift compact protocol, as dictionaries from field number to value."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self):
        value = self.number()
        return value >> 1 ^ -(value & 1)

    def struct(self):
        fields, field = {}, 0
        while True:
            header = self.byte()
            if header == 0:
                return fields
            field = field + (header >> 4) if header >> 4 else self.signed()
            # A flag is its own type.
            fields[field] = header & 15 == 1 if header & 15 in (1, 2) else self.value(header & 15)

    def value(self, kind):
        if kind in (1, 2, 3):
            return self.byte()
        if kind in (4, 5, 6):
            return self.signed()
        if kind == 7:
            self.at += 8
            return None
        if kind == 8:
            length = self.number()
            self.at += length
            return self.data[self.at - length:self.at]
        if kind in (9, 10):
            header = self.byte()
            length = header >> 4 if header >> 4 < 15 else self.number()
            return [self.value(header & 15) for _ in range(length)]
        if kind == 12:
            return self.struct()
        raise ValueError(f"Thrift type {kind} in a Parquet footer")


def surplus(path):
    """The paths, in names and numbers, of the fields of the file that are not in the lists above; and bytes that nothing names."""
    data = path.read_bytes()
    if data[:4] != MAGIC or data[-4:] != MAGIC:
        return {"no Parquet file"}
    end = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    footer = Compact(data, end)
    fields = footer.struct()
    found = set(unlisted(fields, FILE, "footer"))
    if footer.at != len(data) - 8:
        found.add("bytes after the footer")
    chunks = [chunk[3] for group in fields[4] for chunk in group[1]]
    next_page = 4
    # Pages follow each other from the first byte to the footer, so no index hides between them.
    for chunk in sorted(chunks, key=first_page):
        if first_page(chunk) != next_page:
            found.add("bytes between column chunks")
        next_page = first_page(chunk) + chunk[7]
        at = first_page(chunk)
        while at < next_page:
            header = Compact(data, at)
            page = header.struct()
            found.update(unlisted(page, PAGE, "page"))
            at = header.at + page[3]
    if next_page != end:
        found.add("bytes between the last column chunk and the footer")
    return found


def first_page(chunk):
    return chunk.get(11, chunk[9])


def unlisted(fields, known, where):
    for number, value in fields.items():
        entry = known.get(number)
        if entry is None:
            yield f"{where}.{number}"
        elif isinstance(entry, tuple):
            name, inner = entry
            for struct in value if isinstance(value, list) else [value]:
                yield from unlisted(struct, inner, f"{where}.{name}")
