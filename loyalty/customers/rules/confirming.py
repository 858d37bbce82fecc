"""Confirming an address: how long one may take, and the code that is sent there."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from loyalty.customers.values import Channel, Profile

ASK_LASTS: Final = timedelta(days=7)
"""How long what was asked waits for its confirmation; nothing is sent in between."""

CODE_LASTS: Final = timedelta(days=1)
CODES_A_DAY: Final = 3
"""How many messages to confirm one address may be asked for in a day."""

MOST_TRIES: Final = 5
"""After so many wrong guesses a code is dead: one in 200,000 is guessed."""

CODE_DIGITS: Final = 6
CODE_KEY: Final = "address code"
"""What the key of codes is derived for from the installation's secret."""


def waiting(profile: Profile, *, now: datetime) -> frozenset[Channel]:
    """Return the channels whose yes can still be confirmed."""
    return frozenset(
        channel for channel, at in profile.asked.items() if now < at + ASK_LASTS
    )


def code_text(key: bytes, nonce: bytes) -> str:
    """
    Return the code that belongs to a nonce: six digits, by dynamic truncation.

    Derived like a one-time password (RFC 4226, section 5.3), with SHA-256: who reads
    the database has the nonce and still not the code.
    """
    digest = hmac.new(key, nonce, hashlib.sha256).digest()
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def same_code(key: bytes, nonce: bytes, typed: str) -> bool:
    """Compare what somebody typed, in a time that tells nothing."""
    plain = "".join(typed.split()).replace("-", "")
    return hmac.compare_digest(code_text(key, nonce).encode(), plain.encode())
