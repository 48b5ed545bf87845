#!/usr/bin/env bash
# Reads single days again, one after the other, from a file with a date (YYYY-MM-DD) a line: dates-from-file.sh ecommerce days.txt
# Empty lines and lines that begin with # are left out. Stops at the first day that fails or waits at a gate.
set -euo pipefail
usage='usage: dates-from-file.sh PIPELINE FILE'
pipeline=${1:?$usage}
file=${2:?$usage}
while read -r day; do
  if [[ -z $day || $day == \#* ]]; then continue; fi
  next=$(node -p 'new Date(Date.parse(process.argv[1]) + 864e5).toISOString().slice(0, 10)' "$day")
  echo "== $day"
  npx tidemark backfill start "$pipeline" --from "$day" --to "$next" --chunk P1D --mode all --wait </dev/null
done <"$file"
