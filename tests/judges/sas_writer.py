"""Writes SAS data sets (.sas7bdat) with the C library ReadStat, which pyreadstat brings but does not offer."""

import ctypes
import glob
import math
import os

import pyreadstat

TEXT, NUMBER = 0, 5
ROW_COMPRESSION = 1


def _library():
    found = glob.glob(os.path.join(os.path.dirname(pyreadstat.__file__), "_readstat_writer*"))
    library = ctypes.CDLL(next(path for path in found if path.endswith((".so", ".pyd", ".dylib"))))
    pointers = ["readstat_writer_init", "readstat_add_variable"]
    for name in pointers:
        getattr(library, name).restype = ctypes.c_void_p
    return library


def write(path, columns, rows, compressed=False):
    """Writes a data set.

    A column is (name, width in bytes for text or None for a number, display format or None). A cell is text, a number,
    None for the missing value, or ("special", letter) for a special one.
    """
    library = _library()
    pointer = ctypes.c_void_p
    parts = []
    callback_type = ctypes.CFUNCTYPE(ctypes.c_ssize_t, pointer, ctypes.c_size_t, pointer)

    def collect(data, length, _):
        parts.append(ctypes.string_at(data, length))
        return length

    callback = callback_type(collect)
    writer = pointer(library.readstat_writer_init())
    check(library.readstat_set_data_writer(writer, callback))
    if compressed:
        check(library.readstat_writer_set_compression(writer, ROW_COMPRESSION))
    variables = []
    for name, width, display in columns:
        kind = NUMBER if width is None else TEXT
        variable = pointer(
            library.readstat_add_variable(writer, name.encode(), ctypes.c_int(kind), ctypes.c_size_t(width or 0))
        )
        if display:
            library.readstat_variable_set_format(variable, display.encode())
        variables.append(variable)
    check(library.readstat_begin_writing_sas7bdat(writer, None, ctypes.c_long(len(rows))))
    for row in rows:
        check(library.readstat_begin_row(writer))
        for variable, cell in zip(variables, row):
            check(insert(library, writer, variable, cell))
        check(library.readstat_end_row(writer))
    check(library.readstat_end_writing(writer))
    library.readstat_writer_free(writer)
    with open(path, "wb") as file:
        file.write(b"".join(parts))


def insert(library, writer, variable, cell):
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return library.readstat_insert_missing_value(writer, variable)
    if isinstance(cell, tuple):
        return library.readstat_insert_tagged_missing_value(writer, variable, ctypes.c_char(cell[1].encode()))
    if isinstance(cell, str):
        return library.readstat_insert_string_value(writer, variable, cell.encode())
    return library.readstat_insert_double_value(writer, variable, ctypes.c_double(cell))


def check(code):
    if code:
        raise RuntimeError(f"ReadStat refuses with code {code}")
