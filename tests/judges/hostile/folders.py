"""Attacks on the files of a delivery, on its signature, and on the chain of deliveries."""

import hashlib
import os
from collections.abc import Iterator

from hostile.forgery import MANIFEST, SIGNATURE, Attack, Forgery
from hostile.signing import Signer, malleable
from hostile.study import CODE, NAME, Study


def files(study: Study, holder: str, tables: list[str]) -> Iterator[Attack]:
    first = tables[0]

    def removed(forgery: Forgery, _) -> None:
        forgery.path(first).unlink()

    def forgotten(forgery: Forgery, _) -> None:
        removed(forgery, _)
        del forgery.manifest["files"][forgery.entry(first)["file"]]

    def unlisted_table(forgery: Forgery, _) -> None:
        del forgery.manifest["files"][forgery.entry(first)["file"]]

    def no_entry(forgery: Forgery, _) -> None:
        forgery.tables.pop(0)

    def fewer(forgery: Forgery, _) -> None:
        entry = forgery.tables.pop(0)
        del forgery.manifest["files"][entry["file"]]
        (forgery.folder / entry["file"]).unlink()
        forgery.manifest["coverage"] = [one for one in forgery.manifest["coverage"] if one["table"] != entry["name"]]

    def named(name: str):
        def change(forgery: Forgery, _) -> None:
            entry = forgery.entry(first)
            content = forgery.path(first).read_bytes()
            forgery.path(first).unlink()
            del forgery.manifest["files"][entry["file"]]
            (forgery.folder / name).parent.mkdir(parents=True, exist_ok=True)
            forgery.put(name, content)
            entry["file"] = name

        return change

    def swapped(forgery: Forgery, _) -> None:
        a, b = forgery.tables[:2]
        a["file"], b["file"] = b["file"], a["file"]

    def same(forgery: Forgery, _) -> None:
        a, b = forgery.tables[:2]
        a["file"] = b["file"]

    def of_other(forgery: Forgery, rng) -> None:
        other = rng.choice([one for one in study.deliveries if one != holder])
        file = next(study.deliveries[other].glob("*.parquet"))
        forgery.put(forgery.entry(first)["file"], file.read_bytes())

    def link(target: str):
        def change(forgery: Forgery, _) -> None:
            path = forgery.path(first)
            path.unlink()
            path.symlink_to(target)

        return change

    def link_to_itself(forgery: Forgery, _) -> None:
        path = forgery.path(first)
        copied = path.with_name("real.bin")
        path.rename(copied)
        path.symlink_to(copied.name)

    def pipe(forgery: Forgery, _) -> None:
        forgery.path(first).unlink()
        os.mkfifo(forgery.path(first))

    def folder(forgery: Forgery, _) -> None:
        forgery.path(first).unlink()
        forgery.path(first).mkdir()

    def extra(name: str, listed: bool):
        def change(forgery: Forgery, _) -> None:
            if listed:
                forgery.put(name, NAME.encode())
            else:
                (forgery.folder / name).write_text(NAME)

        return change

    def lists(name: str, digest: str):
        return lambda forgery, _: forgery.manifest["files"].update({name: digest})

    def manifest_is_link(forgery: Forgery, _) -> None:
        (forgery.folder / MANIFEST).unlink()
        (forgery.folder / MANIFEST).symlink_to(forgery.folder.parent / "elsewhere.json")

    def signature_is_device(forgery: Forgery, _) -> None:
        (forgery.folder / SIGNATURE).unlink()
        (forgery.folder / SIGNATURE).symlink_to("/dev/zero")
        forgery.is_signed = None

    def signature_is_pipe(forgery: Forgery, _) -> None:
        (forgery.folder / SIGNATURE).unlink()
        os.mkfifo(forgery.folder / SIGNATURE)
        forgery.is_signed = None

    empty = hashlib.sha256(b"").hexdigest()
    refused = {
        "a table's file is missing": removed,
        "a table's file is missing and not listed": forgotten,
        "a table's file is not listed": unlisted_table,
        "a table without an entry": no_entry,
        "two tables exchanged": swapped,
        "two tables with one file": same,
        "another holder's file": of_other,
        "a link to a device": link("/dev/zero"),
        "a link to a file of the system": link("/etc/passwd"),
        "a pipe": pipe,
        "a folder": folder,
        "a signature that is a device": signature_is_device,
        "a signature that is a pipe": signature_is_pipe,
        "listed, with a name in it": extra("notes.txt", True),
        "listed, named by a code": extra(f"{CODE}.txt", True),
        "listed, named by a person": extra(f"{NAME}.parquet", True),
        "lists itself": lists(MANIFEST, empty),
        "lists a file that is not there": lists("more.parquet", empty),
        "lists a device": lists("/dev/null", empty),
        "lists the folder": lists(".", empty),
        "lists nothing": lists("", empty),
        "named by a code": named(f"{CODE}.parquet"),
        "named by a person": named(f"{NAME}.parquet"),
        "in a folder of its own": named("data/table.parquet"),
        "named outside": named("../forged.parquet"),
        "named like the manifest": named("manifest.json.parquet"),
    }
    for name, change in refused.items():
        yield Attack("folder", name, True, change)
    yield Attack("folder", "a link to its own file", False, link_to_itself)
    yield Attack("folder", "a manifest that is a link", False, manifest_is_link)
    yield Attack("folder", "a table less", False, fewer)
    yield Attack("folder", "not listed, harmless name", False, extra("notes.txt", False))
    yield Attack("folder", "a file named as the tool would not", True, named("table.parquet"))


def signatures(study: Study, holder: str) -> Iterator[Attack]:
    others = [one for one in study.signers if one != holder]

    def by(signer: Signer):
        return lambda forgery, _: setattr(forgery, "signer", signer)

    def comment(text: str):
        return lambda forgery, _: setattr(forgery, "comment", text)

    def changed(change_text):
        """Another signature file over the same manifest."""

        def change(forgery: Forgery, rng) -> None:
            forgery.finish()
            forgery.signature = change_text(forgery.signature)

        return change

    def other_message(forgery: Forgery, _) -> None:
        forgery.signature = forgery.signer.sign(b"another file", forgery.honest_comment())

    def old_signature(forgery: Forgery, _) -> None:
        forgery.signature = (study.deliveries[holder] / SIGNATURE).read_text()
        forgery.manifest["tool"] = "salanimi 0.0.1"

    def others_signature(forgery: Forgery, _) -> None:
        forgery.signature = (study.deliveries[others[0]] / SIGNATURE).read_text()

    def legacy(forgery: Forgery, _) -> None:
        forgery.finish()
        text = (forgery.folder / MANIFEST).read_bytes()
        forgery.signature = forgery.signer.sign(text, forgery.honest_comment(), legacy=True)

    def line(number: int, text: str):
        def change(old: str) -> str:
            lines = old.split("\n")
            lines[number] = text
            return "\n".join(lines)

        return change

    yield Attack("signatures", "none", True, lambda forgery, _: setattr(forgery, "is_signed", False))
    for other in others:
        yield Attack("signatures", f"of {other}", True, by(study.signers[other]))
    yield Attack("signatures", "of a stranger with its number", True, by(Signer.stranger(study.signers[holder].number)))
    yield Attack("signatures", "of a stranger", True, by(Signer.stranger(b"12345678")))
    yield Attack("signatures", "over another file", True, other_message)
    yield Attack("signatures", "over the former manifest", True, old_signature)
    yield Attack("signatures", "of another delivery", True, others_signature)
    yield Attack("signatures", "of the legacy kind", True, legacy)
    yield Attack("signatures", "with a scalar beyond the order", True, changed(malleable))
    for text in (CODE, NAME, "", "timestamp:1700000000", "x" * 3000, f"salanimi-delivery/1 {study.name} {holder} 2"):
        yield Attack("trusted comments", f"'{text[:30]}'", True, comment(text))
    yield Attack("trusted comments", "changed without the key", True, changed(line(2, f"trusted comment: {NAME}")))
    yield Attack("signatures", "another untrusted comment", False, changed(line(0, f"untrusted comment: {NAME}")))
    yield Attack("signatures", "no untrusted comment", True, changed(line(0, "")))
    yield Attack("signatures", "not base64", True, changed(line(1, "!" * 100)))
    yield Attack("signatures", "half", True, changed(lambda old: old[: len(old) // 2]))
    yield Attack("signatures", "followed by a name", True, changed(lambda old: old + NAME + "\n"))
    yield Attack("signatures", "with Windows line ends", False, changed(lambda old: old.replace("\n", "\r\n")))
    yield Attack("signatures", "a megabyte", True, changed(lambda old: old + "\n" * (1 << 20)))
    yield Attack("signatures", "empty", True, changed(lambda _: ""))


# Of a chain with a gap, `verify` warns: it need not be given the earlier deliveries.
GAPS = ["the second without a first", "number 2^32 - 1"]


def chains(study: Study, holder: str) -> Iterator[Attack]:
    def delivery(**fields):
        return lambda forgery, _: forgery.manifest["delivery"].update(fields)

    digest = "ab" * 32
    refused = {
        "the second without a first": delivery(number=2),
        "number zero": delivery(number=0),
        "number 2^32 - 1": delivery(number=2**32 - 1),
        "replaces itself": delivery(replaces={"number": 1, "manifest": digest}),
        "replaces a later one": delivery(replaces={"number": 2, "manifest": digest}),
        "replaces number zero": delivery(number=1, replaces={"number": 0, "manifest": digest}),
        "replaces one by a short digest": delivery(number=2, replaces={"number": 1, "manifest": "ab"}),
        "a period that ends before it begins": delivery(period={"first": "2019-12-31", "last": "2017-01-01"}),
        "a period before its rows": delivery(period={"first": "1990-01-01", "last": "1990-12-31"}),
        "a period of one day": delivery(period={"first": "2018-03-04", "last": "2018-03-04"}),
    }
    for name, change in refused.items():
        yield Attack("chains", name, True, change, by_link_alone=name in GAPS)
    yield Attack("chains", "replaces one that is not there", False, delivery(number=2, replaces={"number": 1, "manifest": digest}))


def attacks(study: Study, holder: str, tables: list[str]) -> Iterator[Attack]:
    yield from files(study, holder, tables)
    yield from signatures(study, holder)
    yield from chains(study, holder)
