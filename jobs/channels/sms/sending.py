"""Text messages by a provider that speaks as Twilio does.

https://www.twilio.com/docs/messaging/api/message-resource
"""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import urlencode

from jobs.channels.base import Channel, PermanentFailure, Receipt, Sender
from jobs.channels.exchange import (
    Exchange,
    Reply,
    document,
    quoted,
    refuse_others,
)
from jobs.posting import Poster
from loyalty.delivery.rules.text_parts import measure
from loyalty.delivery.values import OutgoingMessage

MOST_PARTS: Final = 10
REPORTS: Final = "/reports/sms"
"""Where the provider tells what became of a message, followed by its key."""

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SERVICE: Final = re.compile(r"MG[0-9a-f]{32}")
_BAD_NUMBERS: Final = frozenset(
    {
        21211,  # no valid number
        21214,  # can't be reached
        21217,  # not a number
        21401,  # no valid number
        21610,  # its owner said STOP
        21614,  # no mobile phone
        21635,  # a landline
        30005,  # unknown at its network
        30006,  # a landline, or out of reach for ever
    }
)
"""Error codes by which the number, not the text, is to blame."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsProvider:
    """Who takes text messages, and what they cost."""

    url: str
    account: str
    token: str
    sender: str
    part_cost: int = 0
    """In millionths of the currency's unit."""

    public_url: str
    """Of ours: the provider reports back there."""


class SmsChannel(Channel):
    """Text messages over HTTP."""

    provider: ClassVar[str] = "sms"

    def __init__(self, provider: SmsProvider, poster: Poster) -> None:
        self._provider = provider
        self._poster = poster

    @contextmanager
    def open(self) -> Iterator[Sender]:
        """Connect; the connection is made again when the provider drops it."""
        with Exchange(self._poster) as exchange:
            exchange.connect(self._provider.url)
            yield _SmsSender(self._provider, exchange)


class _SmsSender(Sender):
    def __init__(self, provider: SmsProvider, exchange: Exchange) -> None:
        self._provider = provider
        self._exchange = exchange
        account, token = provider.account, provider.token
        self._url = f"{provider.url}/2010-04-01/Accounts/{account}/Messages.json"
        self._login = base64.b64encode(f"{account}:{token}".encode()).decode()

    def send(self, message: OutgoingMessage) -> Receipt:
        """Hand over one text message."""
        number, text = message.address or "", message.brief
        if not _NUMBER.fullmatch(number):
            answer = "no number of a phone"
            raise PermanentFailure(answer, bad_address=bool(number))
        parts = _checked(text)
        reply = self._exchange.send(
            "POST",
            self._url,
            body=urlencode(self._form(number, text, message.handover_key)).encode(),
            headers={
                "Authorization": f"Basic {self._login}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Idempotency-Key": message.handover_key,
            },
        )
        if reply.status not in (200, 201):
            _refuse(reply, number)
        return self._receipt(reply, parts)

    def _form(self, number: str, text: str, key: str) -> dict[str, str]:
        sender = self._provider.sender
        whom = "MessagingServiceSid" if _SERVICE.fullmatch(sender) else "From"
        return {
            "To": number,
            whom: sender,
            "Body": text,
            "StatusCallback": f"{self._provider.public_url}{REPORTS}/{key}",
        }

    def _receipt(self, reply: Reply, parts: int) -> Receipt:
        """Believe the provider's count; the price is known only days later."""
        said = document(reply)
        counted = str(said.get("num_segments", ""))
        if counted.isascii() and counted.isdigit() and int(counted) > 0:
            parts = int(counted)
        ref = said.get("sid")
        return Receipt(
            provider_ref=str(ref) if ref else None,
            parts=parts,
            cost=parts * self._provider.part_cost,
        )


def _checked(text: str) -> int:
    """Return how many parts a text takes; refuse what should not be sent."""
    if not text.strip():
        answer = "an empty text"
        raise PermanentFailure(answer)
    if _CONTROL.search(text):
        answer = "a control character in the text"
        raise PermanentFailure(answer)
    parts = measure(text).parts
    if parts > MOST_PARTS:
        answer = f"a text of {parts} parts: at most {MOST_PARTS} are sent"
        raise PermanentFailure(answer)
    return parts


def _refuse(reply: Reply, number: str) -> None:
    said = document(reply)
    code = said.get("code")
    words = f"{code or ''} {said.get('message') or ''}"
    answer = quoted(reply, words, hide=number)
    if code in _BAD_NUMBERS:
        raise PermanentFailure(answer, bad_address=True)
    refuse_others(reply, answer)
