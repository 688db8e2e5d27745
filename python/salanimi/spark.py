"""Extract and link on Apache Spark: `salanimi-spark extract` and `salanimi-spark link`. See docs/spark.md.

In an extract, Spark reads the rows and hands them to our kernels, which pseudonymise them and leave them in encrypted
files. In a link, our kernels read the deliveries. A second pass over numbers of parts sorts and writes them from these
files. No row comes back to Spark. What a task counted comes back as one encrypted statement, exactly once, however often
the task runs again. Keys are files on every host and never enter Spark.
"""

import argparse
import os
import re
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import salanimi

LEAST_SPARK = (4, 1)
FILE, ROW = "salanimi_file", "salanimi_row"
# What a task answers: a statement, or why its host cannot take part.
STATEMENT, PROBLEM = "salanimi_statement", "salanimi_problem"
ANSWER = f"{STATEMENT} binary, {PROBLEM} string"
# Exit codes of the program `salanimi`, and of a program that SIGTERM ends.
BAD_INPUT, OTHER, TERMINATED = 3, 1, 143

# Settings of every session: dates mean days, and no row is dropped.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.parquet.mergeSchema": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
}
# Without these, what Spark stores or sends is in clear, the last one after a handshake that failed.
SECURE = {
    "spark.io.encryption.enabled": "true",
    "spark.network.crypto.enabled": "true",
    "spark.authenticate": "true",
    "spark.network.crypto.saslFallback": "false",
}
# One machine: nothing listens beyond it. Spark makes the secret of authentication itself.
ON_ONE_MACHINE = SECURE | {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
}
# Settings that run foreign code where rows are read, with the values that do not.
FOREIGN = {
    "spark.shuffle.manager": ("sort", "tungsten-sort"),
    "spark.shuffle.sort.io.plugin.class": ("org.apache.spark.shuffle.sort.io.LocalDiskShuffleDataIO",),
    "spark.plugins": ("",),
}
# Options of Java that write its memory to a disk, open it to others, or come from a file that is not seen here.
OPEN_MEMORY = re.compile(
    r"HeapDump|OnOutOfMemoryError|OnError|-XX:Flags|VMOptionsFile|(^|\s)@|jmxremote|-agent|-javaagent|-Xrun|FlightRecord"
)
JAVA_VARIABLES = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "SPARK_SUBMIT_OPTS", "SPARK_JAVA_OPTS")
# Files beside data files that hold no rows. Spark reads no other file whose name begins so.
HIDDEN = ("_", ".")
WITHOUT_ROWS = re.compile(r"_SUCCESS|_metadata|_common_metadata|_committed_.*|_started_.*|\..*\.crc")


def check_spark(version):
    """Raises SalanimiError unless this version of Spark is one that the job is made for."""
    if tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < LEAST_SPARK:
        raise salanimi.SalanimiError(f"Spark {version} is too old for the job; install PySpark 4.1 or later")


def check_settings(settings, environment, insecure=False):
    """Raises SalanimiError if with a setting Spark would store or send in clear, or open the memory.

    settings: all settings of Spark by name. environment: variables of this process.
    """
    missing = [f"{name}={value}" for name, value in SECURE.items() if settings.get(name, "").lower() != value]
    if missing and not insecure:
        raise salanimi.SalanimiError(
            f"what Spark stores and sends would be in clear; set {', '.join(missing)}. "
            "If nobody else can reach these hosts, give --insecure-cluster"
        )
    other = [name for name, safe in FOREIGN.items() if settings.get(name, safe[0]) not in safe]
    if other:
        raise salanimi.SalanimiError(f"foreign code would run where identity codes are read; remove the setting {', '.join(other)}")
    options = {name: value for name, value in settings.items() if name.endswith("JavaOptions")}
    options |= {name: environment[name] for name in JAVA_VARIABLES if name in environment}
    executors = {f"spark.executorEnv.{name}" for name in JAVA_VARIABLES}
    options |= {name: settings[name] for name in executors if name in settings}
    refuse_opening([name for name, value in options.items() if OPEN_MEMORY.search(value)])


def check_java(jvm):
    """Raises SalanimiError if the driver's Java was started with an option that opens its memory, wherever it came from."""
    runtime = jvm.java.lang.management.ManagementFactory.getRuntimeMXBean()
    started = any(OPEN_MEMORY.search(str(option)) for option in runtime.getInputArguments())
    refuse_opening(["the options with which the driver's Java was started"] if started else [])


def refuse_opening(names):
    if names:
        raise salanimi.SalanimiError(
            f"Java's memory holds identity codes, and an option would write it to a file or open it; correct {', '.join(names)}"
        )


def on_this_host(run):
    """Makes errors of a pass name the host, and never hold a value.

    That a host cannot take part is answered, not raised: Spark would try the task on another host, and the job would or
    would not fail, as it happens.
    """

    def guarded(batches):
        try:
            yield from run(batches)
        except GeneratorExit:
            raise
        except salanimi.HostError as error:
            yield answer(problem=f"{socket.gethostname()}: {error}")
            # Spark waits until its rows are taken.
            for _ in batches:
                pass
            return
        except salanimi.SalanimiError as error:
            problem = str(error)
        except BaseException as error:
            problem = f"a fault in salanimi ({type(error).__name__}); please report it"
        else:
            return
        raise salanimi.SalanimiError(f"{socket.gethostname()}: {problem}")

    return guarded


def read_rows(folder, table, source, columns):
    """Returns the pass over rows of a source: rows in, one statement out."""

    def run(batches):
        from pyspark import TaskContext

        rows = salanimi.ExtractRows(folder, table, TaskContext.get().taskAttemptId(), source=source)
        for batch in batches:
            rows.add(batch.rename_columns([*columns, FILE, ROW]))
        yield answer(rows.finish())

    return on_this_host(run)


def on_numbers(work, memory):
    """Returns a pass over numbers: for each, what our kernels stated.

    work: name of a function of salanimi, and what it is given before the number.
    """

    def run(batches):
        from pyspark import TaskContext

        name, *given = work
        attempt = TaskContext.get().taskAttemptId()
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield answer(getattr(salanimi, name)(*given, number, attempt, memory=memory))

    return on_this_host(run)


def answer(statement=None, problem=None):
    """Returns the answer of a task as a batch of one row."""
    import pyarrow as pa

    return pa.record_batch([pa.array([statement], pa.binary()), pa.array([problem], pa.string())], names=[STATEMENT, PROBLEM])


def stated(rows):
    """Returns the statements of all tasks of a pass over these rows, one of each."""
    answers = rows.collect()
    problems = [row[PROBLEM] for row in answers if row[PROBLEM] is not None]
    if problems:
        raise salanimi.SalanimiError(min(problems))
    found = [bytes(row[STATEMENT]) for row in answers]
    if len(found) != rows.rdd.getNumPartitions():
        raise salanimi.SalanimiError("Spark returned more or fewer statements than it had tasks; run the job again")
    return found


def stated_of_parts(spark, parts, work, memory):
    """Returns the statements of a pass over the numbers of all parts, one number a task."""
    return stated(spark.range(0, parts, 1, parts).mapInArrow(on_numbers(work, memory), ANSWER))


def list_files(spark, table, paths):
    """Returns every file with rows below these paths: path, length and time of its last change, in order."""
    from py4j.protocol import Py4JJavaError

    path_of = spark._jvm.org.apache.hadoop.fs.Path
    settings = spark._jsc.hadoopConfiguration()
    found = []
    for given in paths:
        path = path_of(given)
        try:
            system = path.getFileSystem(settings)
            status = system.getFileStatus(path)
            statuses = [status] if status.isFile() else below(system.listFiles(path, True))
        except Py4JJavaError:
            raise salanimi.SalanimiError(f"table '{table}': {given}: cannot be read; correct the path") from None
        root = status.getPath().getParent().toString() if status.isFile() else status.getPath().toString()
        for status in statuses:
            text = status.getPath().toString()
            if not WITHOUT_ROWS.fullmatch(status.getPath().getName()):
                if any(name.startswith(HIDDEN) for name in text.removeprefix(root).split("/")):
                    raise salanimi.SalanimiError(
                        f"table '{table}': {text}: Spark reads no file or folder whose name begins with _ or .; rename it, or "
                        "give the files of the newest version if this is a table with a log"
                    )
                found.append((text, status.getLen(), status.getModificationTime()))
    found.sort()
    twice = [one[0] for one, other in zip(found, found[1:]) if one[0] == other[0]]
    if twice:
        raise salanimi.SalanimiError(f"table '{table}': {twice[0]}: listed twice; its rows would count twice")
    if not found:
        raise salanimi.SalanimiError(f"table '{table}': no source file; correct the paths in the holder file or --source")
    return found


def below(iterator):
    """Returns what an iterator of Hadoop has."""
    found = []
    while iterator.hasNext():
        found.append(iterator.next())
    return found


def open_files(spark, paths):
    """Reads exactly these files: no pattern, and no column from the name of a folder."""
    plain = [re.sub(r"([\\{}\[\]*?])", r"\\\1", path) for path in paths]
    return spark.read.option("recursiveFileLookup", "true").parquet(*plain)


def check_files(spark, table, source, files):
    """Raises SalanimiError unless Spark reads all of these files, and each has the columns, in one type and no others.

    Spark would fill a missing column with nulls, and convert another type. A message never shows a name that a file has:
    in a file without a header it is a row.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    columns, ignored, _ = source
    names = [path.rsplit("/", 1)[-1] for path in files]

    def types(path):
        return {field.name: field.dataType for field in open_files(spark, [path]).schema}

    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(types, files))
        path_of, address = spark._jvm.org.apache.hadoop.fs.Path, spark._jvm.java.net.URI
        read = {path_of(address(file)).toString() for file in open_files(spark, files).inputFiles()}
    except (PySparkException, Py4JJavaError):
        raise salanimi.SalanimiError(f"table '{table}': Spark cannot read the source; is every file Parquet?") from None
    if read != set(files):
        raise salanimi.SalanimiError(f"table '{table}': Spark reads {len(read)} of {len(files)} files; rename the others")
    for name, of_file in zip(names, found):
        problem = None
        missing = [column for column in columns if column not in of_file]
        extra = [at for at, column in enumerate(of_file, 1) if column not in (*columns, *ignored) or column == "_metadata"]
        other = [column for column in columns if column in of_file and of_file[column] != found[0].get(column)]
        if missing:
            problem = f"no column '{missing[0]}'; write it into every file, also if the name of the folder has it"
        elif extra:
            problem = f"column {extra[0]} is not in the holder file; map it under [sources.columns] or list it under ignore"
        elif other:
            types_there = f"{of_file[other[0]].simpleString()} here and {found[0][other[0]].simpleString()} in {names[0]}"
            problem = f"column '{other[0]}' is {types_there}; export it in one type"
        if problem:
            raise salanimi.SalanimiError(f"table '{table}', file {name}: {problem}")


def read_source(spark, job, table, number, source, files):
    """Returns the pass over these files of one source of a table, as a DataFrame of statements."""
    from pyspark.sql import functions as sql

    check_files(spark, table, source, files)
    columns = source[0]
    # Numbers, because Spark reads a dot in a name as a path.
    numbered = [sql.col("`" + name.replace("`", "``") + "`").alias(f"c{at}") for at, name in enumerate(columns)]
    place = [sql.col("_metadata.file_name").alias(FILE), sql.col("_metadata.row_index").alias(ROW)]
    rows = open_files(spark, files).select(*numbered, *place)
    return rows.mapInArrow(read_rows(str(job.folder), table, number, columns), ANSWER)


def extract_table(spark, job, table, sources, parts, memory):
    """Extracts one table."""

    def listed():
        return [list_files(spark, table, paths) for _, _, paths in sources]

    before = listed()
    passes = [
        read_source(spark, job, table, at, source, [path for path, *_ in files])
        for at, (source, files) in enumerate(zip(sources, before))
    ]
    job.add_rows(table, [one for rows in passes for one in stated(rows)])
    if listed() != before:
        raise salanimi.SalanimiError(f"table '{table}': the source changed while it was read; run the job again")
    job.add_parts(table, stated_of_parts(spark, parts, ("extract_part", str(job.folder), table), memory))


def placed(table, sources, given):
    """Returns the sources of a table with the paths that Spark reads."""
    if given and len(sources) > 1:
        raise salanimi.SalanimiError(f"--source: table '{table}' has several sources; put the paths into the holder file")
    return [
        (columns, ignored, given or [f"file://{os.path.abspath(file)}" for file in files])
        for columns, ignored, files in sources
    ]


def extract(spark, job, *, parts, sources=None, memory=256 << 20, insecure=False, report=lambda line: None):
    """Extracts all tables of a job and finishes the delivery. Nothing is left behind if it fails.

    spark: a session whose settings are secure, unless insecure. job: a salanimi.ExtractJob with these parts. sources: by
    table, the paths of files or folders that Spark reads; default: the files of the holder file. memory: limit for the
    rows of a part in bytes. report: called with a line for each table.

    Returns the dict of ExtractJob.finish. Raises SalanimiError if an input is wrong.
    """
    try:
        check_settings(dict(spark.sparkContext.getConf().getAll()), os.environ, insecure)
        check_java(spark.sparkContext._jvm)
        for name, value in SETTINGS.items():
            if name.startswith("spark.sql."):
                spark.conf.set(name, value)
        unknown = set(sources or {}) - {table for table, _ in job.tables}
        if unknown:
            raise salanimi.SalanimiError(f"--source names table '{min(unknown)}', which the holder file does not have")
        for table, described in job.tables:
            read = placed(table, described, (sources or {}).get(table))
            extract_table(spark, job, table, read, parts, memory)
            report(f"table {table} is written")
    except BaseException:
        job.abandon()
        raise
    return job.finish()


def link(spark, job, *, parts, memory=256 << 20, insecure=False, report=lambda line: None):
    """Links the deliveries of a job and finishes the dataset. Nothing is left behind if it fails.

    spark: a session whose settings are secure, unless insecure. job: a salanimi.LinkJob with these parts. memory: limit for
    the rows of a range or part in bytes. report: called with a line for each step.

    Returns the dict of LinkJob.finish. Raises SalanimiError if an input is wrong.
    """
    try:
        check_settings(dict(spark.sparkContext.getConf().getAll()), os.environ, insecure)
        check_java(spark.sparkContext._jvm)
        folder = str(job.folder)
        job.add_ranges(stated_of_parts(spark, parts, ("link_range", folder), memory))
        report("all ranges are merged")
        job.add_parts(stated_of_parts(spark, parts, ("link_part", folder), memory))
        report("all parts are written")
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
                      help="file or folder that Spark reads in place of the holder file's; may be repeated")
    make.add_argument("--unsealed", action="store_true", help="leave the delivery unsealed")
    join = commands.add_parser("link", help="link deliveries into a dataset")
    for name in ("contract", "link-key", "out"):
        join.add_argument(f"--{name}", required=True, metavar="FOLDER" if name == "out" else "FILE")
    join.add_argument("--parts", type=int, default=64, help="number of ranges and parts, a power of two (64)")
    for name in ("identity", "audit"):
        join.add_argument(f"--{name}", metavar="FILE")
    join.add_argument("deliveries", nargs="+", metavar="DELIVERY", help="folders of the deliveries of all holders")
    for command in (make, join):
        command.add_argument("--memory", type=size, default=256 << 20, help="memory for the rows of one part (256MiB)")
        command.add_argument(
            "--strict", action="store_true", help="stop on every warning that the contract does not explain"
        )
        command.add_argument("--insecure-cluster", action="store_true", help="accept settings under which Spark stores and sends in clear")
        command.add_argument("--master", help="address of the cluster; default: as Spark is set up")
        command.add_argument(
            "--conf", type=pair, action="append", default=[], metavar="NAME=VALUE", help="a setting of Spark"
        )
    make.set_defaults(run=run_extract)
    join.set_defaults(run=run_link)
    return parser


def session(given):
    """Returns a Spark session with our settings and the given ones."""
    try:
        import pyspark
        from pyspark.sql import SparkSession
    except ImportError:
        raise salanimi.SalanimiError("PySpark is not installed; install pyspark 4.1 or later") from None
    check_spark(pyspark.__version__)
    # Workers run this Python, unless the cluster's setup names another one.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("salanimi")
    settings = {"spark.network.crypto.saslFallback": "false"} | dict(given.conf) | SETTINGS
    if given.master:
        builder = builder.master(given.master)
        if re.match(r"local($|\[)", given.master):
            settings = ON_ONE_MACHINE | settings
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


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
    made = on_session(given, job, lambda spark: extract(spark, job, sources=sources, **common(given)))
    for table in made["account"]["tables"]:
        print(f"{table['name']}: {table['rows']} rows of {table['persons']} persons, {table['records']} records read")
    print(f"{given.out}: manifest {made['digest']}")


def run_link(given):
    """Runs `salanimi-spark link`."""
    job = salanimi.LinkJob(
        given.contract, given.deliveries, given.link_key, given.out, parts=given.parts, identity=given.identity,
        strict=given.strict, audit=given.audit,
    )  # fmt: skip
    made = on_session(given, job, lambda spark: link(spark, job, **common(given)))
    print(made["text"])


def common(given):
    """Returns what extract and link have in common."""
    return {"parts": given.parts, "memory": given.memory, "insecure": given.insecure_cluster, "report": print}


def on_session(given, job, work):
    """Runs `work` of a job on a session of its own. Nothing is left behind if there is none."""
    try:
        spark = session(given)
    except BaseException:
        job.abandon()
        raise
    try:
        return work(spark)
    finally:
        spark.stop()


def message(error):
    """Returns the message of an error of ours that a task raised; None for any other."""
    found = re.search(r"SalanimiError: (.*)", str(error))
    return found and found[1].strip()


def main(words=None):
    """Runs `salanimi-spark` and returns its exit code."""
    given = arguments().parse_args(words)
    # Ended by a resource manager, it removes what it wrote.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        given.run(given)
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
