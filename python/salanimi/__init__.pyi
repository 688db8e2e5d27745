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
