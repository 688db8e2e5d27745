import base64
import copy
import json
import pickle
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas
import polars
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from conftest import run, without_dictionaries

import salanimi

CODES = ["010594Y9032", "020594X902N", "no code", None, " 020594x902n "]


def pseudonymiser():
    return salanimi.Pseudonymiser("contract.toml", "study.key", holder="kela", kind="hetu")


def extractor():
    return salanimi.Extractor("contract.toml", "town/holder.toml", "study.key", "contacts")


def source():
    names = {name: "string" for name in extractor().source_columns}
    return csv.read_csv("town/contacts.csv", convert_options=csv.ConvertOptions(column_types=names))


def test_the_readme_runs(world):
    text = (Path(__file__).parents[1] / "README.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) == 4 and all(len(block.splitlines()) <= 8 for block in blocks)
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})


def test_the_stubs_fit_the_package(tmp_path):
    # PySpark may be missing.
    (tmp_path / "mypy.ini").write_text("[mypy]\nignore_missing_imports = true\n")
    check = [sys.executable, "-m", "mypy.stubtest", "--mypy-config-file", "mypy.ini", "salanimi"]
    ended = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())])
def test_every_layout_of_text_gives_the_same_pseudonyms(world, kind):
    plain = pseudonymiser().array(pa.array(CODES))
    assert plain.type == pa.binary(16) and plain.is_valid().to_pylist() == [True, True, False, False, True]
    assert plain[1] == plain[4]
    assert pseudonymiser().array(pa.array(CODES).cast(kind)).equals(plain)
    assert pseudonymiser().array(pa.array(["x", *CODES]).cast(kind)[1:]).equals(plain)


def test_a_column_of_a_table_keeps_its_chunks(world):
    column = pa.chunked_array([CODES[:2], [], CODES[2:]], pa.string())
    pseudonyms = pseudonymiser().array(column)
    assert isinstance(pseudonyms, pa.ChunkedArray) and pseudonyms.type == pa.binary(16)
    assert pseudonyms.combine_chunks().equals(pseudonymiser().array(pa.array(CODES)))
    assert pseudonymiser().reasons(column).to_pylist() == pseudonymiser().reasons(pa.array(CODES)).to_pylist()
    assert pseudonymiser().array(pa.chunked_array([], pa.string())).type == pa.binary(16)
    for empty in (pa.array([], pa.string()), pa.nulls(3)):
        assert len(pseudonymiser().array(empty).drop_null()) == 0
    with pytest.raises(TypeError):
        pseudonymiser().array(["010594Y9032"])


def test_reasons_are_words_of_the_ledger(world):
    reasons = pseudonymiser().reasons(pa.array(CODES)).to_pylist()
    assert [reason is None for reason in reasons] == [True, True, False, False, True]
    assert all(re.fullmatch("[a-z_]+", reason) for reason in reasons if reason)


@pytest.mark.parametrize("array", [pa.array([1, 2]), pa.array([b"x"]), pa.array([1.5])])
def test_numbers_and_bytes_are_no_identifiers(world, array):
    with pytest.raises(TypeError, match="identifiers are text"):
        pseudonymiser().array(array)


def test_pseudonyms_are_those_of_a_delivery(world):
    delivered = set(salanimi.Delivery("d-kela", "contract.toml").read("notices").read_all()["pseudonym"].to_pylist())
    cells = Path("kela/notices.csv").read_text(encoding="latin-1").replace("\n", ";").split(";")
    found = set(pseudonymiser().array(pa.array(cells)).drop_null().to_pylist())
    changed = Path("kela/changed.csv").read_text(encoding="latin-1").replace("\n", ";").split(";")
    # Changed codes are replaced by the newest in the delivery only.
    newest = set(pseudonymiser().array(pa.array(changed)).drop_null().to_pylist())
    assert delivered <= found | newest and len(delivered & found) > len(delivered) / 2


def test_the_extractor_makes_the_rows_of_the_program(world):
    ours = extractor()
    batches = [ours.batch(batch) for batch in source().to_batches()]
    found = pa.Table.from_batches(batches, ours.schema)
    delivered = salanimi.Delivery("d-town", "contract.toml")
    expected = delivered.read("contacts").read_all()
    entry = delivered.account["tables"][0]
    counts = ours.counts()
    assert (counts["source_rows"], counts["rejected"]) == (entry["source_rows"], entry["rejected"])
    assert counts["kept"] == found.num_rows == entry["rows"] + entry["filtered"]["duplicate"]
    rows = lambda table: {json.dumps(row, default=str, sort_keys=True) for row in table.to_pylist()}
    assert rows(expected) <= rows(found)
    assert len(rows(found) - rows(expected)) <= entry["filtered"]["duplicate"]


def test_a_batch_without_a_column_or_with_another_type_is_refused(world):
    batch = source().to_batches()[0]
    name = extractor().source_columns[0]
    with pytest.raises(salanimi.SalanimiError, match=name):
        extractor().batch(batch.drop_columns([name]))
    changed = batch.set_column(batch.schema.names.index("person_id"), "person_id", pa.array([7] * batch.num_rows))
    with pytest.raises(salanimi.SalanimiError, match="expected|text"):
        extractor().batch(changed)


def test_threads_share_an_extractor(world):
    ours = extractor()
    batch = source().to_batches()[0]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: ours.batch(batch), range(8)))
    assert all(result.equals(results[0]) for result in results)
    assert ours.counts()["source_rows"] == 8 * batch.num_rows


@pytest.mark.parametrize("make", [pseudonymiser, extractor])
def test_objects_with_a_key_do_not_travel(world, make):
    for send in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="never pickled"):
            send(make())
    assert "key" not in repr(make()) or re.search("[0-9a-f]{64}", repr(make())) is None


def test_deliveries_in_parts_and_in_one_file_are_read_in_order(world):
    for holder in ("kela", "town"):
        delivery = salanimi.Delivery(f"d-{holder}", "contract.toml")
        for entry in delivery.account["tables"]:
            table = delivery.read(entry["name"]).read_all()
            assert table.num_rows == entry["rows"]
            keys = table["pseudonym"].to_pylist()
            assert keys == sorted(keys)
    with pytest.raises(KeyError, match="there are: support, notices"):
        salanimi.Delivery("d-kela", "contract.toml").read("nothing")


def test_a_changed_file_is_refused(world, tmp_path):
    shutil.copytree("linked", tmp_path / "linked")
    part = tmp_path / "linked/persons.parquet"
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    with pytest.raises(salanimi.SalanimiError, match="differs from the manifest"):
        salanimi.LinkedDataset(tmp_path / "linked")


def test_a_linked_dataset_has_the_types_that_frames_expect(world):
    linked = salanimi.LinkedDataset("linked")
    assert set(linked.tables) == {table["name"] for table in linked.manifest["tables"]}
    for entry in linked.manifest["tables"]:
        table = linked.read(entry["name"]).read_all()
        stored = pq.read_table(f"linked/{entry['file']}")
        assert table.num_rows == entry["rows"] and table.column_names == stored.column_names
        for name, value, _ in entry["columns"]:
            kind = table.schema.field(name).type
            expected = {
                "code": pa.types.is_dictionary,
                "date": pa.types.is_date32,
                "month": pa.types.is_date32,
                "decimal": pa.types.is_decimal128,
                "integer": pa.types.is_int32,
                "flag": pa.types.is_boolean,
            }.get(value, pa.types.is_string)
            assert expected(kind), (name, value, kind)
            assert table[name].to_pylist() == stored[name].to_pylist()
        frame = table.to_pandas()
        assert isinstance(frame, pandas.DataFrame) and len(frame) == table.num_rows
        assert polars.from_arrow(table).height == table.num_rows


def test_a_column_that_is_there_twice_is_refused(world):
    rows = source()
    name = extractor().source_columns[0]
    twice = rows.append_column(name, rows[name])
    with pytest.raises(salanimi.SalanimiError, match="have the same name"):
        extractor().batch(twice.to_batches()[0])


def test_verify_returns_the_report_of_the_program(world):
    report = salanimi.verify(["d-kela", "d-town", "linked"], contract="contract.toml", attack="none")
    assert report["format"] == "salanimi-verification/1" and report["verdict"] in ("pass", "warning", "warn", "fail")
    assert {check["name"] for check in report["checks"]} > {"integrity.files", "accounting.balance"}
    with pytest.raises(salanimi.SalanimiError, match="no such file"):
        salanimi.verify(["nowhere"])
    with pytest.raises(salanimi.SalanimiError, match="no path is given"):
        salanimi.verify([])
    with pytest.raises(salanimi.SalanimiError, match="attack is"):
        salanimi.verify(["linked"], attack="mild")


def linked_in_parts(out, parts, key, attempts=1, **more):
    """Links as a cluster does: ranges, then parts, in no order, and every one so many times."""
    job = salanimi.LinkJob("contract.toml", ["d-kela", "d-town"], key, out, parts=parts, **more)
    numbers = [(number, attempt) for number in reversed(range(parts)) for attempt in range(attempts)]
    stated = []
    for work in (salanimi.link_range, salanimi.link_part):
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda one, work=work: (one, work(job.folder, *one, memory=1 << 20)), numbers))
        # The first attempt counts; those of the others are ignored.
        stated.append([statement for (_, attempt), statement in made if attempt == 0])
        if work is salanimi.link_range:
            job.add_ranges(stated[0])
    job.add_parts(stated[1])
    return job.finish()


@pytest.mark.parametrize("parts, attempts", [(1, 1), (8, 2)])
def test_a_link_by_many_processes_is_that_of_the_program(world, parts, attempts):
    if not Path("link.key").exists():
        run(world, "key new --link --contract contract.toml link.key")
    # A key remembers what was linked with it.
    for name in ("alone", "many"):
        shutil.copy("link.key", f"{name}-{parts}.key")
    run(world, f"link --contract contract.toml --link-key alone-{parts}.key --out alone-{parts} d-kela d-town")
    made = linked_in_parts(f"many-{parts}", parts, f"many-{parts}.key", attempts)
    one, other = (json.loads(Path(f"{name}-{parts}.accounting.json").read_text()) for name in ("alone", "many"))
    assert one == other == made["accounting"]
    assert "NOT sealed" in made["text"] and made["summary"]["persons"] > 0
    files = sorted(path.name for path in Path(f"alone-{parts}").iterdir())
    assert files == sorted(path.name for path in Path(f"many-{parts}").iterdir())
    manifests = [salanimi.LinkedDataset(f"{name}-{parts}").manifest for name in ("alone", "many")]
    for table in salanimi.LinkedDataset(f"many-{parts}").tables:
        rows = [salanimi.LinkedDataset(f"{name}-{parts}").read(table).read_all() for name in ("alone", "many")]
        one, other = (without_dictionaries(table_rows) for table_rows in rows)
        assert one.equals(other), table
    assert manifests[0]["bands"] == manifests[1]["bands"] and (manifests[0] == manifests[1]) == (parts == 1)
    assert not [path for path in Path(".").iterdir() if path.name.startswith(".many")]


def test_a_link_by_many_processes_refuses_what_is_missing_twice_or_of_another_job(world):
    if not Path("link.key").exists():
        run(world, "key new --link --contract contract.toml link.key")
    for name in ("first", "second"):
        shutil.copy("link.key", f"{name}.key")

    def start(name):
        return salanimi.LinkJob("contract.toml", ["d-kela", "d-town"], f"{name}.key", f"linked-{name}", parts=2)

    first, second = start("first"), start("second")
    ranges = [salanimi.link_range(first.folder, number, 1) for number in (0, 1)]
    for wrong, words in [
        ([], "missing or stated twice"),
        (ranges[:1], "missing or stated twice"),
        ([*ranges, ranges[0]], "missing or stated twice"),
        ([ranges[0], ranges[0]], "missing or stated twice"),
        ([ranges[0], ranges[1][:-1] + bytes([ranges[1][-1] ^ 1])], "not a statement"),
        ([ranges[0], salanimi.link_range(second.folder, 1, 1)], "not a statement"),
    ]:
        with pytest.raises(salanimi.SalanimiError, match=words):
            first.add_ranges(wrong)
    with pytest.raises(salanimi.SalanimiError, match="the ranges are not merged"):
        salanimi.link_part(first.folder, 0, 1)
    with pytest.raises(salanimi.SalanimiError, match="no number 2 among 2"):
        salanimi.link_range(first.folder, 2, 1)
    first.add_ranges(ranges)
    with pytest.raises(salanimi.SalanimiError, match="no number 2 among 2"):
        salanimi.link_part(first.folder, 2, 1)
    rows = next(first.folder.glob("range-00000-*.rows"))
    kept = rows.read_bytes()
    rows.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(salanimi.SalanimiError, match="run the job again"):
        [salanimi.link_part(first.folder, number, 1) for number in (0, 1)]
    rows.write_bytes(kept)
    parts = [salanimi.link_part(first.folder, number, 2) for number in (0, 1)]
    written = next(first.folder.glob("part-00001-2-persons.parquet"))
    written.write_bytes(written.read_bytes()[:-1] + b"x")
    first.add_parts(parts)
    with pytest.raises(salanimi.SalanimiError, match="not the file that was written"):
        first.finish()
    started = second.folder / "job.json"
    started.write_text(started.read_text().replace(f"salanimi {salanimi.__version__}", "salanimi 9.9.9"))
    with pytest.raises(salanimi.HostError, match="started with salanimi 9.9.9; install one version"):
        salanimi.link_range(second.folder, 0, 2)
    second.abandon()
    with pytest.raises(salanimi.SalanimiError):
        second.finish()
    assert not [path for path in Path(".").iterdir() if "linked-first" in path.name or "linked-second" in path.name]


def test_no_row_of_a_link_lies_in_clear_between_the_processes(world):
    shutil.copy("link.key", "sought.key")
    job = salanimi.LinkJob("contract.toml", ["d-kela", "d-town"], "sought.key", "linked-sought", parts=2)
    job.add_ranges([salanimi.link_range(job.folder, number, 1) for number in (0, 1)])
    persons = salanimi.LinkedDataset("alone-1").read("persons").read_all().column(0).to_pylist()
    ids = [base64.b32hexdecode(f"{person}===") for person in persons]
    pseudonyms = salanimi.Delivery("d-kela", "contract.toml").read("support").read_all().column(0).to_pylist()
    secret = bytes.fromhex(re.search("secret: ([0-9a-f]{64})", Path("link.key").read_text())[1])
    waiting = {path.name: path.read_bytes() for path in job.folder.iterdir()}
    assert sum(name.endswith(".rows") for name in waiting) == 2 and len(ids) > 10
    for name, content in waiting.items():
        assert not [needle for needle in [*ids, *pseudonyms, secret] if needle in content], name
    job.abandon()


def test_a_call_releases_the_lock(world):
    """Another thread runs on while one pseudonymises."""
    many = pa.array(["010594Y9032"] * 2_000_000)
    ours, turns, done = pseudonymiser(), 0, threading.Event()

    def count():
        nonlocal turns
        while not done.is_set():
            turns += 1

    counter = threading.Thread(target=count)
    counter.start()
    before = turns
    ours.array(many)
    between = turns - before
    done.set()
    counter.join()
    assert between > 1_000


def test_a_missing_file_is_named(world):
    for make in (
        lambda: salanimi.Pseudonymiser("contract.toml", "no.key", holder="kela", kind="hetu"),
        lambda: salanimi.Pseudonymiser("no.toml", "study.key", holder="kela", kind="hetu"),
        lambda: salanimi.Delivery("nowhere", "contract.toml"),
    ):
        with pytest.raises(salanimi.SalanimiError, match="no\\.|nowhere"):
            make()
    with pytest.raises(salanimi.SalanimiError, match="hetu"):
        salanimi.Pseudonymiser("contract.toml", "study.key", holder="kela", kind="other")
