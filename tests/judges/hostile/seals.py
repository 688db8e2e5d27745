"""Attacks on sealed deliveries. The holder made the data key, so it can seal anything again; the `age` tool does."""

import json
import subprocess
from collections.abc import Iterator

import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from hostile.forgery import Attack, Forgery
from hostile.study import CODE, NAME, Study
from hostile.tables import with_first

KEY, ACCOUNT = "data-key.age", "account.json.age"
STRANGER = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"


class Sealed:
    """A forged delivery with its seals open."""

    def __init__(self, forgery: Forgery):
        self.forgery = forgery
        self.key, account = (opened(forgery, file) for file in (KEY, ACCOUNT))
        self.account = json.loads(account)

    def prefix(self, entry: dict) -> bytes:
        fields = self.forgery.manifest
        number = str(fields["delivery"]["number"])
        return "\0".join(["salanimi/v1", fields["study"], fields["holder"], number, entry["name"], entry["file"]]).encode()

    def read(self, entry: dict):
        properties = pe.create_decryption_properties(self.key, aad_prefix=self.prefix(entry))
        return pq.ParquetFile(self.forgery.folder / entry["file"], decryption_properties=properties).read()

    def write(self, entry: dict, rows, **options) -> None:
        path = self.forgery.folder / entry["file"]
        properties = pe.create_encryption_properties(self.key, aad_prefix=self.prefix(entry), **({"store_aad_prefix": False} | options))
        pq.write_table(rows, path, encryption_properties=properties, write_statistics=False, store_schema=False, store_decimal_as_integer=True)
        self.forgery.put(entry["file"], path.read_bytes())

    def seal(self) -> None:
        put(self.forgery, ACCOUNT, json.dumps(self.account).encode())


def opened(forgery: Forgery, file: str) -> bytes:
    command = ["age", "--decrypt", "--identity", str(forgery.study.identity), str(forgery.folder / file)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def put(forgery: Forgery, file: str, content: bytes, *recipients: str) -> None:
    """Seals `content` to the delivery's recipients, or to others."""
    to = recipients or tuple(forgery.manifest["sealing"]["to"].values())
    command = ["age", "--encrypt", *(word for one in to for word in ("--recipient", one))]
    forgery.put(file, subprocess.run(command, input=content, check=True, capture_output=True).stdout)


def of_account(change):
    """Changes the account and seals it again."""

    def apply(forgery: Forgery, _) -> None:
        sealed = Sealed(forgery)
        change(sealed.account)
        sealed.seal()

    return apply


def of_file(study: Study, file: str):
    """Takes a file of another holder's sealed delivery."""

    def apply(forgery: Forgery, rng) -> None:
        other = rng.choice([one for one in study.sealed if one != forgery.holder])
        forgery.put(file, (study.sealed[other] / file).read_bytes())

    return apply


def of_rows(change_rows, **options):
    def apply(forgery: Forgery, _) -> None:
        sealed = Sealed(forgery)
        entry = sealed.account["tables"][0]
        sealed.write(entry, change_rows(sealed.read(entry)), **options)

    return apply


def exchanged(forgery: Forgery, _) -> None:
    first, second = (forgery.folder / entry["file"] for entry in Sealed(forgery).account["tables"][:2])
    contents = second.read_bytes(), first.read_bytes()
    for path, content in zip((first, second), contents, strict=True):
        forgery.put(path.name, content)


def plain_table(study: Study):
    def apply(forgery: Forgery, _) -> None:
        file = Sealed(forgery).account["tables"][0]["file"]
        forgery.put(file, (study.deliveries[forgery.holder] / file).read_bytes())

    return apply


def flipped(forgery: Forgery, rng) -> None:
    file = rng.choice([name for name in forgery.manifest["files"] if name.endswith(".parquet")])
    content = bytearray((forgery.folder / file).read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    forgery.put(file, bytes(content))


def attacks(study: Study, holder: str) -> Iterator[Attack]:
    def sealing(value):
        return lambda forgery, _: forgery.manifest.update(sealing=value)

    def to(**more):
        return lambda forgery, _: forgery.manifest["sealing"]["to"].update(more)

    def open_account(forgery: Forgery, _) -> None:
        forgery.manifest["account"] = Sealed(forgery).account

    def content(file: str, value: bytes, *recipients: str):
        return lambda forgery, _: put(forgery, file, value, *recipients)

    def first(field: str, value):
        return of_account(lambda account: account["tables"][0].update({field: value}))

    refused = {
        "called unsealed": sealing("none"),
        "sealed to nobody": sealing({"to": {}}),
        "sealed to a name": sealing({"to": {CODE.lower(): STRANGER}}),
        "sealed to a stranger too": to(stranger=STRANGER),
        "sealed to no recipient": to(linker="age1"),
        "with an open account too": open_account,
        "the data key of another": of_file(study, KEY),
        "the account of another": of_file(study, ACCOUNT),
        "a data key of 31 bytes": content(KEY, b"x" * 31),
        "a data key of 33 bytes": content(KEY, b"x" * 33),
        "another data key": content(KEY, b"x" * 32),
        "a data key for a stranger": content(KEY, b"x" * 32, STRANGER),
        "an account for a stranger": content(ACCOUNT, b"{}", STRANGER),
        "an empty account": content(ACCOUNT, b"{}"),
        "an account of 20 MiB": content(ACCOUNT, b" " * (20 << 20)),
        "an account of deep lists": content(ACCOUNT, b"[" * 1_000_000),
        "a data key that is not sealed": lambda forgery, _: forgery.put(KEY, b"x" * 32),
        "an account that is not sealed": lambda forgery, _: forgery.put(ACCOUNT, json.dumps(Sealed(forgery).account).encode()),
        "account: a name among the dropped": first("dropped", [NAME]),
        "account: a person more": of_account(lambda account: account["tables"][0].update(persons=account["tables"][0]["persons"] + 1)),
        # No column of the study has this role when it is delivered.
        "account: another role": of_account(lambda account: account["tables"][0]["columns"][2].update(role="direct")),
        "account: another transform": of_account(lambda account: account["tables"][0]["columns"][2].update(transform=NAME)),
        "account: a table less": of_account(lambda account: account["tables"].pop()),
        "account: a table twice": of_account(lambda account: account["tables"].append(account["tables"][0])),
        "account: another file": first("file", "../../etc/passwd"),
        "two tables exchanged": exchanged,
        "a plain table": plain_table(study),
        "a bit of a table": flipped,
        "another number": lambda forgery, _: forgery.manifest["delivery"].update(number=2),
        "a null key, sealed again": of_rows(lambda rows: with_first(rows, rows.column_names[0], bytes(16))),
        "rows in another order, sealed again": of_rows(lambda rows: rows.take(list(range(len(rows)))[::-1])),
    }
    for name, change in refused.items():
        yield Attack("sealed", name, True, change, sealed=True)
    harmless = {
        "as it was, sealed again": of_rows(lambda rows: rows),
        "with the prefix stored": of_rows(lambda rows: rows, store_aad_prefix=True),
        "with an open footer": of_rows(lambda rows: rows, plaintext_footer=True),
    }
    for name, change in harmless.items():
        yield Attack("sealed", name, False, change, sealed=True)
