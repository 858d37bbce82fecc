"""Signatures by the Standard Webhooks specification (version 1, symmetric)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

PREFIX: Final = "whsec_"
_BYTES: Final = 32
_TOLERANCE: Final = timedelta(minutes=5)
_LONGEST_MOMENT: Final = 12
_MOST_SIGNATURES: Final = 10


def new_secret() -> str:
    """Return a random secret of 256 bits, as it is shown and kept."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signature(secret: str, *, event_id: str, timestamp: int, body: str) -> str:
    """Return ``v1,`` and the HMAC-SHA256 of identifier, time and body."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{event_id}.{timestamp}.{body}".encode()
    mac = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


def is_signed(
    secret: str, *, headers: Mapping[str, str], body: str, now: datetime
) -> bool:
    """
    Test whether a message that came in was signed with a secret, and lately.

    :param headers: ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``
    """
    lower = {name.lower(): value for name, value in headers.items()}
    event_id = lower.get("webhook-id", "")
    moment = lower.get("webhook-timestamp", "")
    if not event_id or not (moment.isascii() and moment.isdigit()):
        return False
    if (
        abs(now.timestamp() - int(moment[:_LONGEST_MOMENT]))
        > _TOLERANCE.total_seconds()
    ):
        return False
    expected = signature(secret, event_id=event_id, timestamp=int(moment), body=body)
    given = lower.get("webhook-signature", "").split()[:_MOST_SIGNATURES]
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


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
