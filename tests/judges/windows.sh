#!/usr/bin/env bash
# Tries the program for Windows under Wine: tests/judges/windows.sh WINDOWS-PROGRAM LINUX-PROGRAM
#
# From the same input and key both programs make the same bytes, each accepts what the other made, and the one for
# Windows writes and reads no secret in the clear. Needs Wine and the C compiler of mingw-w64.
set -euo pipefail
windows=$(realpath "$1")
linux=$(realpath "$2")
wine=$(command -v wine64 || command -v wine || echo /usr/lib/wine/wine64)
server=$(command -v wineserver || echo /usr/lib/wine/wineserver64)
source=$(realpath "$(dirname "$0")/../../config/studies/toituavain/contract.toml")
contract=registers/contract.toml
scratch=$(mktemp -d)
export WINEPREFIX=$scratch/wine WINEDEBUG=-all
trap '"$server" -k || true; rm -rf "$scratch"' EXIT
cd "$scratch"
# One server for all commands: each would start its own.
mkdir "$WINEPREFIX"
"$server" --persistent
passphrase='three made-up words and 7 digits'

# Wine 8 lacks the library from which Rust takes random bytes.
cat >random.c <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) { return SystemFunction036(bytes, (ULONG)count); }
C
mkdir program
x86_64-w64-mingw32-gcc -shared -o program/bcryptprimitives.dll random.c -ladvapi32
cp "$windows" program/salanimi.exe

on_windows() { "$wine" program/salanimi.exe "$@" <<<"$passphrase" >out.txt 2>err.txt; }
on_linux() { "$linux" "$@" <<<"$passphrase" >out.txt 2>err.txt; }

failed() {
    echo "FAILED: $1" >&2
    cat out.txt err.txt >&2
    exit 1
}

same() { # WHAT ONE OTHER
    diff -r "$2" "$3" >/dev/null || failed "$1 differ"
    echo "same bytes: $1"
}

refused() { # FILE COMMAND...: a secret in the clear is refused, and FILE is not written.
    local code=0 file=$1
    shift
    on_windows "$@" || code=$?
    [ "$code" = 3 ] && [ ! -e "$file" ] && [ ! -e "$file.pub" ] || failed "exit $code of $*"
    echo "refused: $*"
}

on_windows --version || failed 'the program does not start'
on_windows synth --contract "Z:$source" --persons 2000 --seed 1 --out registers || failed synth
on_linux synth --contract "$source" --persons 2000 --seed 1 --out expected
same 'synthetic registers' registers expected

refused project.key key new --contract "$contract" project.key
refused linker.identity key new --identity linker.identity
refused linker.signing key new --signing --contract "$contract" linker.signing
for role in kela linker; do
    on_windows key new --identity --new-passphrase - "$role.identity" || failed "identity of $role"
    on_windows key new --signing --contract "$contract" --new-passphrase - "$role.signing" || failed "signing key of $role"
done
printf '\n[recipients]\nlinker = "%s"\n\n[holders.kela]\nsigning = "%s"\nrecipient = "%s"\ntables = [%s]\norganisers = []\n' \
    "$(tail -n 1 linker.identity.pub)" "$(tail -n 1 kela.signing.pub)" "$(tail -n 1 kela.identity.pub)" '"kela_social_assistance", "kela_notifications"' >>"$contract"
on_windows key new --contract "$contract" --to kela project.key || failed 'key encrypted to a holder'
chmod 600 ./*.identity ./*.signing ./*.key

extract=(--contract "$contract" --holder registers/kela/holder.toml --key project.key --identity kela.identity --signing-key
    kela.signing --passphrase -)
on_windows extract --dry-run --contract "$contract" --holder 'registers\kela\holder.toml' || failed 'dry run'
on_linux extract "${extract[@]}" --unsealed --out expected-1
on_windows extract "${extract[@]}" --unsealed --out kela-1 || failed extract
same 'a delivery in the clear' kela-1/kela_social_assistance.parquet expected-1/kela_social_assistance.parquet
same 'its manifest' kela-1/manifest.json expected-1/manifest.json
same 'the ledger of rejects' kela-1.rejects.csv expected-1.rejects.csv
on_linux extract "${extract[@]}" --unsealed --parts 4 --out expected-4
on_windows extract "${extract[@]}" --unsealed --parts 4 --memory 64MiB --out kela-4 || failed 'extract in parts'
same 'a delivery in parts' kela-4/kela_social_assistance expected-4/kela_social_assistance

on_windows extract "${extract[@]}" --out sealed || failed 'sealed extract'
opened=(--contract "$contract" --identity linker.identity --passphrase -)
for by in on_windows on_linux; do
    $by link "${opened[@]}" --out "linked-$by" sealed || failed "link, $by"
    $by show "linked-$by" || failed "show, $by"
done
on_linux verify --attack none "${opened[@]}" sealed linked-on_windows || failed 'verify of what Windows made'
on_windows verify --attack none "${opened[@]}" sealed linked-on_linux || failed 'verify on Windows'
echo 'each program links and verifies what the other made'
