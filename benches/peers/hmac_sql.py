"""HMAC-SHA-256 as a DuckDB macro, composed of sha256: H(key ^ opad || H(key ^ ipad || message)), FIPS 198-1."""

SHA256_BLOCK_BYTES = 64


def create_hmac_macro(connection, name, key, length):
    """Define `name(message)` on blobs: the leftmost `length` bytes of HMAC-SHA-256(key, message)."""
    block = key.encode().ljust(SHA256_BLOCK_BYTES, b"\0")
    inner = bytes(byte ^ 0x36 for byte in block).hex()
    outer = bytes(byte ^ 0x5C for byte in block).hex()
    connection.execute(
        f"CREATE MACRO {name}(message) AS "
        f"unhex(left(sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || message))), {2 * length}))"
    )
