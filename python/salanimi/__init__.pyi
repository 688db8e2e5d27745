import pathlib
from collections.abc import Sequence
from os import PathLike
from typing import Any, Literal, NoReturn, overload

import pyarrow as pa

__version__: str

Path = str | PathLike[str]

class SalanimiError(ValueError):
    """An input is wrong. The message says where, what is wrong and what to do; it never holds a value."""

class Pseudonymiser:
    """Turns identifiers of one kind into pseudonyms. Never pickled or copied: it holds a key."""

    def __init__(
        self, contract: Path, key: Path, *, holder: str, kind: str, identity: Path | None = None
    ) -> None: ...
    @property
    def key_id(self) -> str:
        """Public name of the key, as manifests state it."""
    @overload
    def array(self, identifiers: pa.Array, /) -> pa.FixedSizeBinaryArray: ...
    @overload
    def array(self, identifiers: pa.ChunkedArray, /) -> pa.ChunkedArray:
        """Pseudonyms of 16 bytes; null where the identifier is missing or not valid. TypeError unless text."""
    @overload
    def reasons(self, identifiers: pa.Array, /) -> pa.StringArray: ...
    @overload
    def reasons(self, identifiers: pa.ChunkedArray, /) -> pa.ChunkedArray:
        """Why each identifier is not valid, as one word; null where it is valid. TypeError unless text."""
    def __reduce__(self) -> NoReturn: ...

class Extractor:
    """Pseudonymises and transforms the rows of one table, batch by batch. Never pickled or copied: it holds a key."""

    def __init__(
        self, contract: Path, holder: Path, key: Path, table: str, *, identity: Path | None = None
    ) -> None: ...
    @property
    def source_columns(self) -> list[str]:
        """Names of the source's columns that a batch must have."""
    @property
    def schema(self) -> pa.Schema:
        """Schema of the batches that leave."""
    def batch(self, rows: pa.RecordBatch, /) -> pa.RecordBatch:
        """The rows that leave the holder, pseudonym first."""
    def counts(self) -> dict[str, Any]:
        """Rows and records read, kept, filtered and rejected, of all batches so far."""
    def __reduce__(self) -> NoReturn: ...

class ExtractJob:
    """Starts a delivery that many processes write together, and finishes it. Never pickled or copied."""

    def __init__(
        self,
        contract: Path,
        holder: Path,
        key: Path,
        out: Path,
        *,
        parts: int = 1,
        rejects: Path | None = None,
        identity: Path | None = None,
        signing_key: Path | None = None,
        cohort: Path | None = None,
        exclude: Path | None = None,
        protect: Path | None = None,
        audit: Path | None = None,
        unsealed: bool = False,
        strict: bool = False,
    ) -> None: ...
    @property
    def folder(self) -> pathlib.Path:
        """Folder that every process must reach."""
    @property
    def tables(self) -> list[tuple[str, list[tuple[list[str], list[pathlib.Path]]]]]:
        """By table: the sources, each with the names of its columns and the paths of its files."""
    def add(self, table: str, rows: bytes, parts: Sequence[bytes]) -> None:
        """Adds a table: the joined statement of its rows, and the statements of its parts. Tables come in order."""
    def finish(self) -> dict[str, Any]:
        """Finishes the delivery. Returns "digest", "signed_by" and "account"."""
    def abandon(self) -> None:
        """Gives up: removes everything that was written."""
    def __reduce__(self) -> NoReturn: ...

class ExtractRows:
    """Pseudonymises rows of one source of a table for a job, on any host. Never pickled or copied."""

    def __init__(self, folder: Path, table: str, source: int = 0) -> None: ...
    @property
    def schema(self) -> pa.Schema:
        """Schema of the rows that leave: the delivered columns, then "salanimi_part"."""
    @property
    def parts(self) -> int:
        """Number of parts of each table."""
    def batch(self, rows: pa.RecordBatch, /) -> pa.RecordBatch:
        """The rows that leave. The batch also has "salanimi_file" (text) and "salanimi_row" (64 bits, from 0)."""
    def finish(self) -> bytes:
        """States what was read: counts and row numbers, no value."""
    def __reduce__(self) -> NoReturn: ...

class ExtractPart:
    """Sorts and writes one part of one table for a job, on any host. Never pickled or copied."""

    def __init__(self, folder: Path, table: str, part: int, *, memory: int = 268435456) -> None: ...
    def write(self, rows: pa.RecordBatch, /) -> None:
        """Adds rows as ExtractRows returns them, in any order."""
    def finish(self, attempt: int) -> bytes | None:
        """Writes the part, and states what was written; None if there was no row."""
    def __reduce__(self) -> NoReturn: ...

def join_statements(statements: Sequence[bytes]) -> bytes:
    """Adds up what ExtractRows.finish returned in several processes, in any order."""

class Delivery:
    """A delivery whose files are those of its manifest, and whose signature holds if the contract asks for one."""

    def __init__(self, path: Path, contract: Path, *, identity: Path | None = None) -> None: ...
    @property
    def tables(self) -> list[str]:
        """Names of the tables, in the contract's order."""
    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest."""
    @property
    def account(self) -> dict[str, Any]:
        """The holder's account of every record."""
    def read(self, table: str, /) -> pa.RecordBatchReader:
        """Rows in the order of the pseudonym. KeyError for an unknown table."""

class LinkedDataset:
    """A linked dataset whose files are those of its manifest."""

    def __init__(self, path: Path) -> None: ...
    @property
    def tables(self) -> list[str]:
        """Names of the tables."""
    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest."""
    def read(self, table: str, /) -> pa.RecordBatchReader:
        """Rows in the order of the person; codes are dictionaries. KeyError for an unknown table."""

def verify(
    paths: Sequence[Path],
    *,
    contract: Path | None = None,
    identity: Path | None = None,
    attack: Literal["none", "quick", "standard", "whole"] = "standard",
    released: bool = False,
    memory: int = 1073741824,
) -> dict[str, Any]:
    """Runs `salanimi verify` and returns its report. A failed check is no error: see "verdict"."""
