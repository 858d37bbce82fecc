"""Telegram, by a bot of the shop (https://core.telegram.org/bots/api)."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import ClassVar, Final

from jobs.channels.base import Channel, PermanentFailure, Receipt, Sender
from jobs.channels.exchange import Exchange, Reply, document, quoted, refuse_others
from jobs.posting import Poster
from loyalty.delivery.values import OutgoingMessage

LONGEST: Final = 4096
"""Letters in one message of the Bot API."""

_CHAT: Final = re.compile(r"-?[1-9][0-9]{0,18}")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_REFUSED, _FORBIDDEN, _LATER = 400, 403, 429
_NO_CHAT: Final = ("chat not found", "user not found", "peer_id_invalid")


class TelegramChannel(Channel):
    """A bot, which can write only to those who have spoken to it."""

    provider: ClassVar[str] = "telegram"

    def __init__(self, url: str, token: str, poster: Poster) -> None:
        self._url = url
        self._token = token
        self._poster = poster

    @contextmanager
    def open(self) -> Iterator[Sender]:
        """Connect; the connection is made again when the server drops it."""
        with Exchange(self._poster) as exchange:
            exchange.connect(self._url)
            yield _TelegramSender(f"{self._url}/bot{self._token}", exchange)


class _TelegramSender(Sender):
    def __init__(self, bot: str, exchange: Exchange) -> None:
        self._bot = bot
        self._exchange = exchange

    def send(self, message: OutgoingMessage) -> Receipt:
        """Hand over one message; its link is a button too."""
        chat = message.address or ""
        if not _CHAT.fullmatch(chat):
            answer = "no number of a chat"
            raise PermanentFailure(answer, bad_address=bool(chat))
        reply = self._exchange.send(
            "POST",
            f"{self._bot}/sendMessage",
            body=json.dumps(_body(chat, _checked(message.brief))).encode(),
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": message.handover_key,
            },
        )
        said = document(reply)
        if not said.get("ok"):
            _refuse(reply, chat)
        result = said.get("result")
        ref = result.get("message_id") if isinstance(result, dict) else None
        return Receipt(provider_ref=None if ref is None else f"{ref}")


def _checked(text: str) -> str:
    if not text.strip():
        answer = "an empty text"
        raise PermanentFailure(answer)
    if _CONTROL.search(text):
        answer = "a control character in the text"
        raise PermanentFailure(answer)
    if len(text) > LONGEST:
        answer = f"a text of {len(text)} letters: at most {LONGEST} are sent"
        raise PermanentFailure(answer)
    return text


def _body(chat: str, text: str) -> dict[str, object]:
    """Return the request: plain text, in which no letter means anything."""
    return {
        "chat_id": int(chat),
        "text": text,
        "link_preview_options": {"is_disabled": True},
    }


def _refuse(reply: Reply, chat: str) -> None:
    said = document(reply)
    words = str(said.get("description", ""))
    answer = quoted(reply, words, hide=chat)
    gone = reply.status == _REFUSED and any(one in words.lower() for one in _NO_CHAT)
    if reply.status == _FORBIDDEN or gone:
        raise PermanentFailure(answer, bad_address=True)
    if reply.status == _LATER:
        hints = said.get("parameters")
        after = hints.get("retry_after") if isinstance(hints, dict) else None
        if isinstance(after, int) and reply.retry_after is None:
            reply = replace(reply, retry_after=float(after))
    refuse_others(reply, answer)
