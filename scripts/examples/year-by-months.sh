#!/usr/bin/env bash
# Reads a year again, month by month, and waits for the end: year-by-months.sh ecommerce 2023 [more options of `backfill start`]
# Exit: 0 published, 1 failed, 2 wrong usage, 3 a month waits at a gate; started again it does what is missing.
set -euo pipefail
pipeline=${1:?usage: year-by-months.sh PIPELINE YEAR [options]}
year=${2:?usage: year-by-months.sh PIPELINE YEAR [options]}
shift 2
range=(--from "$year-01-01" --to "$((year + 1))-01-01" --chunk P1M)
npx tidemark backfill plan "$pipeline" "${range[@]}"
npx tidemark backfill start "$pipeline" "${range[@]}" "$@" --wait
