"""Links that carry their own permission: signed, short, and good until a moment.

A token is a JSON object, the moment at which it ends and an HMAC over both, in the
URL-safe alphabet. The key is derived from the installation's secret and the link's
purpose, so that an unsubscribe link never opens an offer.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from loyalty.core.errors import NotFound, Refused
from loyalty.core.vault import Vault

LinkValues = dict[str, int | str]
"""What a link carries: identifiers under one-letter names, to stay short."""

_MAC_BYTES = 16
_TIME_BYTES = 5
_HEADER_BYTES = _TIME_BYTES + _MAC_BYTES
_LONGEST = 1024
_SHORT_MAC_BYTES = 10
_HOUR_BYTES = 3
_HOUR = 3600


class LinkInvalid(NotFound):
    """The link was not made here, or not for this purpose."""

    code = "link_invalid"


class LinkExpired(Refused):
    """The link was good once."""

    code = "link_expired"


def sign_link(
    vault: Vault,
    purpose: str,
    payload: Mapping[str, int | str],
    expires_at: datetime,
) -> str:
    """
    Return a token that proves the payload for one purpose until a moment.

    :raises ValueError: if the moment is naive
    """
    if expires_at.tzinfo is None:
        message = "a link's end without a zone"
        raise ValueError(message)
    ends = int(expires_at.timestamp()).to_bytes(_TIME_BYTES, "big")
    body = json.dumps(payload, separators=(",", ":"), sort_keys=True).encode()
    token = ends + _mac(vault, purpose, ends + body) + body
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def read_link(vault: Vault, purpose: str, token: str, now: datetime) -> LinkValues:
    """
    Return what the token carries.

    :raises LinkInvalid: if it was not made here for this purpose
    :raises LinkExpired: if its end has come
    """
    raw = _decode(token)
    ends, mac, body = (
        raw[:_TIME_BYTES],
        raw[_TIME_BYTES:_HEADER_BYTES],
        raw[_HEADER_BYTES:],
    )
    if not hmac.compare_digest(mac, _mac(vault, purpose, ends + body)):
        message = "This link is not one of ours, or it was not copied whole."
        raise LinkInvalid(message)
    if now >= datetime.fromtimestamp(int.from_bytes(ends, "big"), UTC):
        message = "This link has expired."
        raise LinkExpired(message)
    payload: LinkValues = json.loads(body)
    return payload


def sign_short(vault: Vault, purpose: str, number: int, expires_at: datetime) -> str:
    """
    Return a token for one number that fits into a text message: about 24 characters.

    It ends at the next full hour. The signature has 80 bits, which can't be guessed
    by asking us; what it opens must not be worth more than that.

    :raises ValueError: if the moment is naive, or the number is negative
    """
    if expires_at.tzinfo is None or number < 0:
        message = "a link's end without a zone, or a negative number"
        raise ValueError(message)
    hours = -(-int(expires_at.timestamp()) // _HOUR)
    body = hours.to_bytes(_HOUR_BYTES, "big")
    body += number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
    token = _mac(vault, f"short {purpose}", body)[:_SHORT_MAC_BYTES] + body
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def read_short(vault: Vault, purpose: str, token: str, now: datetime) -> int:
    """
    Return the number of a short token.

    :raises LinkInvalid: if it was not made here for this purpose
    :raises LinkExpired: if its end has come
    """
    raw = _decode(token)
    mac, body = raw[:_SHORT_MAC_BYTES], raw[_SHORT_MAC_BYTES:]
    proof = _mac(vault, f"short {purpose}", body)[:_SHORT_MAC_BYTES]
    if len(body) <= _HOUR_BYTES or not hmac.compare_digest(mac, proof):
        message = "This link is not one of ours, or it was not copied whole."
        raise LinkInvalid(message)
    hours = int.from_bytes(body[:_HOUR_BYTES], "big")
    if now.timestamp() >= hours * _HOUR:
        message = "This link has expired."
        raise LinkExpired(message)
    return int.from_bytes(body[_HOUR_BYTES:], "big")


def _decode(token: str) -> bytes:
    try:
        if len(token) > _LONGEST or not token.isascii():
            return b""
        padded = token + "=" * (-len(token) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    # Unused bits at the end would let one link be written in several ways.
    same = base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == token
    return raw if same else b""


def _mac(vault: Vault, purpose: str, message: bytes) -> bytes:
    key = vault.derive(f"link {purpose}")
    return hmac.new(key, message, hashlib.sha256).digest()[:_MAC_BYTES]
