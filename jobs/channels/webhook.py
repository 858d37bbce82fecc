"""Messages for the shop's own app: posted to it, signed (Standard Webhooks).

The app knows how it reaches its users: its own notifications, another messenger. It
is told the customer's number and the words, no address.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final

from jobs.channels.base import Channel, PermanentFailure, Receipt, Sender
from jobs.channels.exchange import Exchange, document, quoted, refuse_others
from jobs.posting import Poster
from loyalty.core.clock import machine_now
from loyalty.delivery.values import OutgoingMessage
from loyalty.webhooks.rules import signature_headers

LARGEST: Final = 64_000


class WebhookChannel(Channel):
    """A server of the shop's own, which hands messages on."""

    provider: ClassVar[str] = "webhook"

    def __init__(self, url: str, secret: str, poster: Poster) -> None:
        self._url = url
        self._secret = secret
        self._poster = poster

    @contextmanager
    def open(self) -> Iterator[Sender]:
        """Connect; the connection is made again when the server drops it."""
        with Exchange(self._poster) as exchange:
            exchange.connect(self._url)
            yield _WebhookSender(self._url, self._secret, exchange)


class _WebhookSender(Sender):
    def __init__(self, url: str, secret: str, exchange: Exchange) -> None:
        self._url = url
        self._secret = secret
        self._exchange = exchange

    def send(self, message: OutgoingMessage) -> Receipt:
        """Post one message; its key is the event's, by which doubles are known."""
        body = json.dumps(_body(message), ensure_ascii=False)
        if len(body.encode()) > LARGEST:
            answer = f"a message of {len(body.encode())} bytes: at most {LARGEST}"
            raise PermanentFailure(answer)
        signed = signature_headers(
            [self._secret],
            event_id=message.handover_key,
            body=body,
            now=machine_now(),
        )
        reply = self._exchange.send(
            "POST",
            self._url,
            body=body.encode(),
            headers={
                "Content-Type": "application/json",
                "User-Agent": "Loyalty-Messages/1",
                **signed,
            },
        )
        if not 200 <= reply.status < 300:  # noqa: PLR2004  # every kind of success
            refuse_others(reply, quoted(reply, reply.text))
        ref = document(reply).get("id")
        return Receipt(provider_ref=str(ref)[:100] if ref else None)


def _body(message: OutgoingMessage) -> dict[str, object]:
    return {
        "type": "message.send",
        "data": {
            "id": message.handover_key,
            "message": message.id,
            "customer": message.customer_id,
            "kind": message.kind.value,
            "language": message.language,
            "subject": message.subject,
            "brief": message.brief,
            "text": message.text,
            "url": message.url,
            "unsubscribe_url": message.unsubscribe_url,
        },
    }
