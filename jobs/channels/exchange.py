"""
Requests to providers over connections that are kept, with an exact account.

What matters to a channel is whether a request can have arrived. While it is being
written it can't have: no server acts on half a request. Once it is written whole and
no answer comes, nobody can say.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, NoReturn, Self
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from jobs.channels.base import PermanentFailure, TemporaryFailure, Unknown
from jobs.posting import NotSent, Poster, reason_of, seconds_of, shut

_REFUSED, _BROKEN = 400, 500
_SETTINGS: Final = frozenset({401, 402, 403, 404, 405})
_LATER: Final = frozenset({408, 409, 423, 425, 429})
_LONGEST: Final = 200
_NUMBERS: Final = re.compile(r"\+?[0-9][0-9 ().-]{4,}[0-9]")
_MAILBOXES: Final = re.compile(r"[^\s<>@]+@[^\s<>@]+")
ANSWER_BYTES: Final = 16_384
_LATE: Final = "no answer in time"
_MOST_KEPT: Final = 8
"""Connections kept open at a time, each to another server."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a server answered."""

    status: int
    text: str
    retry_after: float | None
    headers: Mapping[str, str]


@dataclass(slots=True)
class Exchange:
    """Speaks HTTP to servers, one request at a time; close it after a batch."""

    poster: Poster
    """Finds and checks addresses, and says how long an exchange may take."""

    _kept: dict[tuple[str, str], HTTPConnection] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close what is open."""
        for connection in self._kept.values():
            connection.close()
        self._kept.clear()

    def connect(self, url: str) -> None:
        """
        Open a connection to the server of this address, if none is open.

        :raises TemporaryFailure: if it can't be reached
        """
        self._open(url)

    def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str],
    ) -> Reply:
        """
        Send one request and return what was answered.

        :raises TemporaryFailure: if it can't have arrived
        :raises Unknown: if it may have, and no whole answer came
        """
        connection = self._open(url)
        written = False
        with self._watched(connection) as ended:
            try:
                connection.request(
                    method,
                    _target(url),
                    body=body,
                    headers={"Host": urlsplit(url).netloc, **headers},
                    preload_content=False,
                    decode_content=False,
                )
                written = True
                reply = _read(connection)
            except (HTTPError, OSError, ValueError) as failure:
                self._drop(url)
                said = _LATE if ended.is_set() else reason_of(failure)
                raise (Unknown if written else TemporaryFailure)(said) from failure
        if ended.is_set():
            # What was cut off may look like an answer that was whole.
            self._drop(url)
            raise Unknown(_LATE)
        return reply

    def _open(self, url: str) -> HTTPConnection:
        origin = _origin(url)
        connection = self._kept.get(origin)
        if connection is not None and connection.is_connected:
            return connection
        self._drop(url)
        try:
            connection = self.poster.connection(url)
            with self._watched(connection):
                connection.connect()
        except NotSent as refusal:
            raise TemporaryFailure(str(refusal)) from refusal
        except (HTTPError, OSError) as failure:
            raise TemporaryFailure(reason_of(failure)) from failure
        connection.timeout = self.poster.whole_seconds
        if len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept))).close()
        self._kept[origin] = connection
        return connection

    def _drop(self, url: str) -> None:
        connection = self._kept.pop(_origin(url), None)
        if connection is not None:
            connection.close()

    @contextmanager
    def _watched(self, connection: HTTPConnection) -> Iterator[threading.Event]:
        """End an exchange that takes too long, however slowly it goes on."""
        ended = threading.Event()

        def end() -> None:
            ended.set()
            shut(connection)

        clock = threading.Timer(self.poster.whole_seconds, end)
        clock.daemon = True
        clock.start()
        try:
            yield ended
        finally:
            clock.cancel()


def quoted(reply: Reply, said: object, *, hide: str = "") -> str:
    """
    Return what a provider said as it may be kept: short, and without addresses.

    :param hide: the address of the message, which providers like to repeat
    """
    words = " ".join(str(said).split())
    if hide:
        words = words.replace(hide, "<address>")
    words = _NUMBERS.sub("<number>", _MAILBOXES.sub("<address>", words))
    return f"{reply.status} {words[:_LONGEST]}".strip()


def document(reply: Reply) -> Mapping[str, object]:
    """Return the JSON object that was answered; anything else is an empty one."""
    try:
        found = json.loads(reply.text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def refuse_others(reply: Reply, answer: str) -> NoReturn:
    """
    Raise what an answer means that is not a yes and blames nobody in particular.

    A refused password or a page that is not there is a matter of our settings, not of
    this message: it waits until somebody mends them.

    :raises TemporaryFailure: for a limit, a server's error, or settings of ours
    :raises PermanentFailure: if the message itself is refused
    """
    ours = reply.status in _SETTINGS or not _REFUSED <= reply.status < _BROKEN
    if ours or reply.status in _LATER:
        raise TemporaryFailure(answer, retry_after=reply.retry_after)
    raise PermanentFailure(answer)


def _read(connection: HTTPConnection) -> Reply:
    response = connection.getresponse()
    text = response.read(ANSWER_BYTES, decode_content=False)
    if response.read(1, decode_content=False):
        # Nobody waits for the end of an answer without one.
        connection.close()
    return Reply(
        status=response.status,
        text=text.decode("utf-8", "replace"),
        retry_after=seconds_of(response.headers.get("Retry-After")),
        headers=dict(response.headers),
    )


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
