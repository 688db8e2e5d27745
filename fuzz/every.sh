#!/usr/bin/env bash
# Runs every target in turn for so many seconds each: fuzz/every.sh SECONDS. Needs the seeds of seeds.sh.
set -uo pipefail
cd "$(dirname "$0")"
export RUSTC_BOOTSTRAP=1 RAYON_NUM_THREADS=1
failed=0
for target in parquet csv sas manifest contract holder_file key_file share identity_code; do
    cargo fuzz run -s none "$target" -- -fork=1 -rss_limit_mb=2048 -timeout=30 -max_len=65536 "-max_total_time=$1" || failed=1
done
exit $failed
