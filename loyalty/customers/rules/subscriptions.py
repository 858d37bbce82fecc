"""Reading a browser's push subscription (RFC 8030, RFC 8291)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from loyalty.core.errors import Invalid
from loyalty.core.webpush import from_base64url

LONGEST: Final = 2000
_ENDPOINT: Final = re.compile(r"https?://[\x21-\x7e]+")
_POINT_BYTES: Final = 65
_NOT_COMPRESSED: Final = b"\x04"
_SECRET_BYTES: Final = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """Where to post, and what only the browser can read with."""

    endpoint: str
    point: bytes
    """The browser's public key, 65 bytes."""

    secret: bytes
    """The secret that it shares with us, 16 bytes."""


def parse_subscription(text: str, *, pointer: str = "/subscription") -> Subscription:
    """
    Read what ``PushSubscription.toJSON()`` gives.

    Where the endpoint leads is checked when it is posted to.

    :raises Invalid: if it is no subscription
    """
    try:
        return _checked(json.loads(text[: LONGEST + 1]))
    except (ValueError, KeyError, TypeError):
        message = "This is no subscription of a browser."
        raise Invalid.field(
            pointer=pointer, message=message, code="subscription_invalid"
        ) from None


def _checked(found: Mapping[str, Any]) -> Subscription:
    keys = found["keys"]
    subscription = Subscription(
        endpoint=str(found["endpoint"]),
        point=from_base64url(str(keys["p256dh"])),
        secret=from_base64url(str(keys["auth"])),
    )
    point = subscription.point
    sound = (
        _ENDPOINT.fullmatch(subscription.endpoint) is not None
        and bool(urlsplit(subscription.endpoint).hostname)
        and (len(point), point[:1]) == (_POINT_BYTES, _NOT_COMPRESSED)
        and len(subscription.secret) == _SECRET_BYTES
    )
    if not sound:
        message = "a part is missing or has another form"
        raise ValueError(message)
    return subscription
