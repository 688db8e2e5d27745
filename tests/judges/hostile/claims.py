"""Attacks by which a holder states what another one may state: its coverage, its tables, its name."""

import copy
import json
import shutil
from collections.abc import Iterator

from hostile.forgery import MANIFEST, SIGNATURE, Attack, Forgery
from hostile.study import CODE, NAME, Study

WHOLE = {"first": "2017-01-01", "last": "2019-12-31"}


def manifest_of(study: Study, holder: str) -> dict:
    return json.loads((study.deliveries[holder] / MANIFEST).read_text(encoding="utf-8"))


def covering(**fields):
    def change(forgery: Forgery, _) -> None:
        coverage = forgery.manifest["coverage"]
        own = coverage[0] if coverage else {"organiser": "091", "table": forgery.tables[0]["name"]} | WHOLE
        coverage.append(own | fields)

    return change


def with_table_of(study: Study, other: str, table: str, others_rows: bool):
    """Adds a table of another holder: that one's rows, or one's own rows under its name."""

    def change(forgery: Forgery, _) -> None:
        entry = next(one for one in manifest_of(study, other)["account"]["tables"] if one["name"] == table)
        forgery.tables.append(copy.deepcopy(entry))
        file = (study.deliveries[other] / entry["file"]).read_bytes()
        if entry["file"] not in forgery.manifest["files"]:
            forgery.put(entry["file"], file)
        if not others_rows:
            forgery.write(table, forgery.read(table).slice(0, 1))

    return change


def attacks(study: Study, holder: str, own: list[str]) -> Iterator[Attack]:
    organisers = {entry["organiser"] for entry in manifest_of(study, holder)["coverage"]}
    for other in study.deliveries:
        if other == holder:
            continue
        theirs = manifest_of(study, other)
        for entry in theirs["coverage"]:
            if entry["table"] not in own:
                yield Attack("others' coverage", f"table {entry['table']} of {other}", True, covering(table=entry["table"]))
            if entry["organiser"] not in organisers:
                yield Attack("others' coverage", f"organiser of {other} in {entry['table']}", True, covering(**entry))
                narrow = covering(organiser=entry["organiser"], table=own[0])
                yield Attack("others' coverage", f"organiser of {other} in its own table", True, narrow)
        for entry in theirs["account"]["tables"]:
            if entry["name"] not in own:
                for rows in (True, False):
                    what = "with that one's rows" if rows else "with a row"
                    yield Attack("others' tables", f"{entry['name']} of {other} {what}", True, with_table_of(study, other, entry["name"], rows))
        yield Attack("others' names", f"signed as {other}", True, lambda forgery, _, other=other: forgery.manifest.update(holder=other))
        yield Attack("others' names", f"the delivery of {other}, signed by {holder}", True, taken_over(study, other, None))
        yield Attack("others' names", f"the delivery of {other} as that of {holder}", True, taken_over(study, other, holder))
    for word in (CODE, NAME, "", "000", "9" * 5000):
        yield Attack("others' coverage", f"an organiser '{word[:20]}'", True, covering(organiser=word))
    for word in (CODE.lower(), "persons", "no_such_table"):
        yield Attack("others' coverage", f"a table '{word}'", True, covering(table=word))
    yield Attack("others' coverage", "last before first", True, covering(first=WHOLE["last"], last=WHOLE["first"]))
    yield Attack("others' coverage", "its own, twice", True, covering())
    yield Attack("others' names", "an unknown holder", True, lambda forgery, _: forgery.manifest.update(holder="nobody"))
    yield Attack("others' names", "another study", True, lambda forgery, _: forgery.manifest.update(study="other"))

    def many(forgery: Forgery, _) -> None:
        day = forgery.manifest["delivery"]["period"]["first"]
        covering(first=day, last=day)(forgery, _)
        forgery.manifest["coverage"] *= 30_000

    yield Attack("others' coverage", "sixty thousand entries", True, many)


def taken_over(study: Study, other: str, name: str | None):
    """Another holder's delivery, signed with one's own key; under one's own name if given."""

    def change(forgery: Forgery, _) -> None:
        shutil.rmtree(forgery.folder)
        shutil.copytree(study.deliveries[other], forgery.folder)
        (forgery.folder / SIGNATURE).unlink()
        forgery.manifest = manifest_of(study, other) | ({"holder": name} if name else {})

    return change
