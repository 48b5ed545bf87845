"""Runs one JSON plan on Spark: views in, SQL, Parquet out, one machine-readable result.

Usage: spark-submit driver.py <URI of the plan>. The contract is in README.md beside this file.
Python 3.9 and the API that Spark 3.5 and 4.1 share; nothing but pyspark is imported.
"""

from __future__ import annotations

import decimal
import json
import logging
import re
import sys
import threading
import time
import traceback
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, TypeVar
from urllib.parse import unquote

from py4j.protocol import Py4JJavaError
from pyspark import StorageLevel
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType, StringType, StructField, StructType

RESULT_PREFIX = "TIDEMARK_RESULT "
CORRUPT_RECORD = "_corrupt_record"
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
OBSERVATION_TIMEOUT_S = 120
MESSAGE_LIMIT = 2_000
CONCURRENT_JOBS = 4

# What COPY ... (FORMAT csv, HEADER) writes: NULL is an unquoted empty field and '' is "". Spark's own null
# marker is therefore one that no field holds, lineSep keeps a CRLF inside quotes, multiLine keeps line breaks.
COPY_CSV = {
    "header": "true",
    "enforceSchema": "false",
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": CORRUPT_RECORD,
    "quote": '"',
    "escape": '"',
    "multiLine": "true",
    "lineSep": "\n",
    "emptyValue": "",
    "nullValue": "\ue000null\ue000",
    "ignoreLeadingWhiteSpace": "false",
    "ignoreTrailingWhiteSpace": "false",
    "encoding": "UTF-8",
}

# Set before the plan's own conf, so a plan can override them but a cluster's defaults cannot change a result.
SESSION_CONF = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.sources.partitionOverwriteMode": "static",
    "spark.sql.csv.parser.columnPruning.enabled": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.variable.substitute": "false",
}

# Loggers that print an exception as it came, with the values of the row that caused it.
TALKATIVE_LOGGERS = (
    "org.apache.spark.executor.Executor",
    "org.apache.spark.scheduler.TaskSetManager",
    "org.apache.spark.sql.execution.datasources.FileFormatWriter",
    "org.apache.spark.sql.util.ExecutionListenerBus",
    "org.apache.spark.util.Utils",
)

T = TypeVar("T")


class PlanError(Exception):
    """The plan itself is wrong; the message names the path in it, the value and what is allowed."""


class StepError(Exception):
    """One input, statement, output or metric failed. `kind` says who can help, see README.md."""

    def __init__(self, kind: str, error_class: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.error_class = error_class


@dataclass(frozen=True)
class Input:
    """A view over CSV (`columns`) or Parquet (`schema`, DDL)."""

    view: str
    format: str
    paths: list[str]
    columns: list[str] = field(default_factory=list)
    schema: str = ""


@dataclass(frozen=True)
class Statement:
    """A view defined by SQL; `cache` keeps its rows for the outputs and metrics that share it."""

    view: str
    sql: str
    cache: bool = False


@dataclass(frozen=True)
class Output:
    """A view to write as Parquet under `path`, which no other run writes."""

    name: str
    view: str
    path: str
    partition_by: list[str]
    sums: list[str]
    max_records_per_file: int
    coalesce: int | None


@dataclass(frozen=True)
class Metric:
    """SQL that yields one row."""

    name: str
    sql: str


@dataclass(frozen=True)
class Query:
    """SQL whose rows are the answer. One that is at fault itself answers with its error and stops nothing else."""

    name: str
    sql: str


@dataclass(frozen=True)
class Plan:
    """The whole request, validated."""

    step: str
    run_key: str
    conf: dict[str, str]
    inputs: list[Input]
    statements: list[Statement]
    outputs: list[Output]
    metrics: list[Metric]
    queries: list[Query]
    result_uri: str


class Reader:
    """Takes checked values out of one JSON object and refuses keys that nothing asked for."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise PlanError(f"{path}: expected an object")
        self._value = dict(value)
        self._path = path

    def _take(self, key: str, default: Any) -> Any:
        value = self._value.pop(key, default)
        if value is REQUIRED:
            raise PlanError(f"{self._path}.{key}: is missing")
        return value

    def text(self, key: str) -> str:
        value = self._take(key, REQUIRED)
        if not isinstance(value, str) or value == "":
            raise PlanError(f"{self._path}.{key}: expected a text that is not empty")
        return value

    def identifier(self, key: str) -> str:
        value = self.text(key)
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
            raise PlanError(f"{self._path}.{key}: {value!r} is no name (letters, digits, underscores)")
        return value

    def choice(self, key: str, allowed: Iterable[Any]) -> Any:
        value = self._take(key, REQUIRED)
        if value not in allowed:
            raise PlanError(f"{self._path}.{key}: {value!r} is none of {', '.join(map(str, allowed))}")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, False)
        if not isinstance(value, bool):
            raise PlanError(f"{self._path}.{key}: expected true or false")
        return value

    def count(self, key: str) -> int | None:
        value = self._take(key, None)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise PlanError(f"{self._path}.{key}: expected a whole number above 0, or null")
        return value

    def texts(self, key: str, default: Any = None) -> list[str]:
        value = self._take(key, [] if default is None else default)
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise PlanError(f"{self._path}.{key}: expected a list of texts")
        if len(set(value)) != len(value):
            raise PlanError(f"{self._path}.{key}: an entry is there twice")
        return value

    def settings(self, key: str) -> dict[str, str]:
        value = self._take(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise PlanError(f"{self._path}.{key}: expected an object of texts")
        return value

    def objects(self, key: str, parse: Callable[[Reader], T]) -> list[T]:
        value = self._take(key, [])
        if not isinstance(value, list):
            raise PlanError(f"{self._path}.{key}: expected a list")
        items = []
        for index, item in enumerate(value):
            reader = Reader(item, f"{self._path}.{key}[{index}]")
            items.append(parse(reader))
            reader.end()
        return items

    def end(self) -> None:
        if self._value:
            raise PlanError(f"{self._path}: unknown key {', '.join(sorted(self._value))}")


REQUIRED = object()


def parse_input(reader: Reader) -> Input:
    """Reads one entry of `inputs`."""
    view = reader.identifier("view")
    data_format = reader.choice("format", ("csv", "parquet"))
    paths = reader.texts("paths", REQUIRED)
    if data_format == "csv":
        columns = reader.texts("columns", REQUIRED)
        if len(columns) < 2:
            raise PlanError(f"input {view}: a CSV of one column writes NULL as an empty line, which Spark leaves out")
        return Input(view, data_format, paths, columns=columns)
    return Input(view, data_format, paths, schema=reader.text("schema"))


def parse_output(reader: Reader) -> Output:
    """Reads one entry of `outputs`."""
    return Output(
        name=reader.text("name"),
        view=reader.identifier("view"),
        path=reader.text("path"),
        partition_by=reader.texts("partitionBy"),
        sums=reader.texts("sums"),
        max_records_per_file=reader.count("maxRecordsPerFile") or 0,
        coalesce=reader.count("coalesce"),
    )


def parse_plan(text: str) -> Plan:
    """Validates a plan; raises PlanError."""
    try:
        reader = Reader(json.loads(text), "plan")
    except ValueError as error:
        raise PlanError(f"plan: not JSON: {error}") from None
    reader.choice("version", (1,))
    plan = Plan(
        step=reader.text("step"),
        run_key=reader.text("runKey"),
        conf=reader.settings("conf"),
        inputs=reader.objects("inputs", parse_input),
        statements=reader.objects(
            "statements", lambda item: Statement(item.identifier("view"), item.text("sql"), item.flag("cache"))
        ),
        outputs=reader.objects("outputs", parse_output),
        metrics=reader.objects("metrics", lambda item: Metric(item.text("name"), item.text("sql"))),
        queries=reader.objects("queries", lambda item: Query(item.text("name"), item.text("sql"))),
        result_uri=reader.text("resultUri"),
    )
    reader.end()
    # A statement may define a view anew: readers before it keep the old one, since Spark resolves a view when it is made.
    views = [item.view.lower() for item in [*plan.inputs, *plan.statements]]
    refuse_duplicates("view", [item.view.lower() for item in plan.inputs])
    refuse_duplicates("output name", [output.name for output in plan.outputs])
    refuse_duplicates("metric name", [metric.name for metric in plan.metrics])
    refuse_duplicates("query name", [query.name for query in plan.queries])
    roots = sorted(output.path.rstrip("/") + "/" for output in plan.outputs)
    for before, after in zip(roots, roots[1:]):
        if after.startswith(before):
            raise PlanError(f"plan.outputs: {after} lies in the path of another output, which would delete it")
    for output in plan.outputs:
        if output.view.lower() not in views:
            raise PlanError(f"plan.outputs: {output.name}: no input or statement defines the view {output.view}")
    return plan


def refuse_duplicates(what: str, names: list[str]) -> None:
    """Raises PlanError when a name is there twice."""
    for name in names:
        if names.count(name) > 1:
            raise PlanError(f"plan: the {what} {name} is there twice")


class Storage:
    """Reads, writes and lists through Spark's Hadoop file systems, so s3:// is EMRFS or S3A as configured."""

    def __init__(self, spark: SparkSession) -> None:
        self._jvm = spark._jvm
        self._conf = spark.sparkContext._jsc.hadoopConfiguration()

    def _open(self, uri: str) -> tuple[Any, Any]:
        path = self._jvm.org.apache.hadoop.fs.Path(uri)
        return path.getFileSystem(self._conf), path

    def read_text(self, uri: str) -> str:
        file_system, path = self._open(uri)
        stream = file_system.open(path)
        try:
            return bytes(stream.readAllBytes()).decode("utf-8")
        finally:
            stream.close()

    def write_text(self, uri: str, text: str) -> None:
        file_system, path = self._open(uri)
        stream = file_system.create(path, True)
        try:
            stream.write(bytearray(text.encode("utf-8")))
        finally:
            stream.close()

    def list_parquet(self, root: str) -> list[tuple[str, int]]:
        """Gives (path below root, bytes) of each data file, sorted by path."""
        file_system, path = self._open(root)
        prefix_length = len(file_system.makeQualified(path).toString().rstrip("/")) + 1
        found = []
        statuses = file_system.listFiles(path, True)
        while statuses.hasNext():
            status = statuses.next()
            relative = status.getPath().toString()[prefix_length:]
            # Hidden by name of the file alone: a partition column may well start with an underscore.
            if relative.endswith(".parquet") and relative.rsplit("/", 1)[-1][0] not in "._":
                found.append((relative, status.getLen()))
        return sorted(found)


def read_input(spark: SparkSession, item: Input) -> DataFrame:
    """Defines the frame of one input; nothing is read yet but file listings."""
    if item.format == "parquet":
        if not item.paths:
            return empty_frame(spark, item.schema)
        reader = spark.read.schema(item.schema).option("recursiveFileLookup", "true").option("mergeSchema", "false")
        return reader.parquet(*item.paths)
    schema = StructType([StructField(name, StringType()) for name in [*item.columns, CORRUPT_RECORD]])
    if not item.paths:
        return empty_frame(spark, ", ".join(f"{quote(name)} STRING" for name in schema.names))
    return spark.read.schema(schema).options(**COPY_CSV).csv(item.paths)


def empty_frame(spark: SparkSession, ddl: str) -> DataFrame:
    """Gives a frame without rows that the optimizer knows to be empty (createDataFrame would start Python)."""
    schema = spark._jvm.org.apache.spark.sql.types.StructType.fromDDL(ddl)
    frame = spark._jsparkSession.createDataFrame(spark._jvm.java.util.ArrayList(), schema)
    return DataFrame(frame, spark)


def quote(name: str) -> str:
    """Quotes an identifier for SQL."""
    return "`" + name.replace("`", "``") + "`"


def write_output(spark: SparkSession, storage: Storage, output: Output) -> dict[str, Any]:
    """Writes one output in one pass and says what was written."""
    frame = spark.table(output.view)
    for name in output.sums:
        if name in frame.columns and not isinstance(frame.schema[name].dataType, NumericType):
            raise PlanError(f"sums: {name} is {frame.schema[name].dataType.simpleString()}, not a number")
    if output.coalesce is not None:
        frame = frame.coalesce(output.coalesce)
    elif output.partition_by:
        # One file a partition, and several tasks for one that is large.
        columns = ", ".join(map(quote, output.partition_by))
        frame = spark.sql(f"SELECT /*+ REBALANCE({columns}) */ * FROM {quote(output.view)}")
    # Observed right below the write, in its final stage, so that no row counts twice when a shuffle is redone.
    observation = Observation()
    sums = [F.sum(F.col(quote(name))).alias(f"sum{index}") for index, name in enumerate(output.sums)]
    frame = frame.observe(observation, F.count(F.lit(1)).alias("rows"), *sums)
    writer = frame.write.mode("overwrite").option("compression", "snappy")
    writer = writer.option("maxRecordsPerFile", output.max_records_per_file)
    if output.partition_by:
        writer = writer.partitionBy(*output.partition_by)
    writer.parquet(output.path)
    observed = await_observation(observation)
    root = output.path.rstrip("/")
    files = [
        {"path": f"{root}/{path}", "sizeBytes": size, "partition": partition_of(path)}
        for path, size in storage.list_parquet(output.path)
    ]
    return {
        "name": output.name,
        "path": output.path,
        "rows": observed["rows"],
        "sums": {name: exact_text(observed[f"sum{index}"]) for index, name in enumerate(output.sums)},
        "files": files,
    }


def await_observation(observation: Observation) -> dict[str, Any]:
    """Waits for what an action observed. Spark's own wait has no end when the optimizer dropped the node."""
    found: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: found.append(observation.get), daemon=True)
    thread.start()
    thread.join(OBSERVATION_TIMEOUT_S)
    if not found:
        raise StepError("environment", "ObservationLost", "Spark reported no row count for what it wrote")
    return found[0]


def partition_of(path: str) -> dict[str, str | None]:
    """Reads partition values out of a path such as `day=2023-01-01/part-0.parquet`."""
    values: dict[str, str | None] = {}
    for segment in path.split("/")[:-1]:
        name, separator, value = segment.partition("=")
        if separator:
            values[unquote(name)] = None if value == HIVE_NULL else unquote(value)
    return values


def exact_text(value: Any) -> str | None:
    """Writes a number without exponent or rounding; null stays null."""
    if value is None:
        return None
    return format(value, "f") if isinstance(value, decimal.Decimal) else str(value)


def measure(spark: SparkSession, metric: Metric) -> dict[str, str | None]:
    """Evaluates one metric; its values become text in Spark, so that they read the same from every version."""
    frame = spark.sql(metric.sql)
    rows = frame.select([F.col(quote(name)).cast("string").alias(name) for name in frame.columns]).take(2)
    if len(rows) != 1:
        raise PlanError(f"expected one row, got {'none' if not rows else 'several'}")
    return rows[0].asDict()


def answer(spark: SparkSession, guard: Guard, query: Query) -> dict[str, Any]:
    """Gives the rows of one query, each a list of texts, or what is wrong with it; raises what has nothing to do with it."""
    try:
        return {"rows": guard.call(f"query {query.name}", lambda: collect_texts(spark, query.sql))}
    except StepError as error:
        if error.kind == "environment":
            raise
        return failure(error)


def collect_texts(spark: SparkSession, sql: str) -> list[list[str | None]]:
    """Collects a small result as text, whatever its columns are called."""
    frame = spark.sql(sql)
    frame = frame.toDF(*[f"c{index}" for index in range(len(frame.columns))])
    return [list(row) for row in frame.select([F.col(name).cast("string") for name in frame.columns]).collect()]


def run_all(spark: SparkSession, tasks: list[Callable[[], T]]) -> list[T]:
    """Runs independent jobs side by side; the first failure cancels the rest and is raised."""
    with ThreadPoolExecutor(CONCURRENT_JOBS) as pool:
        futures: list[Future[T]] = [pool.submit(task) for task in tasks]
        done, pending = wait(futures, return_when=FIRST_EXCEPTION)
        failed = next((item.exception() for item in futures if item in done and item.exception()), None)
        if failed is not None:
            for item in pending:
                item.cancel()
            spark.sparkContext.cancelAllJobs()
            raise failed
    return [item.result() for item in futures]


def run_plan(spark: SparkSession, storage: Storage, plan: Plan) -> dict[str, Any]:
    """Does what the plan says; raises PlanError or StepError."""
    guard = Guard("\n".join(item.sql for item in [*plan.statements, *plan.metrics, *plan.queries]))
    for key, value in plan.conf.items():
        guard.call(f"conf {key}", lambda key=key, value=value: spark.conf.set(key, value))
    for item in plan.inputs:
        guard.call(
            f"input {item.view}",
            lambda item=item: read_input(spark, item).createOrReplaceTempView(item.view),
        )
    for statement in plan.statements:
        guard.call(f"statement {statement.view}", lambda statement=statement: define(spark, statement))
    outputs = run_all(
        spark,
        [
            lambda output=output: guard.call(f"output {output.name}", lambda: write_output(spark, storage, output))
            for output in plan.outputs
        ],
    )
    measured = run_all(
        spark,
        [
            lambda metric=metric: guard.call(f"metric {metric.name}", lambda: measure(spark, metric))
            for metric in plan.metrics
        ],
    )
    done = {"outputs": outputs, "metrics": dict(zip([metric.name for metric in plan.metrics], measured))}
    if plan.queries:
        answers = run_all(spark, [lambda query=query: answer(spark, guard, query) for query in plan.queries])
        done["queries"] = dict(zip([query.name for query in plan.queries], answers))
    return done


def define(spark: SparkSession, statement: Statement) -> None:
    """Creates the temporary view of one statement."""
    frame = spark.sql(statement.sql)
    if statement.cache:
        frame = frame.persist(StorageLevel.MEMORY_AND_DISK)
    frame.createOrReplaceTempView(statement.view)


class Guard:
    """Turns what Spark raises into a StepError that names the place and carries no value of a row."""

    # Parameters of Spark's error conditions that hold names and types, never data.
    SAFE_PARAMETERS = {
        "sourceType", "targetType", "sqlType", "ansiConfig", "config", "functionName", "alternative", "suggestion",
        "path", "filePath", "column", "columnName", "expectedType", "actualType", "physicalType", "logicalType",
    }  # fmt: skip
    # Exceptions that speak of files, the network or memory.
    SAFE_CLASSES = (
        "java.io.FileNotFoundException", "java.io.EOFException", "java.nio.file.", "java.net.", "javax.net.",
        "java.util.zip.", "java.lang.OutOfMemoryError", "org.apache.hadoop.", "software.amazon.awssdk.",
        "com.amazonaws.",
    )  # fmt: skip

    def __init__(self, sql: str) -> None:
        """`sql` is the text of the plan: what stands in it may stand in a message."""
        self._sql = sql

    def call(self, place: str, action: Callable[[], T]) -> T:
        """Runs an action of the named place."""
        try:
            return action()
        except PlanError as error:
            raise PlanError(f"{place}: {error}") from None
        except StepError as error:
            raise StepError(error.kind, error.error_class, f"{place}: {error}") from None
        except Exception as error:
            raise self._explain(place, error) from None

    def _explain(self, place: str, error: Exception) -> StepError:
        error_class = type(error).__name__
        if error_class in ("AnalysisException", "ParseException"):
            # The reason names columns and SQL; the tree of the plan that follows it is noise.
            reason = str(error).split("\n'")[0].rstrip("; \n")
            kind = "data" if reason.startswith("[PATH_NOT_FOUND]") else "sql"
            return StepError(kind, error_class, shorten(f"{place}: {reason}"))
        throwable = error.java_exception if isinstance(error, Py4JJavaError) else getattr(error, "_origin", None)
        if throwable is None:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            return StepError("environment", error_class, f"{place}: {error_class} in {frame.name}, line {frame.lineno}")
        kind, reasons = "environment", []
        for cause in causes(throwable):
            error_class = cause.getClass().getName()
            reason, is_data = self._reason(cause, error_class)
            if is_data:
                kind = "data"
            if reason:
                reasons.append(reason)
        return StepError(kind, error_class, shorten(f"{place}: {'; '.join(dict.fromkeys(reasons)) or error_class}"))

    def _reason(self, cause: Any, error_class: str) -> tuple[str, bool]:
        message = cause.getMessage() or ""
        if "CSV header" in message:
            file = re.search(r"CSV file: (\S+)", message)
            return f"the header of {file.group(1) if file else 'a CSV file'} differs from the columns of the plan", True
        condition = call_or_none(cause, "getErrorClass")
        if condition:
            parameters = dict(call_or_none(cause, "getMessageParameters") or {})
            for name, value in sorted(parameters.items(), key=lambda entry: -len(entry[1])):
                if value and name not in self.SAFE_PARAMETERS and value not in self._sql:
                    message = message.replace(value, "...")
            if not parameters:
                message = re.sub(r"'[^']*'", "'...'", message)
            return message, not condition.startswith(("TASK_WRITE_FAILED", "FAILED_READ_FILE"))
        if error_class == "java.util.regex.PatternSyntaxException":
            return f"the pattern is no regular expression: {cause.getDescription()}", True
        if error_class.startswith(self.SAFE_CLASSES):
            return f"{error_class}: {message}", False
        return "", error_class.startswith(("java.lang.", "java.time.", "org.apache.spark.sql."))


def causes(throwable: Any) -> Iterable[Any]:
    """Walks from an exception to its root cause."""
    for _ in range(20):
        if throwable is None:
            return
        yield throwable
        throwable = throwable.getCause()


def call_or_none(target: Any, method: str) -> Any:
    """Calls a Java method that not every class and version has."""
    try:
        return getattr(target, method)()
    except Exception:
        return None


def shorten(message: str) -> str:
    """Makes one line of bounded length."""
    line = " ".join(message.split())
    return line if len(line) <= MESSAGE_LIMIT else line[: MESSAGE_LIMIT - 3] + "..."


def peak_memory_bytes(spark: SparkSession) -> int | None:
    """Reads the peak resident memory of the driver's JVM; None where the system does not tell."""
    try:
        pid = spark._jvm.java.lang.ProcessHandle.current().pid()
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    except Exception:
        return None


def start_spark() -> SparkSession:
    """Starts the session with the settings on which results depend."""
    builder = SparkSession.builder.config("spark.sql.catalogImplementation", "in-memory")
    for key, value in SESSION_CONF.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    log4j = spark._jvm.org.apache.logging.log4j
    for name in TALKATIVE_LOGGERS:
        log4j.core.config.Configurator.setLevel(name, log4j.Level.OFF)
    # PySpark 4 logs every exception that it converts, message and all.
    logging.disable(logging.CRITICAL)
    return spark


def run(spark: SparkSession, storage: Storage, plan_uri: str) -> tuple[dict[str, Any], str | None]:
    """Runs the plan at `plan_uri`; gives the result and where to write it (None when the plan is unreadable)."""
    result: dict[str, Any] = {"version": 1}
    result_uri = None
    try:
        plan = parse_plan(Guard("").call(f"plan {plan_uri}", lambda: storage.read_text(plan_uri)))
        result_uri = plan.result_uri
        result.update(step=plan.step, runKey=plan.run_key, ok=True)
        result.update(run_plan(spark, storage, plan))
    except (PlanError, StepError) as error:
        result.update(failure(error))
    return result, result_uri


def failure(error: PlanError | StepError) -> dict[str, Any]:
    """Gives the part of a result that says what went wrong."""
    if isinstance(error, StepError):
        return {"ok": False, "error": {"kind": error.kind, "class": error.error_class, "message": str(error)}}
    return {"ok": False, "error": {"kind": "plan", "class": "PlanError", "message": str(error)}}


def main(arguments: list[str]) -> int:
    """Runs the plan named by the one argument; returns the exit code."""
    started_at = time.monotonic()
    if len(arguments) != 1:
        print("usage: driver.py <URI of the plan>", file=sys.stderr)
        return 2
    spark = start_spark()
    storage = Storage(spark)
    result, result_uri = run(spark, storage, arguments[0])
    result.update(
        applicationId=spark.sparkContext.applicationId,
        sparkVersion=spark.version,
        durationMs=round((time.monotonic() - started_at) * 1000),
        peakMemoryBytes=peak_memory_bytes(spark),
    )
    if result_uri is not None:
        text = json.dumps(result)
        try:
            Guard("").call(f"result {result_uri}", lambda: storage.write_text(result_uri, text))
        except StepError as error:
            result.update(failure(error))
    # Answers may hold values of rows, which belong on no log.
    result.pop("queries", None)
    print(RESULT_PREFIX + json.dumps(result), flush=True)
    spark.stop()
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
