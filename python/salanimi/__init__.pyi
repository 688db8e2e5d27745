import pathlib
from collections.abc import Sequence
from os import PathLike
from typing import Any, Literal, NoReturn, final, overload

import pyarrow as pa
from typing_extensions import Self

__all__ = [
    "Delivery",
    "ExtractJob",
    "ExtractRows",
    "Extractor",
    "HostError",
    "LinkJob",
    "LinkedDataset",
    "Pseudonymiser",
    "SalanimiError",
    "__version__",
    "extract_part",
    "link_part",
    "link_range",
    "verify",
]
__version__: str

_Path = str | PathLike[str]

class SalanimiError(ValueError):
    """An input is wrong. The message says where, what is wrong and what to do; it never holds a value."""

class HostError(SalanimiError):
    """This host cannot take part in a job: it has another version of the package, lacks an input, or has another one.

    Another attempt on this host ends so too.
    """

@final
class Pseudonymiser:
    """Turns identifiers of one kind into pseudonyms. Never pickled or copied: it holds a key."""

    def __new__(
        cls, contract: _Path, key: _Path, *, holder: str, kind: str, identity: _Path | None = None
    ) -> Self: ...
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

@final
class Extractor:
    """Pseudonymises and transforms the rows of one table, batch by batch. Never pickled or copied: it holds a key."""

    def __new__(
        cls, contract: _Path, holder: _Path, key: _Path, table: str, *, identity: _Path | None = None
    ) -> Self: ...
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

@final
class ExtractJob:
    """Starts a delivery that many processes write together, and finishes it. Never pickled or copied."""

    def __new__(
        cls,
        contract: _Path,
        holder: _Path,
        key: _Path,
        out: _Path,
        *,
        parts: int = 1,
        rejects: _Path | None = None,
        identity: _Path | None = None,
        signing_key: _Path | None = None,
        cohort: _Path | None = None,
        exclude: _Path | None = None,
        protect: _Path | None = None,
        audit: _Path | None = None,
        unsealed: bool = False,
        strict: bool = False,
    ) -> Self: ...
    @property
    def folder(self) -> pathlib.Path:
        """Folder that every process must reach."""
    @property
    def tables(self) -> list[tuple[str, list[tuple[list[str], list[str], list[pathlib.Path]]]]]:
        """By table: the sources, each with its columns, others that it may have, and the paths of its files."""
    def add_rows(self, table: str, statements: Sequence[bytes]) -> None:
        """Adds what ExtractRows.finish returned in every process. extract_part can be called after that."""
    def add_parts(self, table: str, statements: Sequence[bytes]) -> None:
        """Adds what extract_part returned for every part of the table, in any order."""
    def finish(self) -> dict[str, Any]:
        """Finishes the delivery. Returns "digest", "signed_by" and "account"."""
    def abandon(self) -> None:
        """Gives up: removes everything that was written."""
    def __reduce__(self) -> NoReturn: ...

@final
class ExtractRows:
    """Pseudonymises rows of one source of a table for a job, on any host, and leaves them in the job's folder, encrypted.
    Never pickled or copied.
    """

    def __new__(cls, folder: _Path, table: str, attempt: int, *, source: int = 0) -> Self: ...
    def add(self, rows: pa.RecordBatch, /) -> None:
        """Adds a batch. It also has "salanimi_file" (text) and "salanimi_row" (64 bits, from 0)."""
    def finish(self) -> bytes:
        """States what was read, for ExtractJob.add_rows; encrypted."""
    def __reduce__(self) -> NoReturn: ...

def extract_part(folder: _Path, table: str, part: int, attempt: int, *, memory: int = ...) -> bytes:
    """Writes one part of a table for a job, on any host. Returns what was written, for ExtractJob.add_parts; encrypted."""

@final
class LinkJob:
    """Starts a linked dataset that many processes write together, and finishes it. Never pickled or copied."""

    def __new__(
        cls,
        contract: _Path,
        deliveries: Sequence[_Path],
        link_key: _Path,
        out: _Path,
        *,
        parts: int = 1,
        identity: _Path | None = None,
        strict: bool = False,
        audit: _Path | None = None,
    ) -> Self: ...
    @property
    def folder(self) -> pathlib.Path:
        """Folder that every process must reach."""
    def add_ranges(self, statements: Sequence[bytes]) -> None:
        """Adds what link_range returned for every range, in any order. link_part can be called after that."""
    def add_parts(self, statements: Sequence[bytes]) -> None:
        """Adds what link_part returned for every part, in any order."""
    def finish(self) -> dict[str, Any]:
        """Finishes the dataset. Returns "digest", "accounting", "summary" and "text"."""
    def abandon(self) -> None:
        """Gives up: removes everything that was written."""
    def __reduce__(self) -> NoReturn: ...

def link_range(folder: _Path, range: int, attempt: int, *, memory: int = ...) -> bytes:
    """Merges one range of persons for a job, on any host. Returns what was merged, for LinkJob.add_ranges; encrypted."""

def link_part(folder: _Path, part: int, attempt: int, *, memory: int = ...) -> bytes:
    """Writes one part of every table for a job, on any host. Returns what was written, for LinkJob.add_parts; encrypted."""

@final
class Delivery:
    """A delivery whose files are those of its manifest, and whose signature holds if the contract asks for one."""

    def __new__(cls, path: _Path, contract: _Path, *, identity: _Path | None = None) -> Self: ...
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

@final
class LinkedDataset:
    """A linked dataset whose files are those of its manifest."""

    def __new__(cls, path: _Path) -> Self: ...
    @property
    def tables(self) -> list[str]:
        """Names of the tables."""
    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest."""
    def read(self, table: str, /) -> pa.RecordBatchReader:
        """Rows in the order of the person; codes are dictionaries. KeyError for an unknown table."""

def verify(
    paths: Sequence[_Path],
    *,
    contract: _Path | None = None,
    identity: _Path | None = None,
    attack: Literal["none", "quick", "standard", "whole"] = "standard",
    released: bool = False,
    memory: int = ...,
) -> dict[str, Any]:
    """Runs `salanimi verify` and returns its report. A failed check is no error: see "verdict"."""
