"""Codes a CPU-second: the wheel's kernel on pyarrow arrays, beside Python's hmac on the same codes.

    python python/benches/kernel.py FOLDER

FOLDER has contract.toml (kind hetu) and study.key, as the tests of the wheel make them. Codes are of the published
900-series of test codes and of years that are not given out yet.
"""

import hashlib
import hmac
import os
import sys
import time

import pyarrow as pa

import salanimi

SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def code(number):
    day, month, year = number % 28 + 1, number // 28 % 12 + 1, number // 336 % 60 + 40
    individual = 2 + number * 7919 % 898
    digits = f"{day:02}{month:02}{year:02}{individual:03}"
    return f"{digits[:6]}U{digits[6:]}{SIGNS[int(digits) % 31]}"


def rate(name, count, work):
    work()
    began = time.process_time()
    work()
    seconds = time.process_time() - began
    print(f"{name:32} {count / seconds / 1e6:6.2f} million codes a CPU-second")
    return count / seconds


def python_hmac(codes, key=os.urandom(32)):
    for text in codes:
        hmac.new(key, text.strip().upper().encode(), hashlib.sha256).digest()[:16]


def main(folder):
    os.chdir(folder)
    kernel = salanimi.Pseudonymiser("contract.toml", "study.key", holder="kela", kind="hetu")
    codes = [code(number) for number in range(1_000_000)]
    text = pa.array(codes)
    assert kernel.array(text).null_count == 0
    ours = rate("pyarrow string", len(text), lambda: kernel.array(text))
    for name, array in [
        ("pyarrow large_string", text.cast(pa.large_string())),
        ("pyarrow string_view", text.cast(pa.string_view())),
        ("pyarrow dictionary", text.dictionary_encode()),
    ]:
        rate(name, len(array), lambda array=array: kernel.array(array))
    slices = [text[start : start + 10_000] for start in range(0, len(text), 10_000)]
    rate("slices of 10,000", len(text), lambda: [kernel.array(part) for part in slices])
    peer = rate("Python hmac", 200_000, lambda: python_hmac(codes[:200_000]))
    print(f"{ours / peer:.1f} times Python's hmac, which does not check codes")


main(sys.argv[1])
