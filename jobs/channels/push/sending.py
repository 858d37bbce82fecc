"""Notifications in browsers, by whichever push service a browser uses (RFC 8030)."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from jobs.channels.base import Channel, PermanentFailure, Receipt, Sender
from jobs.channels.exchange import Exchange, Reply, quoted, refuse_others
from jobs.channels.push.sealing import LARGEST, Prover, seal
from jobs.posting import Poster
from loyalty.core.errors import Invalid
from loyalty.core.texts import direction
from loyalty.core.webpush import to_base64url
from loyalty.customers.rules.subscriptions import Subscription, parse_subscription
from loyalty.delivery.values import MessageKind, OutgoingMessage
from loyalty.webhooks.rules import UrlRefused, check_url

KEPT_SECONDS: Final = 24 * 3600
"""How long a push service keeps a message for a browser that is off."""

_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_DEAD: Final = frozenset({404, 410})


class PushChannel(Channel):
    """Web push; each browser brings the address of its own push service."""

    provider: ClassVar[str] = "push"

    def __init__(
        self, key: ec.EllipticCurvePrivateKey, contact: str, poster: Poster
    ) -> None:
        self._prover = Prover(key, contact)
        self._poster = poster

    @contextmanager
    def open(self) -> Iterator[Sender]:
        """Connect to nobody yet: the first message says to whom."""
        with Exchange(self._poster) as exchange:
            yield _PushSender(self._prover, exchange)


class _PushSender(Sender):
    def __init__(self, prover: Prover, exchange: Exchange) -> None:
        self._prover = prover
        self._exchange = exchange

    def send(self, message: OutgoingMessage) -> Receipt:
        """Hand over one notification, sealed for its browser."""
        subscription = self._subscription(message.address or "")
        parts = urlsplit(subscription.endpoint)
        try:
            body = seal(_notification(message), subscription)
        except ValueError as problem:
            # No notification is too long: the browser's key is no point of the curve.
            answer = "a subscription with a key that is none"
            raise PermanentFailure(answer, bad_address=True) from problem
        reply = self._exchange.send(
            "POST",
            subscription.endpoint,
            body=body,
            headers={
                "Authorization": self._prover.authorization(
                    f"{parts.scheme}://{parts.netloc}"
                ),
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(KEPT_SECONDS),
                "Topic": _topic(message.handover_key),
                "Urgency": _urgency(message.kind),
            },
        )
        if not 200 <= reply.status < 300:  # noqa: PLR2004  # every kind of success
            _refuse(reply, subscription.endpoint)
        return Receipt()

    def _subscription(self, address: str) -> Subscription:
        """Read the address; one that must not be posted to is bad for ever."""
        allow_private = self._exchange.poster.allow_private
        try:
            subscription = parse_subscription(address)
            check_url(subscription.endpoint, allow_private=allow_private)
        except (Invalid, UrlRefused) as problem:
            answer = "no subscription of a browser"
            raise PermanentFailure(answer, bad_address=bool(address)) from problem
        return subscription


def _notification(message: OutgoingMessage) -> bytes:
    """Return what the service worker shows; a long text is cut, never the link."""
    text = message.brief.replace(message.url or "\n", "").strip()
    while True:
        plain = json.dumps(
            {
                "title": message.subject,
                "body": text,
                "url": message.url,
                "tag": message.handover_key,
                "lang": message.language,
                "dir": direction(message.language),
            },
            ensure_ascii=False,
        ).encode()
        if len(plain) <= LARGEST:
            return plain
        if not text:
            answer = "a notification that is too long without its text"
            raise PermanentFailure(answer)
        text = text[: len(text) // 2]


def _topic(key: str) -> str:
    """Return the key as a topic: the same message twice is shown once."""
    if _TOPIC.fullmatch(key):
        return key
    return to_base64url(hashlib.sha256(key.encode()).digest())[:32]


def _urgency(kind: MessageKind) -> str:
    return "normal" if kind is MessageKind.SERVICE else "low"


def _refuse(reply: Reply, endpoint: str) -> None:
    answer = quoted(reply, reply.text, hide=endpoint)
    if reply.status in _DEAD:
        raise PermanentFailure(answer, bad_address=True)
    refuse_others(reply, answer)
