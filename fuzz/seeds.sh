#!/usr/bin/env bash
# Makes the seeds of every target in corpus/: the fixtures, and what the program makes of them.
# The first argument is the program; default: the one that `cargo build --release` makes.
set -euo pipefail
cd "$(dirname "$0")"
root=$PWD/..
program=$(realpath "${1:-../target/release/salanimi}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
umask 077

# Copies files of at most 64 KiB into a corpus. The name is the content's digest.
seed() {
    local target=$1 file
    shift
    mkdir -p "corpus/$target"
    for file in "$@"; do
        [[ -s $file && $(stat -c %s "$file") -le 65536 ]] || continue
        cp "$file" "corpus/$target/$(sha256sum "$file" | cut -c1-16)"
    done
}

# As `seed` with files of at most 8 KiB, after each of some first bytes: the choice among the settings of a target.
seed_with_choice() {
    local target=$1 byte file
    shift
    mkdir -p "corpus/$target"
    for file in "$@"; do
        [[ $(stat -c %s "$file") -le 8192 ]] || continue
        for byte in 0 1 2 4; do
            printf "\\x0$byte" | cat - "$file" >"corpus/$target/$(sha256sum "$file" | cut -c1-16)-$byte"
        done
    done
}

found() {
    find "$root/fixtures" "$root/config" -type f -name "$1"
}

mapfile -t csv < <(found '*.csv')
mapfile -t parquet < <(found '*.parquet')
mapfile -t sas < <(found '*.sas7bdat')
mapfile -t contracts < <(found '*contract*.toml')
mapfile -t holders < <(found 'holder.toml'; ls "$root"/config/studies/*/{kela,helsinki,tampere}.toml)
mapfile -t keys < <(find "$root/fixtures" -name '*.key')
mapfile -t manifests < <(found 'manifest.json')
seed_with_choice csv "${csv[@]}"
seed parquet "${parquet[@]}"
seed_with_choice sas "${sas[@]}"
seed contract "${contracts[@]}"
seed holder_file "${holders[@]}"
seed key_file "${keys[@]}"
seed manifest "${manifests[@]}"

# What the program makes: keys, shares, deliveries, a linked dataset and its accounting.
cp -r "$root"/fixtures/good/v1/. "$scratch"
cd "$scratch"
"$program" key new --contract contract.toml study.key >"$scratch/new.txt"
"$program" key new --link --contract contract.toml link.key >>"$scratch/new.txt"
"$program" key new --signing --contract contract.toml town.signing >>"$scratch/new.txt"
"$program" key split --shares 3 --threshold 2 study.key >>"$scratch/new.txt"
for holder in kela town; do
    "$program" extract --contract contract.toml --holder $holder/holder.toml --key study.key --unsealed --out d-$holder \
        >>"$scratch/new.txt"
done
"$program" link --contract contract.toml --link-key link.key --out linked d-kela d-town >>"$scratch/new.txt"
mapfile -t shares < <(find . -name 'study.key.share*' -o -name '*share*' -type f | sort -u)
for share in "${shares[@]}"; do
    cat "$share"
    echo '---'
done >shares
cd - >/dev/null
seed share "$scratch/shares" "${shares[@]/#/$scratch/}"
seed key_file "$scratch"/{study.key,link.key,town.signing} "${shares[@]/#/$scratch/}"
seed parquet "$scratch"/d-*/*.parquet "$scratch"/linked/*.parquet
seed manifest "$scratch"/{d-kela,d-town,linked}/manifest.json "$scratch"/linked.accounting.json
python3 - "$scratch" <<'PYTHON'
import json, sys
from pathlib import Path
scratch = Path(sys.argv[1])
for holder in ("kela", "town"):
    account = json.loads((scratch / f"d-{holder}/manifest.json").read_text())["account"]
    (scratch / f"account-{holder}.json").write_text(json.dumps(account))
PYTHON
seed manifest "$scratch"/account-*.json

# Codes of the series that is given to nobody, in the spellings that sources have.
mkdir -p corpus/identity_code
number=0
for code in 131052-900H '131052-900h' ' 131052–900H ' 131052900H 010100A900V 010100+900V 1310-52900H 2026-11-28 2026-11-28T10:00:00Z; do
    number=$((number + 1))
    printf '%s' "$code" >"corpus/identity_code/$number"
done
du -sh corpus/* | sort
