#!/usr/bin/env bash
# Runs every target in turn for so many seconds each: fuzz/every.sh SECONDS. Needs build.sh and seeds.sh.
set -uo pipefail
cd "$(dirname "$0")"
programs="${CARGO_TARGET_DIR:-target}/$(uname -m)-unknown-linux-gnu/release"
export RAYON_NUM_THREADS=1
failed=0
for target in parquet csv sas manifest contract holder_file key_file share identity_code; do
    mkdir -p "corpus/$target" "artifacts/$target"
    "$programs/$target" -fork=1 -rss_limit_mb=2048 -timeout=30 -max_len=65536 "-max_total_time=$1" \
        "-artifact_prefix=artifacts/$target/" "corpus/$target" || failed=1
done
exit $failed
