"""The job that set-up runs once to record which classes a Spark step loads (see cds.mjs).

It does on a few rows what real steps do: CSV in, SQL with joins, windows and aggregates, partitioned Parquet out and in
again, and S3A up to its first request. The request goes to a port where nobody listens: loading the classes is the point.
"""

import os
import sys

from pyspark.sql import SparkSession

work = sys.argv[1]
spark = (
    SparkSession.builder.appName("training")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.hadoop.fs.s3a.endpoint", "http://127.0.0.1:1")
    .config("spark.hadoop.fs.s3a.path.style.access", "true")
    .config("spark.hadoop.fs.s3a.access.key", "training")
    .config("spark.hadoop.fs.s3a.secret.key", "training")
    .config("spark.hadoop.fs.s3a.attempts.maximum", "1")
    .config("spark.hadoop.fs.s3a.retry.limit", "1")
    .config("spark.hadoop.fs.s3a.retry.interval", "1ms")
    .getOrCreate()
)

csv = os.path.join(work, "in.csv.gz")
spark.sql(
    "select id, id % 7 as k, concat('name ', id) as name, cast(id * 1.25 as decimal(12,2)) as amount, "
    "timestamp'2023-01-01 00:00:00' + make_interval(0, 0, 0, cast(id as int)) as at from range(500)"
).write.csv(csv, quote='"', escape='"', compression="gzip", nullValue="\ue000")

rows = (
    spark.read.schema("id bigint, k int, name string, amount decimal(12,2), at timestamp, _corrupt_record string")
    .option("quote", '"')
    .option("escape", '"')
    .option("multiLine", "true")
    .option("mode", "PERMISSIVE")
    .option("columnNameOfCorruptRecord", "_corrupt_record")
    .csv(csv)
)
rows.cache().createOrReplaceTempView("input")
model = spark.sql(
    "select i.*, d.total, row_number() over (partition by i.k order by i.at desc) as n, date_format(i.at, 'yyyyMMdd') as day, "
    "sha2(trim(lower(i.name)), 256) as hash from input i join (select k, sum(amount) as total, count(distinct name) as names "
    "from input group by k) d on i.k = d.k where i.amount is not null and i._corrupt_record is null"
).where("n <= 50")
parquet = os.path.join(work, "out")
model.write.mode("overwrite").partitionBy("day").parquet(parquet)
assert spark.read.parquet(parquet).groupBy("k").count().count() == 7

try:
    spark.read.parquet("s3a://training/none").count()
except Exception as error:  # noqa: BLE001 - the refused connection is expected
    print(f"S3A answered: {type(error).__name__}")
    refused = str(error)
    assert "Connection refused" in refused or "ConnectException" in refused, refused
spark.stop()
