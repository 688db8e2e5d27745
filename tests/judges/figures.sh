#!/usr/bin/env bash
# The full figures of the attacks: 1,000 hostile deliveries, 10,000 changed bytes, 200 kills. Takes about an hour.
#
#   tests/judges/figures.sh BINARY [hostile | flips | kills]...
#
# PYTHON names a Python with the packages of requirements.txt. SEED (default 1) is the seed of all three.
set -uo pipefail
judges=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "$1")
shift
[[ $# -gt 0 ]] || set -- hostile flips kills
python=${PYTHON:-python3}
seed=${SEED:-1}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
holders=(kela helsinki tampere)

# Makes the demo of so many people in a folder, with an unsealed delivery of each holder beside.
demo() {
    "$binary" demo --attack none --persons "$2" --out "$1" >"$1.log" 2>&1 || return 1
    mkdir "$1/plain"
    for holder in "${holders[@]}"; do
        "$binary" extract --contract "$1/sources/contract.toml" --holder "$1/sources/$holder/holder.toml" \
            --key "$1/keys/project.key" --signing-key "$1/keys/$holder.signing.key" --unsealed \
            --out "$1/plain/$holder" >>"$1.log" 2>&1 || return 1
    done
}

judge() {
    local script=$1 demo=$2
    shift 2
    "$python" -B "$judges/$script" --binary "$binary" --contract "$demo/sources/contract.toml" --seed "$seed" "$@"
}

hostile() {
    demo small 400 || return 1
    local keys=("${holders[@]/#/--key=}") at
    for at in "${!keys[@]}"; do keys[at]+="=small/keys/${holders[at]}.signing.key"; done
    judge hostile_deliveries.py small --count 1000 "${keys[@]}" --identity small/keys/linker.identity \
        --sealed "${holders[@]/#/small/deliveries/}" -- "${holders[@]/#/small/plain/}"
}

flips() {
    [[ -d small ]] || demo small 400 || return 1
    judge byte_flips.py small --count 10000 --identity small/keys/linker.identity --release-key small/keys/release.key \
        --deliveries "${holders[@]/#/small/deliveries/}" --linked small/linked --released small/released
}

kills() {
    demo large 30000 || return 1
    judge kills.py large --count 200 --holder large/sources/kela/holder.toml --key large/keys/project.key \
        --signing-key large/keys/kela.signing.key --link-key large/keys/link.key "${holders[@]/#/large/plain/}"
}

failed=0
for figure in "$@"; do
    printf '== %s\n' "$figure"
    "$figure" || failed=1
done
exit $failed
