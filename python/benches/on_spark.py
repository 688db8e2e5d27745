"""salanimi-spark on two executors of one host, beside the program: rates, digests of 64 parts, and kills.

    python python/benches/on_spark.py DATA rates       rows a second of processor time, 2 million rows
    python python/benches/on_spark.py DATA digests     64 parts of 13 million rows: the content digest of one file
    python python/benches/on_spark.py DATA kills       20 runs, each with an executor killed at a random moment

DATA is a folder for inputs and outputs. SALANIMI_PROGRAM names the program. It needs the wheel, PySpark, polars and Java.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import salanimi
from salanimi import spark as job_of_spark

REPOSITORY = Path(__file__).resolve().parents[2]
CONTRACT = REPOSITORY / "benches/study.toml"
MEMORY = 256 << 20
ROWS = {"rates": 2_000_000, "digests": 13_000_000, "kills": 200_000}
HOLDER = """format = "salanimi-holder/1"
holder = "kela"
[delivery]
number = 1
period = {{ first = "2017-01-01", last = "2019-12-31" }}
[[coverage]]
organiser = "kela"
table = "{table}"
first = "2017-01-01"
last = "2019-12-31"
[[sources]]
table = "{table}"
files = ["{file}"]
format = "parquet"
[sources.columns]
{columns}
"""


def run(*words):
    """Runs the program and returns its processor seconds."""
    before = os.times()
    subprocess.run([os.environ["SALANIMI_PROGRAM"], *map(str, words)], check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def processor_seconds():
    """Processor seconds of this process and all that descend from it, ended ones included."""
    parents, times = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
        times[int(stat.parent.name)] = sum(map(int, fields[11:15]))
    ours, found = {os.getpid()}, True
    while found:
        found = {process for process, parent in parents.items() if parent in ours} - ours
        ours |= found
    return sum(times[process] for process in ours) / os.sysconf("SC_CLK_TCK")


def prepared(data, rows):
    """Makes the source, the key and the holder file once. Returns the holder file."""
    data.mkdir(exist_ok=True)
    source, holder = data / f"source-{rows}.parquet", data / f"holder-{rows}.toml"
    if not source.exists():
        maker = REPOSITORY / "benches/peers/make_extract_input.py"
        numbers = ["--rows", str(rows), "--persons", str(rows // 10)]
        outputs = ["--out-parquet", str(source), "--out-csv", "/dev/null"]
        subprocess.run([sys.executable, str(maker), *numbers, *outputs], check=True)
    columns = "\n".join(f'{name} = "{name}"' for name in pq.read_schema(source).names)
    holder.write_text(HOLDER.format(table="kela_social_assistance", file=source.name, columns=columns))
    if not (data / "study.key").exists():
        run("key", "new", "--contract", CONTRACT, data / "study.key")
    return holder


def session(data):
    """Returns Spark with two executors and secure settings."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ["SPARK_LOCAL_DIRS"] = str(data / "local")
    os.environ["SPARK_WORKER_DIR"] = str(data / "work")
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("salanimi-bench")
    settings = job_of_spark.SETTINGS | job_of_spark.SECURE | {
        "spark.authenticate.secret": "only-for-this-bench",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        # Otherwise the cluster gives up after ten lost executors.
        "spark.deploy.maxExecutorRetries": "-1",
        "spark.sql.files.maxPartitionBytes": "8m",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def executors(spark):
    """Process numbers of the executors of this session."""
    wanted = [b"CoarseGrainedExecutorBackend", spark.sparkContext.applicationId.encode()]
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"java") and all(any(part in word for word in words) for part in wanted):
            found.append(int(path.parent.name))
    return found


def started(data, holder, out, parts):
    shutil.rmtree(data / out, ignore_errors=True)
    return salanimi.ExtractJob(CONTRACT, holder, data / "study.key", data / out, parts=parts, unsealed=True)


def of_program(data, holder, out, parts):
    """Makes the delivery by the program. Returns its processor seconds."""
    shutil.rmtree(data / out, ignore_errors=True)
    inputs = ["--contract", CONTRACT, "--holder", holder, "--key", data / "study.key"]
    return run("extract", *inputs, "--unsealed", "--parts", parts, "--memory", "256MiB", "--out", data / out)


def removed(data, linked):
    """Removes a linked dataset with its accounting."""
    shutil.rmtree(data / linked, ignore_errors=True)
    (data / f"{linked}.accounting.json").unlink(missing_ok=True)


def rates(data):
    rows = ROWS["rates"]
    holder = prepared(data, rows)
    spark = session(data)
    source = spark.read.parquet(str(data / f"source-{rows}.parquet"))

    def measured(name, work):
        began = processor_seconds()
        work()
        seconds = processor_seconds() - began
        print(f"{name:44} {seconds:7.1f} CPU s {rows / seconds:10,.0f} rows a CPU-second", flush=True)
        return seconds

    def identity():
        source.mapInArrow(lambda batches: batches, source.schema).write.format("noop").mode("overwrite").save()

    def pseudonyms():
        key, at = str(data / "study.key"), source.columns.index("person_code")
        schema = ", ".join(f"{name} {type_ if name != 'person_code' else 'binary'}" for name, type_ in source.dtypes)

        def replaced(batches):
            kernel = salanimi.Pseudonymiser(str(CONTRACT), key, holder="kela", kind="hetu")
            for batch in batches:
                yield batch.set_column(at, "person_code", kernel.array(batch.column(at)).cast(pa.binary()))

        source.mapInArrow(replaced, schema).write.format("noop").mode("overwrite").save()

    def rows_alone():
        job = started(data, holder, "rates", 8)
        ((table, (source,)),) = job.tables
        first = job_of_spark.read_source(spark, job, table, 0, source, [f"file:{data / f'source-{rows}.parquet'}"])
        job_of_spark.stated(first)
        job.abandon()

    def link():
        removed(data, "linked")
        for name in ("link.key", "link.key.history.json"):
            (data / name).unlink(missing_ok=True)
        run("key", "new", "--link", "--contract", CONTRACT, data / "link.key")
        job = salanimi.LinkJob(CONTRACT, [data / "program"], data / "link.key", data / "linked", parts=8)
        job_of_spark.link(spark, job, parts=8, memory=MEMORY)

    def whole():
        job_of_spark.extract(spark, started(data, holder, "rates", 8), parts=8, memory=MEMORY)

    for name, work in [
        ("mapInArrow, identity", identity),
        ("mapInArrow, pseudonyms", pseudonyms),
        ("rows pseudonymised and left in files", rows_alone),
        ("whole extract", whole),
    ]:
        for turn in ("first", "warm", "warm"):
            measured(f"{name}, {turn}", work)
    seconds = of_program(data, holder, "program", 8)
    print(f"{'program, whole extract':44} {seconds:7.1f} CPU s {rows / seconds:10,.0f} rows a CPU-second")
    for turn in ("first", "warm"):
        measured(f"whole link, {turn}", link)
    removed(data, "linked-program")
    seconds = run("link", "--contract", CONTRACT, "--memory", "256MiB", "--out", data / "linked-program", data / "program")
    print(f"{'program, whole link':44} {seconds:7.1f} CPU s {rows / seconds:10,.0f} rows a CPU-second")
    same = (data / "rates/manifest.json").read_bytes() == (data / "program/manifest.json").read_bytes()
    print("manifest equals the program's:", same)
    assert same


def digests(data):
    holder = prepared(data, ROWS["digests"])
    job_of_spark.extract(session(data), started(data, holder, "spark", 64), parts=64, memory=MEMORY)
    found = []
    for out, parts in [("program", 1), ("program-64", 64)]:
        of_program(data, holder, out, parts)
    for out in ("spark", "program", "program-64"):
        (table,) = json.loads((data / out / "manifest.json").read_text())["account"]["tables"]
        print(f"{out:12} {table['rows']} rows, {len(table.get('parts', []))} parts, {table['content_digest']}")
        found.append(table["content_digest"])
    assert len(set(found)) == 1


def kills(data, runs=20, seed=None):
    holder = prepared(data, ROWS["kills"])
    of_program(data, holder, "program", 8)
    expected = (data / "program/manifest.json").read_bytes()
    spark = session(data)
    seed = random.randrange(10**6) if seed is None else seed
    moments = random.Random(seed)
    began = time.monotonic()
    job_of_spark.extract(spark, started(data, holder, "killed", 8), parts=8, memory=MEMORY)
    usual = time.monotonic() - began
    print(f"seed {seed}; a run takes {usual:.1f} s", flush=True)
    killed = 0
    for turn in range(runs):
        moment = moments.uniform(0, usual)

        def kill():
            nonlocal killed
            processes = executors(spark)
            if processes:
                os.kill(moments.choice(processes), signal.SIGKILL)
                killed += 1

        timer = threading.Timer(moment, kill)
        timer.start()
        job_of_spark.extract(spark, started(data, holder, "killed", 8), parts=8, memory=MEMORY)
        timer.join()
        same = (data / "killed/manifest.json").read_bytes() == expected
        listed = {str(path.relative_to(data / "killed")) for path in (data / "killed").rglob("*") if path.is_file()}
        orphans = listed - set(json.loads(expected)["files"]) - {"manifest.json"}
        hidden = [path.name for path in data.iterdir() if path.name.startswith(".killed") and path.is_dir()]
        print(f"run {turn + 1}: killed after {moment:.1f} s; same manifest {same}, orphans {len(orphans)}", flush=True)
        assert same and not orphans and not hidden
    print(f"{killed} executors were killed in {runs} runs")
    assert killed == runs


if __name__ == "__main__":
    {"rates": rates, "digests": digests, "kills": kills}[sys.argv[2]](Path(sys.argv[1]).resolve())
