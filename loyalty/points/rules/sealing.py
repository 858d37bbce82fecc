"""
The hash chain: each seal covers a block of rows, and the seal before it.

Whoever alters a movement must make all later seals anew, and can't: the last of each
day stands in the log as well, which goes elsewhere.
"""

import hashlib
from typing import Final

GENESIS: Final = bytes(32)
"""What stands in the place of the seal before the first."""


def both_digests(movements: bytes, notes: bytes) -> bytes:
    """Return the digest over a block's movements and entries of the audit."""
    return hashlib.sha256(movements + notes).digest()


def seal(before: bytes, *, number: int, block: bytes) -> bytes:
    """
    Return the digest of a seal (SHA-256).

    :param before: the digest of the seal before it
    :param block: the digest over the movements of its block
    """
    return hashlib.sha256(before + number.to_bytes(8, "big") + block).digest()
