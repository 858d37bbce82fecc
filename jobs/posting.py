"""
Posting to an address that somebody else chose.

The name is looked up once, every address it stands for is checked, and the connection
goes to the one that was checked: a name that stands for another address a moment later
leads nowhere new. Redirects are not followed, proxies of the environment not used, and
the whole exchange ends after a fixed time, however slowly the other side answers.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from loyalty.webhooks.rules import (
    UrlRefused,
    address_allowed,
    check_url,
    host_and_port,
)

CONNECT_SECONDS: Final = 5.0
WHOLE_SECONDS: Final = 20.0
"""From the first packet to the last; a standard receiver answers within 15."""

ANSWER_BYTES: Final = 4096
"""So much of an answer is read and kept."""

Resolver = Callable[[str, int], Sequence[str]]
"""Addresses that a name stands for."""


class NotSent(Exception):
    """There was no answer; the message says why, and may be shown to people."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str
    retry_after: int | None


def resolve(host: str, port: int) -> Sequence[str]:
    """
    Ask the system for the addresses of a name.

    :raises OSError: if it knows none
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


@dataclass(frozen=True, kw_only=True, slots=True)
class Poster:
    """Posts JSON texts; may be used by several threads."""

    allow_private: bool = False
    """Whether http, and addresses of the own network, are allowed."""

    resolver: Resolver = resolve
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    whole_seconds: float = WHOLE_SECONDS

    def post(self, url: str, *, body: str, headers: Mapping[str, str]) -> Answer:
        """
        Send one request and return what was answered.

        :raises NotSent: if the address is refused, or nothing was answered in time
        """
        connection = self.connection(url)
        ended = threading.Event()

        def end() -> None:
            ended.set()
            shut(connection)

        clock = threading.Timer(self.whole_seconds, end)
        clock.daemon = True
        clock.start()
        try:
            answer = _exchange(connection, url, body, headers)
        except (HTTPError, OSError, ValueError) as failure:
            said = "no answer in time" if ended.is_set() else reason_of(failure)
            raise NotSent(said) from failure
        finally:
            clock.cancel()
            connection.close()
        if ended.is_set():
            # What was cut off may look like an answer that was whole.
            message = "no answer in time"
            raise NotSent(message)
        return answer

    def connection(self, url: str) -> HTTPConnection:
        """
        Return a connection, not open yet, to the address that was checked.

        :raises NotSent: if the address is refused
        """
        try:
            check_url(url, allow_private=self.allow_private)
            host, port = host_and_port(url)
        except UrlRefused as refusal:
            raise NotSent(str(refusal)) from refusal
        address = self._address(host, port)
        seconds = min(CONNECT_SECONDS, self.whole_seconds)
        if urlsplit(url).scheme == "http":
            return HTTPConnection(address, port, timeout=seconds)
        return HTTPSConnection(
            address,
            port,
            timeout=seconds,
            ssl_context=self.trust,
            server_hostname=host.rstrip("."),
        )

    def _address(self, host: str, port: int) -> str:
        """Return the address to connect to; one that is refused refuses them all."""
        try:
            found = self.resolver(host, port)
        except (OSError, UnicodeError) as failure:
            message = f"{host} has no address"
            raise NotSent(message) from failure
        for address in found:
            if not address_allowed(address, allow_private=self.allow_private):
                message = f"{host} stands for {address}: not of the public internet"
                raise NotSent(message)
        if not found:
            message = f"{host} has no address"
            raise NotSent(message)
        return found[0]


def _exchange(
    connection: HTTPConnection, url: str, body: str, headers: Mapping[str, str]
) -> Answer:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request(
        "POST",
        target,
        body=body.encode(),
        headers={"Host": parts.netloc, **headers},
        preload_content=False,
        decode_content=False,
    )
    response = connection.getresponse()
    # A stream of single bytes is read as far as it goes, until the time is over.
    text = response.read(ANSWER_BYTES, decode_content=False)
    return Answer(
        status=response.status,
        text=text.decode("utf-8", "replace").replace("\0", "\ufffd"),
        retry_after=seconds_of(response.headers.get("Retry-After")),
    )


def seconds_of(said: str | None) -> int | None:
    """Return a ``Retry-After`` in seconds: a number, or a date."""
    if said is None:
        return None
    if said.isascii() and said.isdigit():
        return min(int(said[:10]), 86_400)
    try:
        return max(0, int(parsedate_to_datetime(said).timestamp() - time.time()))
    except (ValueError, OverflowError):
        return None


def shut(connection: HTTPConnection) -> None:
    """Cut a connection off, from another thread too."""
    sock = connection.sock
    if isinstance(sock, socket.socket):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def reason_of(failure: Exception) -> str:
    """Say in a few words what went wrong, without what is ours inside."""
    inner = failure.__cause__ or failure
    match inner:
        case ssl.SSLCertVerificationError():
            return f"the certificate is refused: {inner.verify_message}"
        case ssl.SSLError():
            return "no secure connection could be made"
        case TimeoutError():
            return "no answer in time"
        case ConnectionRefusedError():
            return "the connection was refused"
        case _ if "timed out" in str(failure):
            return "no answer in time"
        case _:
            return "the connection broke"
