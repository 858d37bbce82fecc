"""Pure rules: what events hold, signatures, retries, and where may be sent to."""

from loyalty.webhooks.rules.addresses import (
    UrlRefused,
    address_allowed,
    check_url,
    host_and_port,
)
from loyalty.webhooks.rules.events import EVENTS, Event, body_of, check_data
from loyalty.webhooks.rules.retrying import (
    DISABLE_AFTER,
    MOST_TRIES,
    got_through,
    next_try,
)
from loyalty.webhooks.rules.signing import is_signed, new_secret, signature_headers

__all__ = [
    "DISABLE_AFTER",
    "EVENTS",
    "MOST_TRIES",
    "Event",
    "UrlRefused",
    "address_allowed",
    "body_of",
    "check_data",
    "check_url",
    "got_through",
    "host_and_port",
    "is_signed",
    "new_secret",
    "next_try",
    "signature_headers",
]
