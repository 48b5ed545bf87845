#!/usr/bin/env bash
# Does the chunks again whose last try did not publish, newest first: only-failed.sh ecommerce 2021-01-01 2024-01-01 [P1M]
# The chunk size has to be the one that they failed with.
set -euo pipefail
usage='usage: only-failed.sh PIPELINE FROM TO [CHUNK]'
pipeline=${1:?$usage}
range=(--from "${2:?$usage}" --to "${3:?$usage}" --chunk "${4:-P1M}" --mode failed --backwards)
digest=$(npx tidemark backfill plan "$pipeline" "${range[@]}" --json | node -p 'JSON.parse(require("fs").readFileSync(0)).digest')
# Refuses when somebody published or failed a chunk between the plan and the start.
npx tidemark backfill start "$pipeline" "${range[@]}" --plan "$digest" --wait
