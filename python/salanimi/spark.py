"""Extract on Apache Spark: `salanimi-spark extract`. See docs/spark.md.

Rows pass our kernels twice. The first pass pseudonymises them where they are read; one shuffle brings the rows of each
part together; the second pass sorts and writes the part. Statements of what was read travel as rows of their own, so
each counts exactly once, however often a task runs again. The key is a file on every host and never enters Spark.
"""

import argparse
import functools
import os
import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import salanimi

LEAST_SPARK = (4, 1)
FILE, ROW, PART, STATEMENT = "salanimi_file", "salanimi_row", "salanimi_part", "salanimi_statement"
# Statements that are held before they are joined.
STATEMENTS_AT_ONCE = 64
# Exit codes of the program `salanimi`.
BAD_INPUT, OTHER = 3, 1

# Settings of every session: dates mean days, no row is dropped, and a part is what one task gets.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.parquet.mergeSchema": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
}
# Without these, rows lie on disks or cross the network in clear.
SECURE = ("spark.io.encryption.enabled", "spark.network.crypto.enabled", "spark.authenticate")
JAVA_OPTIONS = tuple(
    f"spark.{role}.{kind}JavaOptions" for role in ("driver", "executor") for kind in ("default", "extra")
)


def check_spark(version):
    """Raises SalanimiError unless Spark can send rows to the parts that they name."""
    if tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < LEAST_SPARK:
        raise salanimi.SalanimiError(f"Spark {version} cannot divide rows by part; install PySpark 4.1 or later")


def check_settings(get, insecure=False):
    """Raises SalanimiError if a setting would write rows in clear. get: returns a setting's value, or the default."""
    master = get("spark.master", "")
    needed = SECURE[:1] if re.match(r"local($|\[)", master) else SECURE
    missing = [name for name in needed if get(name, "false").lower() != "true"]
    if missing and not insecure:
        raise salanimi.SalanimiError(
            f"rows would lie on disks or cross the network in clear; set to true: {', '.join(missing)}. "
            "If nobody else can reach these hosts, give --insecure-cluster"
        )
    dumping = [name for name in JAVA_OPTIONS if "HeapDump" in get(name, "")]
    if dumping:
        raise salanimi.SalanimiError(f"a heap dump holds identity codes; remove HeapDump from {', '.join(dumping)}")


def here(error):
    """Returns an error that also says on which host it happened."""
    return salanimi.SalanimiError(f"{socket.gethostname()}: {error}")


def read_rows(folder, table, source):
    """Returns the first pass: rows of the source in, pseudonymised rows and a statement out."""

    def run(batches):
        import pyarrow as pa

        try:
            rows = salanimi.ExtractRows(folder, table, source)
            schema = rows.schema.append(pa.field(STATEMENT, pa.binary()))
            parts = rows.parts
            for batch in batches:
                left = rows.batch(batch)
                yield pa.record_batch([*left.columns, pa.nulls(left.num_rows, pa.binary())], schema=schema)
            values = {PART: pa.array([parts], pa.int32()), STATEMENT: pa.array([rows.finish()], pa.binary())}
            yield pa.record_batch([values.get(f.name, pa.nulls(1, f.type)) for f in schema], schema=schema)
        except salanimi.SalanimiError as error:
            raise here(error) from None

    return run


def write_parts(folder, table, parts, memory):
    """Returns the second pass: the rows of one part in, its statement out; or all statements in, one out."""

    def run(batches):
        import pyarrow as pa
        from pyspark import TaskContext

        task = TaskContext.get()
        try:
            if task.partitionId() == parts:
                statement = joined(batches)
            else:
                statement = written(batches, folder, table, task, memory)
        except salanimi.SalanimiError as error:
            raise here(error) from None
        if statement is not None:
            numbers = pa.array([task.partitionId()], pa.int32())
            yield pa.record_batch([numbers, pa.array([statement], pa.binary())], names=[PART, STATEMENT])

    return run


def joined(batches):
    """Joins statements of rows, few at a time."""
    waiting = []
    for batch in batches:
        for statement in batch.column(STATEMENT).to_pylist():
            waiting.append(statement)
            if len(waiting) >= STATEMENTS_AT_ONCE:
                waiting = [salanimi.join_statements(waiting)]
    return salanimi.join_statements(waiting) if waiting else None


def written(batches, folder, table, task, memory):
    """Writes the rows of one part. Returns the statement; None if there is no row."""
    part = None
    for batch in batches:
        if part is None:
            part = salanimi.ExtractPart(folder, table, task.partitionId(), memory=memory)
        part.write(batch)
    return part.finish(task.taskAttemptId()) if part else None


def check_files(spark, table, columns, paths):
    """Raises SalanimiError unless every file has every column, in one type. Spark would fill or convert it silently."""
    from pyspark.errors import PySparkException

    try:
        files = sorted(spark.read.parquet(*paths).inputFiles())
    except PySparkException as error:
        first = str(error).splitlines()[0]
        raise salanimi.SalanimiError(f"table '{table}': Spark cannot read the source: {first}") from None
    if not files:
        raise salanimi.SalanimiError(f"table '{table}': no source file; correct the paths in the holder file or --source")

    def types(file):
        return {field.name: field.dataType for field in spark.read.parquet(file).schema}

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(types, files))
    for file, of_file in zip(files, found):
        name = file.rsplit("/", 1)[-1]
        missing = [column for column in columns if column not in of_file]
        if missing:
            raise salanimi.SalanimiError(
                f"table '{table}', file {name}: no column '{missing[0]}'; write it into every file, also if the folder names it"
            )
        other = [column for column in columns if of_file[column] != found[0][column]]
        if other:
            raise salanimi.SalanimiError(
                f"table '{table}', file {name}: column '{other[0]}' is {of_file[other[0]].simpleString()} here and "
                f"{found[0][other[0]].simpleString()} in other files; export it in one type"
            )


def read_source(spark, job, table, number, columns, paths):
    """Returns the first pass over one source of a table, as a DataFrame."""
    from pyspark.sql import functions as sql
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import BinaryType

    check_files(spark, table, columns, paths)
    folder = str(job.folder)
    quoted = [sql.col("`" + column.replace("`", "``") + "`") for column in columns]
    place = [sql.col("_metadata.file_name").alias(FILE), sql.col("_metadata.row_index").alias(ROW)]
    schema = from_arrow_schema(salanimi.ExtractRows(folder, table, number).schema).add(STATEMENT, BinaryType())
    return spark.read.parquet(*paths).select(*quoted, *place).mapInArrow(read_rows(folder, table, number), schema)


def extract_table(spark, job, table, sources, parts, memory):
    """Extracts one table. Returns the statement of the rows, and the statements of the parts."""
    from pyspark.sql import functions as sql

    rows = [read_source(spark, job, table, number, *source) for number, source in enumerate(sources)]
    divided = functools.reduce(lambda one, other: one.union(other), rows).repartitionById(parts + 1, sql.col(PART))
    write = write_parts(str(job.folder), table, parts, memory)
    ended = divided.mapInArrow(write, f"{PART} int, {STATEMENT} binary").collect()
    of_rows = [bytes(row[STATEMENT]) for row in ended if row[PART] == parts]
    of_parts = [bytes(row[STATEMENT]) for row in ended if row[PART] < parts]
    return salanimi.join_statements(of_rows), of_parts


def placed(table, sources, given):
    """Returns the sources of a table with the paths that Spark reads."""
    if given and len(sources) > 1:
        raise salanimi.SalanimiError(f"--source: table '{table}' has several sources; put the paths into the holder file")
    return [(columns, given or [Path(file).resolve().as_uri() for file in files]) for columns, files in sources]


def extract(spark, job, *, parts, sources=None, memory=256 << 20, report=lambda line: None):
    """Extracts all tables of a job and finishes the delivery. Nothing is left behind if it fails.

    spark: a session whose settings are secure. job: a salanimi.ExtractJob with these parts. sources: by table, the paths
    that Spark reads; default: those of the holder file. memory: limit for the rows of a part in bytes. report: called
    with a line for each table.

    Returns the dict of ExtractJob.finish. Raises SalanimiError if an input is wrong.
    """
    try:
        unknown = set(sources or {}) - {table for table, _ in job.tables}
        if unknown:
            raise salanimi.SalanimiError(f"--source names table '{min(unknown)}', which the holder file does not have")
        for table, described in job.tables:
            read = placed(table, described, (sources or {}).get(table))
            job.add(table, *extract_table(spark, job, table, read, parts, memory))
            report(f"table {table} is written")
    except BaseException:
        job.abandon()
        raise
    return job.finish()


def size(text):
    """Reads a size of memory: bytes, or a number with KiB, MiB or GiB."""
    found = re.fullmatch(r"(\d+)\s*(B|KiB|MiB|GiB)?", text)
    if not found:
        raise argparse.ArgumentTypeError("write a number of bytes, or a number with KiB, MiB or GiB")
    return int(found[1]) << {None: 0, "B": 0, "KiB": 10, "MiB": 20, "GiB": 30}[found[2]]


def pair(text):
    """Reads NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("write NAME=VALUE")
    return name, value


def arguments():
    """Returns the parser of the command line."""
    parser = argparse.ArgumentParser(prog="salanimi-spark", description="salanimi on Apache Spark.")
    parser.add_argument("--version", action="version", version=f"salanimi-spark {salanimi.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("extract", help="make a delivery from Parquet files that Spark reads")
    for name in ("contract", "holder", "key", "out"):
        make.add_argument(f"--{name}", required=True, metavar="FOLDER" if name == "out" else "FILE")
    make.add_argument("--parts", type=int, default=64, help="number of parts of each table, a power of two (64)")
    for name in ("identity", "signing-key", "cohort", "exclude", "protect", "rejects", "audit"):
        make.add_argument(f"--{name}", metavar="FILE")
    make.add_argument("--source", type=pair, action="append", default=[], metavar="TABLE=PATH",
                      help="path that Spark reads in place of the holder file's; may be repeated")
    make.add_argument("--memory", type=size, default=256 << 20, help="memory for the rows of one part (256MiB)")
    make.add_argument("--unsealed", action="store_true", help="leave the delivery unsealed")
    make.add_argument("--strict", action="store_true", help="stop on every warning that the contract does not explain")
    make.add_argument("--insecure-cluster", action="store_true", help="accept settings that leave rows in clear")
    make.add_argument("--master", help="address of the cluster; default: as Spark is set up")
    make.add_argument("--conf", type=pair, action="append", default=[], metavar="NAME=VALUE", help="a setting of Spark")
    return parser


def session(given):
    """Returns a Spark session with our settings and the given ones, checked."""
    try:
        import pyspark
        from pyspark.sql import SparkSession
    except ImportError:
        raise salanimi.SalanimiError("PySpark is not installed; install pyspark 4.1 or later") from None
    check_spark(pyspark.__version__)
    # Workers run this Python, unless the cluster's setup names another one.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("salanimi")
    if given.master:
        builder = builder.master(given.master)
    for name, value in [*given.conf, *SETTINGS.items()]:
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    check_settings(spark.sparkContext.getConf().get, given.insecure_cluster)
    return spark


def run_extract(given):
    """Runs `salanimi-spark extract`."""
    sources = {}
    for table, path in given.source:
        sources.setdefault(table, []).append(path)
    job = salanimi.ExtractJob(
        given.contract, given.holder, given.key, given.out, parts=given.parts, rejects=given.rejects,
        identity=given.identity, signing_key=given.signing_key, cohort=given.cohort, exclude=given.exclude,
        protect=given.protect, audit=given.audit, unsealed=given.unsealed, strict=given.strict,
    )  # fmt: skip
    try:
        spark = session(given)
    except BaseException:
        job.abandon()
        raise
    try:
        made = extract(spark, job, parts=given.parts, sources=sources, memory=given.memory, report=print)
    finally:
        spark.stop()
    for table in made["account"]["tables"]:
        print(f"{table['name']}: {table['rows']} rows of {table['persons']} persons, {table['records']} records read")
    print(f"{given.out}: manifest {made['digest']}")


def message(error):
    """Returns the message of an error of ours that a task raised; None for any other."""
    found = re.search(r"SalanimiError: (.*)", str(error))
    return found and found[1].strip()


def main(words=None):
    """Runs `salanimi-spark` and returns its exit code."""
    given = arguments().parse_args(words)
    try:
        run_extract(given)
        return 0
    except salanimi.SalanimiError as error:
        problem = str(error)
    except Exception as error:
        problem = message(error)
        if problem is None:
            # Spark's own message may quote a cell, so only its kind is told; its logs have the rest.
            print(f"salanimi-spark: Spark failed ({type(error).__name__}); see its logs", file=sys.stderr)
            return OTHER
    print(f"salanimi-spark: {problem}", file=sys.stderr)
    return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
