"""Signatures by the Standard Webhooks specification (version 1, symmetric)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"
_BYTES: Final = 32


def new_secret() -> str:
    """Return a random secret of 256 bits, as it is shown and kept."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signature(secret: str, *, event_id: str, timestamp: int, body: str) -> str:
    """Return ``v1,`` and the HMAC-SHA256 of identifier, time and body."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{event_id}.{timestamp}.{body}".encode()
    mac = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


def signature_headers(
    given: Sequence[str], *, event_id: str, body: str, now: datetime
) -> dict[str, str]:
    """
    Return the headers by which a receiver knows that the event is ours.

    :param given: the secrets in force: two while one takes over from another
    """
    timestamp = int(now.timestamp())
    made = [
        signature(secret, event_id=event_id, timestamp=timestamp, body=body)
        for secret in given
    ]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(made),
    }
