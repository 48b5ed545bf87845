"""dlt's own source of SQL databases to its filesystem destination on S3, as CSV."""

import os
import sys
import tempfile

import dlt
from dlt.destinations import filesystem
from dlt.sources.credentials import ConnectionStringCredentials
from dlt.sources.sql_database import sql_database

table, bucket, prefix = sys.argv[1:4]
url = os.environ["TIDEMARK_SOURCE_SHOP_URL"].replace("postgresql://", "postgresql+psycopg2://")
destination = filesystem(
    bucket_url=f"s3://{bucket}/{prefix}",
    credentials={
        "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
        "endpoint_url": os.environ["AWS_ENDPOINT_URL_S3"],
        "region_name": os.environ["AWS_REGION"],
    },
)
with tempfile.TemporaryDirectory() as folder:
    pipeline = dlt.pipeline("bench", destination=destination, dataset_name="raw", pipelines_dir=folder)
    source = sql_database(ConnectionStringCredentials(url), schema="public", table_names=[table], backend="pyarrow")
    print(pipeline.run(source, loader_file_format="csv"))
