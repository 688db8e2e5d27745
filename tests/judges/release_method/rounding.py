"""Random rounding, keyed by the dataset and the persons of a cell."""

import hashlib
import hmac

import numpy as np

SALT = b"salanimi/v1"
LIMBS = 8


def derived(key: bytes, *fields: str) -> bytes:
    """HKDF-SHA-256 (RFC 5869): one block, info = the fields joined by a zero byte."""
    extracted = hmac.digest(SALT, key, hashlib.sha256)
    return hmac.digest(extracted, "\0".join(fields).encode() + b"\x01", hashlib.sha256)


class Rounder:
    """Rounds the cells of one dataset."""

    def __init__(self, key: bytes, study: str, dataset: str, numbers, by_name: bool = False):
        self.round_key = derived(key, "release-round", study, dataset)
        self.by_name = by_name
        person_key = derived(key, "release-person", study, dataset)
        digests = b"".join(hmac.digest(person_key, number, hashlib.sha256)[:16] for number in numbers)
        self.limbs = np.frombuffer(digests, ">u2").reshape(-1, LIMBS).astype(np.float64)

    def fingerprints(self, shares, cells: int) -> list[bytes]:
        """For each cell the sum of its persons' numbers e(p), modulo 2^128, in 16 bytes."""
        sums = [np.bincount(shares.cell, self.limbs[shares.person, limb], cells) for limb in range(LIMBS)]
        found = []
        for parts in zip(*(limb.tolist() for limb in sums)):
            total = 0
            for part in parts:
                total = (total << 16) + int(part)
            found.append((total % (1 << 128)).to_bytes(16, "big"))
        return found

    def rounded(self, shares, cells: int, step: int, names) -> list[int]:
        """Every cell of `shares`, up or down to a multiple of `step`. `names` are used by a broken build only."""
        exact = shares.sums(cells)
        prints = names if self.by_name else self.fingerprints(shares, cells)
        return [self.up_or_down(value, step, prints[at]) for at, value in enumerate(exact)]

    def up_or_down(self, value: int, step: int, print_of_cell: bytes) -> int:
        rest = value % step
        if rest == 0:
            return value
        draw = int.from_bytes(
            hmac.digest(self.round_key, b"persons\0" + print_of_cell, hashlib.sha256)[:8], "big"
        )
        return value - rest + (step if draw * step < rest << 64 else 0)
