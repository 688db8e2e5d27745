"""A forged delivery: a copy of a genuine one that is changed, kept consistent where its forger wants it, and signed."""

import hashlib
import json
import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from hostile.content import content_digest
from hostile.study import Study

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.minisig"


@dataclass(frozen=True)
class Attack:
    """A change of a delivery. `refused`: what it states is not the holder's to state, or is malformed."""

    family: str
    name: str
    refused: bool
    change: Callable[["Forgery", Random], None]
    sealed: bool = False
    # `verify` warns only: it need not be given the deliveries before.
    by_link_alone: bool = False
    # The link does not compute digests of contents again.
    by_verify_alone: bool = False


class Forgery:
    """A copy of the delivery of `holder` in `folder`, whose manifest is open."""

    def __init__(self, study: Study, holder: str, folder: Path, sealed: bool = False):
        self.study, self.holder, self.folder = study, holder, folder
        shutil.copytree((study.sealed if sealed else study.deliveries)[holder], folder)
        self.manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        self.signer = study.signers[holder]
        self.text: bytes | None = None
        self.comment: str | None = None
        self.signature: str | None = None
        # `None` leaves what stands in place of the signature.
        self.is_signed: bool | None = True

    @property
    def tables(self) -> list[dict]:
        return self.manifest["account"]["tables"]

    def entry(self, table: str) -> dict:
        return next(entry for entry in self.tables if entry["name"] == table)

    def path(self, table: str) -> Path:
        return self.folder / self.entry(table)["file"]

    def read(self, table: str) -> pa.Table:
        return pq.read_table(self.path(table))

    def put(self, file: str, content: bytes) -> None:
        """Replaces or adds a file that the manifest lists."""
        (self.folder / file).write_bytes(content)
        self.manifest["files"][file] = hashlib.sha256(content).hexdigest()

    def write(self, table: str, rows: pa.Table, **options) -> None:
        """Replaces a table's rows, and everything that the account states about them."""
        write_parquet(rows, self.path(table), **options)
        entry, columns = self.entry(table), self.study.columns(table)
        entry["records"] += rows.num_rows - entry["rows"]
        entry["source_rows"] += rows.num_rows - entry["rows"]
        entry["rows"] = rows.num_rows
        for column in entry["columns"]:
            if rows.column_names.count(column["name"]) == 1:
                column["nulls"] = rows.column(column["name"]).null_count
        try:
            if "pseudonym" in rows.column_names:
                entry["persons"] = len(rows.column("pseudonym").unique().drop_null())
            entry["content_digest"] = content_digest(self.path(table), [(c.name, c.kind, c.scale) for c in columns])
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError, pa.ArrowException, struct.error):
            pass  # Another type has no digest of its own, or no distinct values.
        self.put(entry["file"], self.path(table).read_bytes())

    def finish(self) -> None:
        """Writes and signs the manifest."""
        text = self.text if self.text is not None else json.dumps(self.manifest, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        (self.folder / MANIFEST).write_bytes(text)
        if self.signature is None:
            self.signature = self.signer.sign(text, self.comment if self.comment is not None else self.honest_comment())
        if self.is_signed:
            (self.folder / SIGNATURE).write_text(self.signature, encoding="utf-8")
        elif self.is_signed is False:
            (self.folder / SIGNATURE).unlink(missing_ok=True)

    def honest_comment(self) -> str:
        """What the tool writes for this manifest."""
        fields, delivery = self.manifest, self.manifest.get("delivery")
        number = delivery.get("number") if isinstance(delivery, dict) else delivery
        comment = f"{fields.get('format')} {fields.get('study')} {fields.get('holder')} {number}"
        return "".join(mark for mark in comment[:500] if mark.isprintable())


def write_parquet(rows: pa.Table, path: Path, **options) -> None:
    """Writes as the tool does, except where `options` say otherwise."""
    schema = pa.schema([pa.field(f.name, f.type, nullable=f.name != "pseudonym" or rows.column(f.name).null_count > 0) for f in rows.schema])
    usual = {"compression": "zstd", "write_statistics": False, "store_schema": False, "store_decimal_as_integer": True}
    pq.write_table(pa.table(rows.columns, schema=schema), path, **(usual | options))
