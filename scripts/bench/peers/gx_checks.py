"""`gx_checks.py SUITE DATA RESULT`: the same suite over the same table with Great Expectations on pandas, as its documentation shows."""

import glob
import json
import logging
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import great_expectations as gx
import pandas as pd

suite_path, data_path, result_path = sys.argv[1:]
if data_path.endswith(".parquet"):
    frame = pd.read_parquet(data_path)
    # Decimals would be Python objects, on which pandas is many times slower.
    frame = frame.astype({name: "float64" for name in ("unit_price", "total_price")})
else:
    parts = [pd.read_csv(path, parse_dates=["ordered_at", "updated_at"]) for path in sorted(glob.glob(data_path))]
    frame = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
with open(suite_path) as file:
    suite = gx.ExpectationSuite(**json.load(file))
asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("orders")
batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
result = batch.validate(suite, result_format="SUMMARY")
with open(result_path, "w") as file:
    json.dump(result.to_json_dict(), file)
