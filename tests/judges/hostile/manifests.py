"""Attacks on manifests and accounts: every string, number, date, list and map, and the text itself."""

import copy
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

from hostile.forgery import Attack, Forgery
from hostile.study import CODE, NAME

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# Fields that only the holder can know. Any possible number may stand there.
STATED = {"source_rows", "temporary_rows", "changed_rows", "emptied", "ignored", "warnings"}
# A number that leaves a gap in a chain: `verify` need not be given the deliveries before.
GAPS = {("delivery", "number")}
# Strings that are replaced by these, whatever they were.
WORDS = {
    "an identity code": CODE,
    "an identity code as an id": CODE.lower(),
    "a name": NAME,
    "nothing": "",
    "another folder": "../../etc/passwd",
    "a million letters": "x" * 1_000_000,
    "a control character": "tampere\u202e\n\u0007",
    "half a character": "\ud800",
}


def leaves(value, path=()) -> Iterator[tuple]:
    """The paths of all values that are no list or map."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from leaves(item, (*path, at))
    else:
        yield path


def containers(value, path=()) -> Iterator[tuple]:
    """The paths of all lists and maps."""
    if isinstance(value, dict | list):
        yield path
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from containers(item, (*path, key))


def at(value, path: tuple):
    for step in path:
        value = value[step]
    return value


def put(value, path: tuple, new) -> None:
    at(value, path[:-1])[path[-1]] = new


def title(path: tuple) -> str:
    """A path without positions: attacks on the items of one list are alike."""
    return ".".join("[]" if isinstance(step, int) else step for step in path)


def one_of_each(paths) -> Iterator[tuple]:
    """The first and the last path of each title."""
    by_title: dict[str, list] = {}
    for path in paths:
        by_title.setdefault(title(path), []).append(path)
    for alike in by_title.values():
        yield from {alike[0], alike[-1]}


def setting(path: tuple, new):
    return lambda forgery, _: put(forgery.manifest, path, new)


def strings(manifest: dict) -> Iterator[Attack]:
    for path in one_of_each(path for path in leaves(manifest) if isinstance(at(manifest, path), str)):
        old = at(manifest, path)
        for name, word in WORDS.items():
            yield Attack("strings", f"{title(path)}: {name}", True, setting(path, word))
        yield Attack("strings", f"{title(path)}: followed by a name", True, setting(path, f"{old} {NAME}"))
        for wrong in (None, 7, True, [old], {"a": old}):
            yield Attack("types", f"{title(path)}: {type(wrong).__name__}", True, setting(path, wrong))
    yield Attack("strings", "tool: another version", False, setting(("tool",), "salanimi 9.10.11"))
    yield Attack("strings", "tool: a version of many digits", True, setting(("tool",), "salanimi 131052.308.131052308131052308"))
    yield Attack("strings", "settings_digest: another", False, setting(("settings_digest",), "ab" * 32))


def numbers(manifest: dict) -> Iterator[Attack]:
    paths = (path for path in leaves(manifest) if type(at(manifest, path)) is int)
    for path in one_of_each(paths):
        old, stated = at(manifest, path), bool(STATED & set(path))
        for name, new in {"one more": old + 1, "one less": old - 1, "zero": 0}.items():
            if new != old:
                refused = not stated or new < 0
                yield Attack("numbers", f"{title(path)}: {name}", refused, setting(path, new), by_link_alone=path in GAPS and new > old)
        for name, new in {"2^63": 2**63, "2^64 - 1": 2**64 - 1}.items():
            yield Attack("impossible numbers", f"{title(path)}: {name}", "source_rows" not in path, setting(path, new))
        for new in (-1, 2**64, 10**400, old + 0.5, None, True, str(old), [old]):
            name = f"{title(path)}: {str(new)[:8]} ({type(new).__name__})"
            yield Attack("types", name, True, setting(path, new))
        yield Attack("types", f"{title(path)}: as a float", True, setting(path, float(old)))


def dates(manifest: dict) -> Iterator[Attack]:
    for path in leaves(manifest):
        old = at(manifest, path)
        if not (isinstance(old, str) and DAY.fullmatch(old)):
            continue
        for new in ("0000-00-00", "2019-02-30", "2018-13-01", "18-01-01", "+12018-01-01", "2018-1-1", "2018-01-01T00:00:00Z"):
            yield Attack("dates", f"{title(path)}: {new}", True, setting(path, new))
        day = date.fromisoformat(old)
        for days in (-400_000, -3650, 3650, 2_000_000):
            try:
                new = (day + timedelta(days=days)).isoformat()
            except OverflowError:
                new = "0001-01-01" if days < 0 else "9999-12-31"
            # A period may be longer than the window; coverage outside it states what was not delivered.
            wider = (path[-2], path[-1], days < 0) in (("period", "first", True), ("period", "last", False))
            # The holder's own statement, if it is in the age of registers.
            wider |= "old_codes" in path and abs(days) <= 3650
            name = f"{title(path)}: {'earlier' if days < 0 else 'later'} by {abs(days)} days"
            yield Attack("dates", name, not wider, setting(path, new))


def lists_and_maps(manifest: dict) -> Iterator[Attack]:
    for path in one_of_each(containers(manifest)):
        if not path:
            continue
        value, name = at(manifest, path), title(path)
        for wrong in (None, "x", 3, {} if isinstance(value, list) else []):
            if wrong != value:
                yield Attack("types", f"{name}: {json.dumps(wrong)}", True, setting(path, wrong))
        if isinstance(value, list):
            yield from of_list(path, name, value)
        else:
            yield from of_map(path, name, value)


def of_list(path: tuple, name: str, value: list) -> Iterator[Attack]:
    # Coverage may be any part of what is complete; dropped columns are a set; the others only the holder can know.
    free = name in ("coverage", "account.tables.[].dropped", "account.old_codes", "account.warnings")
    if value:
        yield Attack("lists", f"{name}: empty", not free, setting(path, []))
        yield Attack("lists", f"{name}: last one twice", True, setting(path, [*value, value[-1]]))
        yield Attack("lists", f"{name}: without the last", not free, setting(path, value[:-1]))
        yield Attack("lists", f"{name}: a thousand times", True, setting(path, value * 1000))
    if len(value) > 1:
        yield Attack("lists", f"{name}: reversed", not free, setting(path, value[::-1]))
    yield Attack("lists", f"{name}: a name more", True, setting(path, [*value, NAME]))
    yield Attack("lists", f"{name}: a map more", True, setting(path, [*value, {NAME: CODE}]))


def of_map(path: tuple, name: str, value: dict) -> Iterator[Attack]:
    for word in ("note", CODE, NAME, ""):
        yield Attack("maps", f"{name}: the key '{word}' more", True, setting(path, value | {word: NAME}))
    for key in value:
        less = {one: item for one, item in value.items() if one != key}
        is_counted = name.endswith(("emptied", "rejected"))
        yield Attack("maps", f"{name}: without {key}", value[key] is not None and not name.endswith("emptied"), setting(path, less))
        renamed = {CODE if one == key else one: item for one, item in value.items()}
        yield Attack("maps", f"{name}: {key} has another name", True, setting(path, renamed))
        if is_counted:
            yield Attack("maps", f"{name}: an invented reason", True, setting(path, less | {"because": value[key]}))


def text(family: str, name: str, refused: bool, change) -> Attack:
    """An attack on the manifest's bytes."""

    def apply(forgery: Forgery, _) -> None:
        forgery.text = change(json.dumps(forgery.manifest, ensure_ascii=False))

    return Attack(family, name, refused, apply)


def texts(_: dict) -> Iterator[Attack]:
    refused = {
        "empty": lambda _: b"",
        "null": lambda _: b"null",
        "a list": lambda whole: f"[{whole}]".encode(),
        "the first half": lambda whole: whole[: len(whole) // 2].encode(),
        "something after the end": lambda whole: f"{whole} x".encode(),
        "two manifests": lambda whole: (whole + whole).encode(),
        "a key twice": lambda whole: whole.replace('{"format"', '{"tool": "salanimi 0.1.0", "format"', 1).encode(),
        "a byte order mark": lambda whole: b"\xef\xbb\xbf" + whole.encode(),
        "UTF-16": lambda whole: whole.encode("utf-16"),
        "half a character": lambda whole: whole.encode().replace(b"salanimi", b"sal\xffnimi", 1),
        "a comment": lambda whole: f"/* {NAME} */{whole}".encode(),
        "a comma too many": lambda whole: (whole[:-1] + ",}").encode(),
        "NaN": lambda whole: re.sub(r'"rows": \d+', '"rows": NaN', whole, count=1).encode(),
        "an exponent": lambda whole: re.sub(r'"rows": (\d+)', r'"rows": \1e0', whole, count=1).encode(),
        "a zero first": lambda whole: re.sub(r'"rows": (\d+)', r'"rows": 0\1', whole, count=1).encode(),
        "deep lists": lambda whole: whole.replace('"coverage": [', '"coverage": ' + "[" * 200_000, 1).encode(),
        "deep maps": lambda whole: whole.replace('"account": {', '"account": ' + '{"a":' * 200_000, 1).encode(),
        "17 MiB of spaces": lambda whole: whole.encode() + b" " * (17 << 20),
        "zero bytes at the end": lambda whole: whole.encode() + bytes(100),
    }
    for name, change in refused.items():
        yield text("text", name, True, change)
    yield text("text", "15 MiB of spaces", False, lambda whole: whole.encode() + b" " * (15 << 20))
    yield text("text", "other spaces", False, lambda whole: json.dumps(json.loads(whole), indent="\t").encode())
    yield text("text", "escaped letters", False, lambda whole: whole.replace("salanimi", "\\u0073alanimi", 1).encode())
    yield text("text", "keys in another order", False, lambda whole: json.dumps(json.loads(whole), sort_keys=True).encode())


def accounts(manifest: dict) -> Iterator[Attack]:
    """Numbers that are changed together, so that the sums hold."""

    def balanced(forgery, _):
        entry = forgery.tables[0]
        entry["records"] += 5
        entry["source_rows"] += 5
        entry["filtered"]["window"] += 5

    def rows_of_nobody(forgery, _):
        entry = forgery.tables[0]
        entry["records"], entry["rows"] = entry["records"] + 5, entry["rows"] + 5

    def more_changed_than_read(forgery, _):
        entry = forgery.tables[0]
        entry["changed_rows"] = entry["temporary_rows"] = entry["records"] + 1

    def more_emptied_than_read(forgery, _):
        entry = forgery.tables[0]
        entry["columns"][-1]["emptied"] = {"range": entry["records"] + 1}

    def sums_that_wrap(forgery, _):
        entry = forgery.tables[0]
        entry["filtered"]["window"] = entry["filtered"]["cohort"] = 2**63
        entry["rejected"] = {}

    def reasons_that_wrap(forgery, _):
        entry = forgery.tables[0]
        reasons = list(entry["rejected"]) or ["length"]
        entry["rejected"] = dict.fromkeys([*reasons, "control"], 2**63)

    def listed(found: int, not_found: int, chosen_by):
        def change(forgery, _):
            lists = forgery.manifest["account"]["lists"]
            lists["cohort"] = {"listed": 10, "found": found, "not_found": not_found, "chosen_by": chosen_by}

        return change

    def old_codes(**fields):
        entry = {"kind": "hetu", "date": "2019-01-01", "changes": 3, "commitment": "ab" * 32}
        return lambda forgery, _: forgery.manifest["account"]["old_codes"].append(entry | fields)

    yield Attack("account", "more filtered records, balanced", False, balanced)
    yield Attack("account", "rows that are not in the file, balanced", True, rows_of_nobody)
    yield Attack("account", "more changed rows than records", True, more_changed_than_read)
    yield Attack("account", "more emptied cells than records", True, more_emptied_than_read)
    yield Attack("account", "filtered records that wrap to nothing", True, sums_that_wrap)
    yield Attack("account", "rejected records that wrap to nothing", True, reasons_that_wrap)
    yield Attack("account", "a list of whom not all are found or missing", True, listed(3, 3, None))
    yield Attack("account", "a list chosen by a name", True, listed(4, 6, CODE.lower()))
    yield Attack("account", "a list chosen by no party", True, listed(4, 6, "nobody"))
    yield Attack("account", "a list of its own", False, listed(4, 6, None))
    yield Attack("account", "old codes of no kind", True, old_codes(kind=CODE.lower()))
    yield Attack("account", "old codes with a name for a hash", True, old_codes(commitment=NAME))
    yield Attack("account", "old codes with half a hash", True, old_codes(commitment="ab"))
    yield Attack("account", "old codes of its own", False, old_codes())
    for field, wrong in {"role": "direct", "transform": "month", "type": "text", "name": "first_name"}.items():
        path = ("account", "tables", 0, "columns", 2, field)
        if at(manifest, path) != wrong:
            yield Attack("columns", f"{field} of another column", True, setting(path, wrong))
    columns = copy.deepcopy(manifest["account"]["tables"][0]["columns"])
    yield Attack("columns", "two exchanged", True, setting(("account", "tables", 0, "columns"), [columns[0], columns[2], columns[1], *columns[3:]]))
    invented = {"name": "note", "type": "text", "role": "attribute", "transform": "keep", "nulls": 0, "emptied": {}}
    yield Attack("columns", "an invented one", True, setting(("account", "tables", 0, "columns"), [*columns, invented]))
    dropped = manifest["account"]["tables"][0]["dropped"]
    for word in (CODE, NAME, "shoe_size"):
        yield Attack("columns", f"dropped: '{word}'", True, setting(("account", "tables", 0, "dropped"), [*dropped, word]))


def attacks(manifest: dict) -> Iterator[Attack]:
    for family in (strings, numbers, dates, lists_and_maps, texts, accounts):
        yield from family(manifest)
