"""Signs as minisign does, with a key file of the tool or with a fresh key."""

import base64
import hashlib
import hmac
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# Order of the group of Ed25519 (RFC 8032 section 5.1).
ORDER = 2**252 + 27742317777372353535851937790883648493


def hkdf(key: bytes, info: bytes) -> bytes:
    """One block of HKDF-SHA-256 (RFC 5869) with the salt of the tool's scheme."""
    extracted = hmac.digest(b"salanimi/v1", key, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


class Signer:
    """A signing key and its number."""

    def __init__(self, seed: bytes, number: bytes):
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.number = number

    @classmethod
    def read(cls, path: Path, study: str) -> "Signer":
        fields = dict(line.split(": ", 1) for line in path.read_text().splitlines()[1:])
        subkey = hkdf(bytes.fromhex(fields["secret"]), f"signing\0{study}".encode())
        return cls(hmac.digest(subkey, b"", "sha256"), bytes.fromhex(fields["key-id"]))

    @classmethod
    def stranger(cls, number: bytes) -> "Signer":
        """A key that no contract lists, under a number that one does."""
        return cls(secrets.token_bytes(32), number)

    def public_key(self) -> str:
        form = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        return base64.b64encode(b"Ed" + self.number + self.key.public_key().public_bytes(*form)).decode()

    def sign(self, message: bytes, comment: str, legacy: bool = False) -> str:
        """A signature file. The legacy algorithm signs the message itself, not its digest."""
        signed = message if legacy else hashlib.blake2b(message).digest()
        signature = self.key.sign(signed)
        return lines(b"Ed" if legacy else b"ED", self.number, signature, comment, self.key.sign(signature + comment.encode()))


def lines(algorithm: bytes, number: bytes, signature: bytes, comment: str, over_comment: bytes) -> str:
    first, second = (base64.b64encode(part).decode() for part in (algorithm + number + signature, over_comment))
    return f"untrusted comment: signature of salanimi signing key {number.hex()}\n{first}\ntrusted comment: {comment}\n{second}\n"


def malleable(text: str) -> str:
    """The same signature with its scalar plus the order of the group: RFC 8032 refuses it."""
    first, second, third, fourth = text.splitlines()
    raw = base64.b64decode(second)
    scalar = int.from_bytes(raw[-32:], "little") + ORDER
    return "\n".join([first, base64.b64encode(raw[:-32] + scalar.to_bytes(32, "little")).decode(), third, fourth, ""])
