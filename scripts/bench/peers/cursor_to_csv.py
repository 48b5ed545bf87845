"""A server-side cursor of psycopg2, csv.writer to a file, boto3: what Airflow's SQL-to-file transfer operators do."""

import csv
import os
import sys
import tempfile

import boto3
import psycopg2

table, bucket, prefix = sys.argv[1:4]
connection = psycopg2.connect(os.environ["TIDEMARK_SOURCE_SHOP_URL"])
with tempfile.NamedTemporaryFile("w", newline="", suffix=".csv") as file:
    writer = csv.writer(file)
    with connection.cursor(name="bench") as cursor:
        cursor.itersize = 10_000
        cursor.execute(f"SELECT * FROM public.{table}")
        rows = 0
        for row in cursor:
            if rows == 0:
                writer.writerow([column.name for column in cursor.description])
            writer.writerow(row)
            rows += 1
    file.flush()
    boto3.client("s3").upload_file(file.name, bucket, f"{prefix}/{table}.csv")
print(rows)
