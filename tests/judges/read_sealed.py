"""Opens a sealed, signed delivery with the stock tools alone and holds it against the same delivery left unsealed.

    read_sealed.py --identity IDENTITY --public-key RW... SEALED UNSEALED

The `minisign` tool verifies the signature over the manifest, the `age` tool unwraps the data key and the account, and pyarrow
reads every table with that key. DuckDB is shown to refuse the sealed file, as the README says, and to read the table that
pyarrow opened. Prints "ok ..." or stops at the first difference with exit code 1, and never shows a value.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from differs import Differs, expect


def unwrap(identity, file):
    """What the `age` tool finds in `file`."""
    return subprocess.run(["age", "--decrypt", "--identity", identity, file], check=True, capture_output=True).stdout


def verify_signature(public_key, file):
    run = subprocess.run(["minisign", "-V", "-q", "-P", public_key, "-m", file], capture_output=True)
    expect(run.returncode == 0, f"{file}: minisign does not verify the signature")


def aad_prefix(manifest, table):
    """What binds a sealed table to its place: see src/crypto/data_key.rs."""
    fields = ["salanimi/v1", manifest["study"], manifest["holder"], str(manifest["delivery"]["number"]), table["name"], table["file"]]
    return "\0".join(fields).encode()


def opened(path, key, prefix):
    return pq.ParquetFile(path, decryption_properties=pe.create_decryption_properties(key, aad_prefix=prefix))


def refuses(work, message):
    try:
        work()
    except Exception:  # Whatever the library's own error is.
        return
    raise Differs(message)


def main():
    parser = argparse.ArgumentParser(description="Open a sealed delivery with the stock tools.")
    parser.add_argument("--identity", required=True)
    parser.add_argument("--public-key", required=True)
    parser.add_argument("sealed", type=Path)
    parser.add_argument("unsealed", type=Path)
    arguments = parser.parse_args()
    sealed, identity = arguments.sealed, arguments.identity
    for folder in sealed, arguments.unsealed:
        verify_signature(arguments.public_key, folder / "manifest.json")
    manifest = json.loads((sealed / "manifest.json").read_text())
    plain = json.loads((arguments.unsealed / "manifest.json").read_text())
    for file, digest in manifest["files"].items():
        expect(hashlib.sha256((sealed / file).read_bytes()).hexdigest() == digest, f"{file}: not the bytes of the manifest")
    expect(manifest["account"] is None and manifest["sealing"]["to"], "the account of a sealed delivery can be read")
    account = json.loads(unwrap(identity, sealed / "account.json.age"))
    expect(account == plain["account"], "the sealed and the unsealed account differ")
    key = unwrap(identity, sealed / "data-key.age")
    expect(len(key) == 32, "the data key is not 32 bytes")
    rows = 0
    for table in account["tables"]:
        path, prefix = sealed / table["file"], aad_prefix(manifest, table)
        expect(path.read_bytes()[:4] == path.read_bytes()[-4:] == b"PARE", f"{path}: the footer is not encrypted")
        file = opened(path, key, prefix)
        ours, theirs = file.read(), pq.ParquetFile(arguments.unsealed / table["file"]).read()
        expect(ours.equals(theirs), f"{path}: the rows are not those of the unsealed table")
        expect(file.metadata.created_by == "salanimi" and file.metadata.metadata is None, f"{path}: the footer says too much")
        refuses(lambda: opened(path, key, prefix + b"x").read(), f"{path}: opens as another table")
        refuses(lambda: opened(path, bytes(32), prefix).read(), f"{path}: opens with another key")
        refuses(lambda: duckdb.read_parquet(str(path)).fetchall(), f"{path}: DuckDB reads it, against what the README says")
        (counted,), = duckdb.sql("SELECT count(DISTINCT pseudonym) FROM ours").fetchall()
        expect(counted == table["persons"], f"{path}: DuckDB counts {counted} persons")
        rows += ours.num_rows
    print(f"ok {sealed.name}: sealed delivery of {len(account['tables'])} tables, {rows} rows, opened by age, minisign and pyarrow")


if __name__ == "__main__":
    try:
        main()
    except Differs as differs:
        sys.exit(f"differs: {differs}")
