"""salanimi-spark on a cluster of two executors on this host: the delivery of the program, also after kills."""

import base64
import contextlib
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from conftest import REPOSITORY, run, without_dictionaries

import salanimi
from salanimi import spark as salanimi_spark

sys.path.insert(0, str(REPOSITORY / "python/benches"))
from on_spark import executors  # noqa: E402

pyspark = pytest.importorskip("pyspark")
if shutil.which("java") is None:
    pytest.skip("Java is not there", allow_module_level=True)

os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)

PERSONS = 4_000
SECRET = "only-for-tests-of-one-host"
SECURE = salanimi_spark.SECURE | {"spark.authenticate.secret": "only-for-tests-of-one-host"}
HOLDER = "kela/holder.toml"
# A made-up code of the range for tests; no other row of the register has it.
SENTINEL = "010594Y9032"


def in_parquet(folder, holder):
    """Turns the CSV sources of a holder into Parquet files of text, and says so in the holder file."""
    path = folder / holder
    for file in path.parent.glob("*.csv"):
        if file.name == "vanhat_uudet.csv":
            continue
        header = file.open(encoding="latin-1").readline().strip().split(";")
        types = csv.ConvertOptions(column_types={name: "string" for name in header}, strings_can_be_null=True)
        read = csv.ReadOptions(encoding="latin-1")
        table = csv.read_csv(file, read, csv.ParseOptions(delimiter=";", newlines_in_values=True), types)
        pq.write_table(table, file.with_suffix(".parquet"), row_group_size=5_000)
    text = path.read_text()
    text = re.sub(r'format = "csv"\ndelimiter = ";"\nencoding = "latin-1"', 'format = "parquet"', text)
    path.write_text(re.sub(r"(files = \[.*\])", lambda found: found[1].replace(".csv", ".parquet"), text))


@pytest.fixture(scope="session")
def registers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spark") / "registers"
    study = REPOSITORY / "config/studies/toituavain/contract.toml"
    run(folder.parent, f"synth --contract {study} --persons {PERSONS} --seed 3 --out {folder}")
    in_parquet(folder, HOLDER)
    run(folder, "key new --contract contract.toml study.key")
    for parts in (1, 8):
        run(folder, f"extract {files()} --unsealed --parts {parts} --out one-{parts}")
    run(folder, f"extract {files('helsinki/holder.toml')} --unsealed --out helsinki-1")
    return folder


def files(holder=HOLDER):
    return f"--contract contract.toml --holder {holder} --key study.key"


@pytest.fixture
def world(registers, monkeypatch):
    monkeypatch.chdir(registers)
    return registers


@pytest.fixture(scope="session")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("spark-disks")


@pytest.fixture(scope="session")
def cluster(scratch):
    """Spark with two executors, whose disks and event log lie in one folder."""
    from pyspark.sql import SparkSession

    for name in ("local", "work", "log"):
        (scratch / name).mkdir()
    os.environ["SPARK_LOCAL_DIRS"] = str(scratch / "local")
    os.environ["SPARK_WORKER_DIR"] = str(scratch / "work")
    settings = SECURE | salanimi_spark.SETTINGS | {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": f"file://{scratch / 'log'}",
        "spark.executor.memoryOverhead": "512m",
        "spark.driver.memory": "1g",
        # Small pieces of the source, so that there are several tasks.
        "spark.sql.files.maxPartitionBytes": "100k",
        "spark.sql.files.openCostInBytes": "0",
    }
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("salanimi-tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def job(out, parts, **more):
    return salanimi.ExtractJob("contract.toml", HOLDER, "study.key", out, parts=parts, unsealed=True, **more)


def extract(cluster, out, parts, **more):
    return salanimi_spark.extract(cluster, job(out, parts, **more), parts=parts, memory=64 << 20)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


def hidden(folder="."):
    return [path for path in Path(folder).iterdir() if path.name.startswith(".") and path.is_dir()]


@pytest.mark.parametrize("parts", [1, 8])
def test_spark_makes_the_bytes_of_the_program(world, cluster, parts):
    made = extract(cluster, f"spark-{parts}", parts)
    assert contents(f"spark-{parts}") == contents(f"one-{parts}")
    assert Path(f"spark-{parts}.rejects.csv").read_bytes() == Path(f"one-{parts}.rejects.csv").read_bytes()
    assert [table["rows"] > 1_000 for table in made["account"]["tables"]] == [True, True]
    assert not hidden()


def test_deliveries_of_spark_and_of_the_program_link_alike(world, cluster):
    if not Path("spark-8").exists():
        extract(cluster, "spark-8", 8)
    run(world, "key new --link --contract contract.toml of-program.key")
    # A key remembers what was linked with it, so each link has a copy.
    shutil.copy("of-program.key", "of-spark.key")
    for name, kela in [("of-program", "one-1"), ("of-spark", "spark-8")]:
        run(world, f"link --contract contract.toml --link-key {name}.key --out {name} {kela} helsinki-1")
    tables = salanimi.LinkedDataset("of-program").tables
    assert tables == salanimi.LinkedDataset("of-spark").tables and len(tables) > 3
    for table in tables:
        one, other = (salanimi.LinkedDataset(name).read(table).read_all() for name in ("of-program", "of-spark"))
        assert one.equals(other), table


@contextlib.contextmanager
def kills(cluster, *written):
    """Kills an executor when so many files of a pattern are there, for each pair of pattern and number."""
    killed, ended = [], threading.Event()

    def kill():
        for pattern, number in written:
            while len(glob.glob(str(pattern))) < number and not ended.is_set():
                time.sleep(0.02)
            victims = [victim for victim in executors(cluster) if victim not in killed]
            if victims and not ended.is_set():
                os.kill(victims[0], signal.SIGKILL)
                killed.append(victims[0])

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        ended.set()
        killer.join()


def test_two_killed_executors_change_nothing_and_leave_no_file(world, cluster):
    began = job("killed", 8)
    with kills(cluster, (began.folder / "*.rows", 2), (began.folder / "*.parquet", 2)) as killed:
        salanimi_spark.extract(cluster, began, parts=8, memory=64 << 20)
    assert len(killed) == 2
    assert contents("killed") == contents("one-8") and not hidden()


@pytest.fixture(scope="session")
def linked(registers):
    """A link of the program, and its key as it was before."""
    run(registers, "key new --link --contract contract.toml unused.key")
    shutil.copy(registers / "unused.key", registers / "linked.key")
    run(registers, "link --contract contract.toml --link-key linked.key --out linked one-8 helsinki-1")
    return registers / "linked"


def link_job(out, parts):
    shutil.copy("unused.key", f"{out}.key")
    return salanimi.LinkJob("contract.toml", ["one-8", "helsinki-1"], f"{out}.key", out, parts=parts)


def check_same_dataset(made, known):
    """The same rows, accounting and coverage."""
    one, other = (salanimi.LinkedDataset(name) for name in (made, known))
    assert one.tables == other.tables and len(one.tables) > 8
    for table in one.tables:
        rows, known_rows = (without_dictionaries(dataset.read(table).read_all()) for dataset in (one, other))
        assert rows.equals(known_rows), table
    same = ["accounting", "bands", "coverage", "inputs", "left_out", "link_key_id"]
    assert {name: one.manifest[name] for name in same} == {name: other.manifest[name] for name in same}
    assert Path(f"{made}.accounting.json").read_bytes() == Path(f"{known}.accounting.json").read_bytes()
    assert not hidden()


@pytest.mark.parametrize("parts", [1, 8])
def test_spark_links_as_the_program_does(world, cluster, linked, parts):
    made = salanimi_spark.link(cluster, link_job(f"linked-{parts}", parts), parts=parts, memory=64 << 20)
    check_same_dataset(f"linked-{parts}", linked)
    assert made["accounting"]["linked_persons"] > 1_000
    assert (contents(f"linked-{parts}") == contents(linked)) == (parts == 1)


def test_two_killed_executors_change_nothing_in_a_link(world, cluster, linked):
    began = link_job("linked-killed", 8)
    with kills(cluster, (began.folder / "*.rows", 2), (began.folder / "part-*", 3)) as killed:
        salanimi_spark.link(cluster, began, parts=8, memory=64 << 20)
    assert len(killed) == 2
    check_same_dataset("linked-killed", linked)


def test_a_host_with_another_delivery_or_without_the_key_is_named_and_nothing_is_linked(world, cluster, linked):
    for change, words in [
        (lambda: shutil.move("one-8", "away"), "one-8"),
        (lambda: (shutil.move("one-8", "away"), shutil.copytree("one-1", "one-8")), "delivery in .*one-8"),
        (lambda: shutil.move("linked-refused.key", "away"), "linked-refused.key"),
    ]:
        began = link_job("linked-refused", 2)
        kept = [path for path in ("one-8", "linked-refused.key") if Path(path).exists()]
        change()
        try:
            with pytest.raises(Exception, match=words):
                salanimi_spark.link(cluster, began, parts=2)
        finally:
            for path in kept:
                if Path("away").exists() and (not Path(path).exists() or path == "one-8" and Path("away").is_dir()):
                    shutil.rmtree(path, ignore_errors=True)
                    shutil.move("away", path)
        assert not Path("linked-refused").exists() and not hidden()


def test_no_link_key_and_no_row_of_a_link_reaches_a_disk_in_clear(world, cluster, scratch, linked):
    """While a link runs: temporary files, event log, and what waits in the folder of the dataset."""
    began = link_job("linked-searched", 4)
    hexadecimal = re.search("secret: ([0-9a-f]{64})", Path("unused.key").read_text())[1]
    persons = salanimi.LinkedDataset(linked).read("persons").read_all().column(0).to_pylist()
    needles = [bytes.fromhex(hexadecimal), hexadecimal.encode(), *(base64.b32hexdecode(f"{id}===") for id in persons[:50])]
    places, waiting = [scratch, *glob.glob("/tmp/spark-*"), *glob.glob("/tmp/pyspark-*")], began.folder
    found, looks, ended = [], [], threading.Event()

    def look():
        while not ended.is_set():
            found.extend(on_disk(places, needles))
            # Parts that are written are those of the dataset, which is in clear.
            found.extend(path for path in on_disk([waiting], needles) if "part-" not in path)
            looks.append(1)
            time.sleep(0.1)

    searcher = threading.Thread(target=look)
    searcher.start()
    try:
        salanimi_spark.link(cluster, began, parts=4, memory=64 << 20)
    finally:
        ended.set()
        searcher.join()
    found += on_disk(places, needles)
    assert not found and len(looks) > 3


def on_disk(folders, needles):
    """Files below these folders that hold one of the needles."""
    walked = (Path(at) / name for folder in folders for at, _, names in os.walk(folder) for name in names)
    paths = (path for path in walked if path.is_file() and not path.is_symlink())
    found = []
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:
            continue
        found += [str(path) for needle in needles if needle in content]
    return found


def test_no_key_and_no_code_reaches_a_disk(world, cluster, scratch):
    """While a job runs and after a kill: temporary files, event log and output."""
    source = sorted(Path("kela").glob("toimeentulotuki_2018.parquet"))[0]
    before = source.read_bytes()
    table = pq.read_table(source)
    codes = table["henkilötunnus"].to_pylist()
    changed = pa.array([SENTINEL if at % 7 == 0 else code for at, code in enumerate(codes)])
    pq.write_table(table.set_column(table.column_names.index("henkilötunnus"), "henkilötunnus", changed), source)
    hexadecimal = re.search("secret: ([0-9a-f]{64})", Path("study.key").read_text())[1]
    needles = [bytes.fromhex(hexadecimal), hexadecimal.encode(), SENTINEL.encode(), SENTINEL.encode("utf-16-le")]
    found, looks, ended = [], [], threading.Event()
    began = job("searched", 4)
    places = [scratch, began.folder.parent, "/tmp/blockmgr", *glob.glob("/tmp/spark-*"), *glob.glob("/tmp/pyspark-*")]

    def look():
        while not ended.is_set():
            found.extend(on_disk(places, needles))
            looks.append(time.time())
            time.sleep(0.2)

    searcher = threading.Thread(target=look)
    searcher.start()
    victim = executors(cluster)[0]
    timer = threading.Timer(4, lambda: os.kill(victim, signal.SIGKILL))
    timer.start()
    try:
        salanimi_spark.extract(cluster, began, parts=4, memory=64 << 20)
    finally:
        timer.join()
        ended.set()
        searcher.join()
        source.write_bytes(before)
    found += on_disk([*places, "searched"], needles)
    assert not found and len(looks) > 3
    # The search finds what is there.
    (scratch / "planted").write_bytes(b"x" * 100 + needles[0])
    assert on_disk([scratch], needles) == [str(scratch / "planted")]
    (scratch / "planted").unlink()
    # The log says what ran.
    assert any(b"salanimi" in path.read_bytes() for path in (scratch / "log").rglob("*") if path.is_file())


def test_a_sealed_delivery_of_spark_has_the_rows_of_the_program_and_shows_none(world, cluster):
    run(world, "key new --identity linker.identity")
    recipient = Path("linker.identity.pub").read_text().splitlines()[-1]
    Path("sealed.toml").write_text(Path("contract.toml").read_text() + f'\n[recipients]\nlinker = "{recipient}"\n')
    began = salanimi.ExtractJob("sealed.toml", HOLDER, "study.key", "sealed", parts=2)
    with kills(cluster, (began.folder / "*.rows", 2)) as killed:
        salanimi_spark.extract(cluster, began, parts=2, memory=64 << 20)
    assert len(killed) == 1 and not hidden()
    sealed = sorted(Path("sealed").rglob("*.parquet"))
    assert len(sealed) == 4
    for file in sealed:
        assert file.read_bytes()[:4] == b"PARE", "an encrypted footer"
        with pytest.raises(OSError):
            pq.read_table(file)
    opened = salanimi.Delivery("sealed", "sealed.toml", identity="linker.identity")
    run(world, f"extract {files()} --unsealed --parts 2 --out clear-2")
    clear = salanimi.Delivery("clear-2", "contract.toml")
    assert opened.tables == clear.tables and len(opened.tables) == 2
    for table in opened.tables:
        assert opened.read(table).read_all().equals(clear.read(table).read_all()), table


def test_a_host_without_the_key_is_named_and_nothing_is_published(world, cluster):
    began = job("refused", 2)
    Path("study.key").rename("study.key.away")
    try:
        with pytest.raises(Exception) as error:
            salanimi_spark.extract(cluster, began, parts=2)
    finally:
        Path("study.key.away").rename("study.key")
    assert "study.key" in str(error.value)
    assert not Path("refused").exists() and not hidden()


def test_one_host_of_two_without_the_key_is_named_and_nothing_is_published(world, cluster):
    """Below /proc/self/cwd each executor finds its own folder, as on hosts of their own."""
    tracker = cluster.sparkContext._jsc.sc().statusTracker()
    deadline = time.monotonic() + 120
    # The driver counts too. An executor that an earlier test killed comes back in a few seconds.
    while (len(executors(cluster)), len(tracker.getExecutorInfos())) != (2, 3):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    folders = [Path(os.readlink(f"/proc/{executor}/cwd")) for executor in executors(cluster)]
    assert len(set(folders)) == 2
    for folder in [world, folders[0]]:
        shutil.copy("study.key", folder / "host.key")
    began = salanimi.ExtractJob("contract.toml", HOLDER, "/proc/self/cwd/host.key", "one-host", parts=8, unsealed=True)
    with pytest.raises(salanimi.SalanimiError, match=f"{socket.gethostname()}: .*host.key"):
        salanimi_spark.extract(cluster, began, parts=8)
    assert not Path("one-host").exists() and not hidden()
    shutil.copy("study.key", folders[1] / "host.key")
    began = salanimi.ExtractJob("contract.toml", HOLDER, "/proc/self/cwd/host.key", "one-host", parts=8, unsealed=True)
    salanimi_spark.extract(cluster, began, parts=8)
    assert contents("one-host") == contents("one-8")


def test_an_executor_with_another_version_is_named_and_nothing_is_published(world, cluster):
    began = job("other-version", 2)
    started = began.folder / "job.json"
    started.write_text(started.read_text().replace(f"salanimi {salanimi.__version__}", "salanimi 9.9.9"))
    words = f"{socket.gethostname()}: this host has .* started with salanimi 9.9.9"
    with pytest.raises(salanimi.SalanimiError, match=words):
        salanimi_spark.extract(cluster, began, parts=2)
    assert not Path("other-version").exists() and not hidden()


def test_an_error_of_a_task_names_its_host_and_no_value():
    def lost(batches):
        yield salanimi.ExtractRows("/nowhere", "contacts", 0)

    with pytest.raises(salanimi.SalanimiError, match=f"{socket.gethostname()}: /nowhere"):
        list(salanimi_spark.on_this_host(lost)([]))

    def faulty(batches):
        yield 1
        raise ValueError(SENTINEL)

    guarded = salanimi_spark.on_this_host(faulty)([])
    assert next(guarded) == 1
    with pytest.raises(salanimi.SalanimiError, match="ValueError") as error:
        next(guarded)
    assert SENTINEL not in str(error.value) and error.value.__cause__ is None


@pytest.fixture
def changed_source(world):
    """A second file of notices, which a test writes, beside the first one."""
    first = Path("kela/ilmoitukset.parquet")
    second = Path("kela/second.parquet")
    holder = Path(HOLDER).read_text()
    Path(HOLDER).write_text(holder.replace('["ilmoitukset.parquet"]', '["ilmoitukset.parquet", "second.parquet"]'))
    yield pq.read_table(first), lambda table: pq.write_table(table, second)
    Path(HOLDER).write_text(holder)
    second.unlink()


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda table: table.drop_columns(["ilmoituslaji"]), "second.parquet: no column 'ilmoituslaji'"),
        (lambda table: table.set_column(0, table.column_names[0], pa.array([7] * table.num_rows)), "in one type"),
        (lambda table: table.append_column(SENTINEL, table.column(0)), "is not in the holder file"),
        (lambda table: table.append_column("_metadata", table.column(0)), "is not in the holder file"),
    ],
)
def test_files_that_spark_would_fill_or_convert_are_refused(changed_source, cluster, change, words):
    table, write = changed_source
    write(change(table))
    with pytest.raises(salanimi.SalanimiError, match=re.escape(words)) as error:
        extract(cluster, "refused", 2)
    assert SENTINEL not in str(error.value)
    assert not Path("refused").exists() and not hidden()


def test_files_that_spark_would_skip_double_or_reread_are_refused(world, cluster, tmp_path, monkeypatch):
    names = ["_two.parquet", ".two.parquet", "_delta_log/0.json", "sub/_x/two.parquet"]
    first = Path("kela/ilmoitukset.parquet")
    for name in names:
        folder = tmp_path / name.replace("/", "-")
        (folder / name).parent.mkdir(parents=True)
        for copy in ("one.parquet", name):
            shutil.copy(first, folder / copy)
        with pytest.raises(salanimi.SalanimiError, match="begins with _ or ."):
            salanimi_spark.list_files(cluster, "notices", [str(folder)])
        with pytest.raises(salanimi.SalanimiError, match="begins with _ or ."):
            salanimi_spark.list_files(cluster, "notices", [str(folder / name)] if "/" not in name else [str(folder)])
    shutil.copy(first, folder / "_SUCCESS")
    with pytest.raises(salanimi.SalanimiError, match="listed twice"):
        salanimi_spark.list_files(cluster, "notices", [str(first.resolve()), str(first.parent.resolve())])
    listed = salanimi_spark.list_files
    turn = iter(range(100))
    monkeypatch.setattr(salanimi_spark, "list_files", lambda *words: [(*listed(*words)[0], next(turn))])
    with pytest.raises(salanimi.SalanimiError, match="changed while"):
        extract(cluster, "refused", 2)
    assert not Path("refused").exists() and not hidden()


def test_folders_are_no_columns_and_names_may_be_strange(world, cluster, tmp_path):
    """A column in every file, and a folder that names it otherwise; names that addresses and patterns would change."""
    table = pq.read_table("kela/ilmoitukset.parquet")
    folder = tmp_path / "å b"
    rows = table.num_rows
    places = ["ilmoituslaji=x/a.parquet", "sub/tiedosto ä.parquet", "a+b [1]{2}#%41.parquet"]
    for at, place in enumerate(places):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.slice(rows * at // 3, rows * (at + 1) // 3 - rows * at // 3), folder / place)
    made = salanimi_spark.extract(
        cluster, job("strange", 8), parts=8, sources={"kela_notifications": [str(folder)]}, memory=64 << 20
    )
    assert contents("strange") == contents("one-8") and made["account"]


def test_a_column_may_have_a_dot(world, cluster):
    first, holder = Path("kela/ilmoitukset.parquet"), Path(HOLDER).read_text()
    before = first.read_bytes()
    table = pq.read_table(first)
    names = [name.replace("ilmoituslaji", "ilmoitus.laji`") for name in table.column_names]
    pq.write_table(table.rename_columns(names), first)
    Path(HOLDER).write_text(holder.replace('"ilmoituslaji"', '"ilmoitus.laji`"'))
    try:
        extract(cluster, "dotted", 8)
    finally:
        first.write_bytes(before)
        Path(HOLDER).write_text(holder)
    assert contents("dotted") == contents("one-8")


@pytest.mark.parametrize("kind", [pa.int64(), pa.timestamp("us", tz="UTC"), pa.binary()])
def test_a_column_of_another_type_is_refused(changed_source, cluster, kind):
    table, write = changed_source
    name = "lähetyspäivä" if pa.types.is_timestamp(kind) else "henkilötunnus"
    values = pa.array([b"x"] if pa.types.is_binary(kind) else [0], kind)
    column = pa.chunked_array([pa.repeat(values[0], table.num_rows)])
    changed = table.set_column(table.column_names.index(name), name, column)
    write(changed)
    first = Path("kela/ilmoitukset.parquet")
    before = first.read_bytes()
    pq.write_table(changed, first)
    try:
        with pytest.raises(Exception) as error:
            extract(cluster, "refused", 2)
    finally:
        first.write_bytes(before)
    assert "SalanimiError" in repr(error.value) or "SalanimiError" in str(error.value)
    assert re.search("time zone|expected|text", str(error.value)) and not Path("refused").exists()


def test_settings_that_leave_rows_in_clear_or_open_memory_are_refused():
    def check(settings, environment={}, **more):
        salanimi_spark.check_settings(settings, environment, **more)

    check(SECURE)
    for name in salanimi_spark.SECURE:
        other = {"true": "false", "false": "true"}[SECURE[name]]
        for wrong in (SECURE | {name: other}, {key: value for key, value in SECURE.items() if key != name}):
            with pytest.raises(salanimi.SalanimiError, match=name):
                check(wrong)
            check(wrong, insecure=True)
    check(salanimi_spark.ON_ONE_MACHINE)
    opening = [
        ("spark.executor.extraJavaOptions", "-XX:+HeapDumpOnOutOfMemoryError"),
        ("spark.driver.defaultJavaOptions", "-Xmx1g -XX:OnOutOfMemoryError='jmap %p'"),
        ("spark.executorEnv.JAVA_TOOL_OPTIONS", "-agentlib:jdwp=transport=dt_socket"),
        ("spark.executor.extraJavaOptions", "@/etc/options"),
        ("spark.driver.extraJavaOptions", "-XX:+CrashOnOutOfMemoryError"),
    ]
    for name, value in opening:
        with pytest.raises(salanimi.SalanimiError, match=re.escape(name)):
            check(SECURE | {name: value}, insecure=True)
    for name in ("JDK_JAVA_OPTIONS", "SPARK_SUBMIT_OPTS"):
        with pytest.raises(salanimi.SalanimiError, match=name):
            check(SECURE, {name: "-XX:Flags=.hotspotrc"})
    check(SECURE | {"spark.executor.extraJavaOptions": "-Xss4m -Duser.timezone=UTC"}, {"JDK_JAVA_OPTIONS": "-Xmx2g"})
    for name, value in [("spark.plugins", "x.Y"), ("spark.shuffle.manager", "x.Y"), ("spark.shuffle.sort.io.plugin.class", "x")]:
        with pytest.raises(salanimi.SalanimiError, match=re.escape(name)):
            check(SECURE | {name: value}, insecure=True)


def test_options_with_which_java_was_started_are_read_from_java_itself(cluster, tmp_path):
    salanimi_spark.check_java(cluster.sparkContext._jvm)
    line = (
        "from pyspark.sql import SparkSession; from salanimi import spark; "
        "spark.check_java(SparkSession.builder.master('local[1]').getOrCreate().sparkContext._jvm)"
    )
    environment = os.environ | {"SPARK_SUBMIT_OPTS": "-XX:+HeapDumpOnOutOfMemoryError"}
    ran = subprocess.run([sys.executable, "-c", line], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ran.returncode != 0 and "options with which the driver's Java was started" in ran.stderr


def test_a_session_with_insecure_settings_extracts_nothing(world, cluster, monkeypatch):
    monkeypatch.setattr(salanimi_spark, "SECURE", salanimi_spark.SECURE | {"spark.made.up": "true"})
    with pytest.raises(salanimi.SalanimiError, match="spark.made.up"):
        extract(cluster, "refused", 2)
    assert not Path("refused").exists() and not hidden()


@pytest.mark.parametrize("version, good", [("4.0.2", False), ("3.5.1", False), ("4.1.0", True), ("4.10.0", True), ("5.0.0", True)])
def test_spark_below_4_1_is_refused(version, good):
    if good:
        salanimi_spark.check_spark(version)
    else:
        with pytest.raises(salanimi.SalanimiError, match="4.1 or later"):
            salanimi_spark.check_spark(version)


@pytest.mark.parametrize(
    "line, words",
    [
        ("--parts 3", "power of two"),
        ("--parts 4097", "power of two"),
        ("--key nowhere.key", "nowhere.key"),
        ("--source other=x.parquet", "does not have"),
        ("--source kela_notifications=/nowhere.parquet", "cannot be read"),
        ("--source kela_notifications=HERE/contract.toml", "is every file Parquet?"),
    ],
)
def test_bad_input_is_one_clear_error(world, cluster, capsys, line, words, monkeypatch):
    monkeypatch.setattr(salanimi_spark, "session", lambda given: cluster)
    monkeypatch.setattr(type(cluster), "stop", lambda self: None)
    base = "extract --contract contract.toml --holder kela/holder.toml --key study.key --unsealed --parts 2 --out refused"
    check_refused([*base.split(), *line.replace("HERE", str(world)).split()], words, capsys)


def check_refused(line, words, capsys):
    assert salanimi_spark.main(line) == 3
    shown = capsys.readouterr().err
    assert words in shown and shown.startswith("salanimi-spark: ") and "Traceback" not in shown
    assert not Path("refused").exists() and not hidden()


@pytest.mark.parametrize(
    "line, words",
    [
        ("--parts 3 one-8 helsinki-1", "power of two"),
        ("--parts 2 one-8 nowhere", "nowhere"),
        ("--parts 2 one-8 one-1", "given twice"),
        ("--parts 2 --link-key nowhere.key one-8", "nowhere.key"),
        ("--parts 2 --contract codeless.toml one-8", "salanimi link"),
    ],
)
def test_bad_input_of_a_link_is_one_clear_error(world, cluster, linked, capsys, line, words, monkeypatch):
    monkeypatch.setattr(salanimi_spark, "session", lambda given: cluster)
    monkeypatch.setattr(type(cluster), "stop", lambda self: None)
    shutil.copy("unused.key", "refused.key")
    marks = r"(?m)^# (?=\[exchange\.linkage\]|(rules|kind|ground|linkage) = )"
    Path("codeless.toml").write_text(re.sub(marks, "", Path("contract.toml").read_text()))
    base = "link --contract contract.toml --link-key refused.key --out refused"
    check_refused([*base.split(), *line.split()], words, capsys)


def test_a_link_from_the_command_line_is_complete(world, cluster, linked, capsys, monkeypatch):
    monkeypatch.setattr(salanimi_spark, "session", lambda given: cluster)
    monkeypatch.setattr(type(cluster), "stop", lambda self: None)
    shutil.copy("unused.key", "commanded.key")
    line = "link --contract contract.toml --link-key commanded.key --out commanded --parts 4 one-8 helsinki-1"
    assert salanimi_spark.main(line.split()) == 0
    shown = capsys.readouterr().out
    assert "NOT sealed" in shown and "all parts are written" in shown
    check_same_dataset("commanded", linked)
    run(world, "verify --attack none --contract contract.toml commanded")
    log = Path("audit.jsonl").read_text().splitlines()
    assert '"spark link"' in log[-1] and '"done"' in log[-1] and "kela delivery 1" in log[-1]


def test_a_job_that_is_ended_leaves_nothing(world):
    """SIGTERM, as resource managers send it, while Spark starts."""
    line = "extract --master local[1] --contract contract.toml --holder kela/holder.toml --key study.key --unsealed"
    program = [sys.executable, "-m", "salanimi.spark", *line.split(), "--parts", "2", "--out", "ended"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(program, start_new_session=True, **quiet) as running:
        while not hidden() and running.poll() is None:
            time.sleep(0.05)
        time.sleep(1)
        running.terminate()
        try:
            assert running.wait(60) == 143
        finally:
            # Java may go on for a while.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
    assert not Path("ended").exists() and not hidden()
    assert '"failed"' in Path("audit.jsonl").read_text().splitlines()[-1]


def test_the_commands_of_the_page_run(study, monkeypatch):
    """docs/spark.md, on one machine: the town's source in Parquet."""
    page = (REPOSITORY / "docs/spark.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", page, re.S)
    assert len(blocks) == 1
    folder = study.parent / "page"
    shutil.copytree(study, folder)
    source = folder / "town/contacts.csv"
    header = source.open(encoding="utf-8-sig").readline().strip().split(",")
    types = csv.ConvertOptions(column_types={name: "string" for name in header}, strings_can_be_null=True)
    pq.write_table(csv.read_csv(source, convert_options=types), folder / "town/contacts.parquet")
    holder = (folder / "town/holder.toml").read_text()
    holder = holder.replace('format = "csv"\ndelimiter = ","\nencoding = "utf-8"', 'format = "parquet"')
    (folder / "town/holder.toml").write_text(holder.replace('["contacts.csv"]', '["contacts.parquet"]'))
    (folder / "bin").mkdir()
    (folder / "bin/salanimi").symlink_to(os.environ["SALANIMI_PROGRAM"])
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}")
    ended = subprocess.run(["sh", "-ec", blocks[0]], cwd=folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert (folder / "d-town-spark/manifest.json").exists() and "contacts" in ended.stdout
    assert (folder / "linked-spark/manifest.json").exists() and "all parts are written" in ended.stdout
