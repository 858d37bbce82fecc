"""The mail server: where it is, and one connection to it."""

import ipaddress
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from jobs.channels.email.answers import Answer

_PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, kw_only=True, slots=True)
class SmtpServer:
    """Where mail is handed over, from ``smtp://user:password@host:port``."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """
        Read the address of a mail server.

        :raises ValueError: if it is none
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            message = "the mail server's address is not smtp://host:port"
            raise ValueError(message)
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            tls=parts.scheme == "smtps",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    @property
    def on_loopback(self) -> bool:
        """Whether the server is on this machine, where TLS adds nothing."""
        if self.host == "localhost":
            return True
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return False


class Line:
    """An open connection, after the greetings; what breaks raises ``OSError``."""

    def __init__(self, server: SmtpServer, name: str, *, timeout: float) -> None:
        """
        Connect, encrypt where it is offered, and sign in.

        :param name: how this side calls itself
        """
        self._timeout = timeout
        self._smtp = _connect(server, name, timeout)
        if self._smtp.sock is None:
            problem = "the mail server hung up"
            raise smtplib.SMTPServerDisconnected(problem)
        self._socket = self._smtp.sock
        # What is written is meant to leave: the answer to it is waited for.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pipelining = self._smtp.has_extn("pipelining")
        """Whether commands may be written before the last was answered (RFC 2920)."""

        self.mails = 0
        """How many mails it has carried."""

        self.written = 0
        """How many bytes of what was written last have left."""

        self.broken = False
        """Whether something could not be written whole; answers may still come."""

    def write(self, data: bytes) -> None:
        """Write all of it; when this raises, ``written`` tells how much had left."""
        self.written = 0
        view = memoryview(data)
        try:
            while self.written < len(data):
                self.written += self._socket.send(view[self.written :])
        except OSError:
            self.broken = True
            raise

    def read(self, *, timeout: float | None = None) -> Answer:
        """Wait for the next answer."""
        if timeout is not None:
            self._socket.settimeout(timeout)
        code, text = self._smtp.getreply()
        if timeout is not None:
            self._socket.settimeout(self._timeout)
        return Answer(code, text.decode(errors="replace"))

    def hang_up(self) -> None:
        """Close without a word."""
        self._smtp.close()

    def close(self) -> None:
        """Say goodbye, if anybody still listens."""
        with suppress(OSError):
            self._smtp.quit()
        self._smtp.close()


def _connect(server: SmtpServer, name: str, timeout: float) -> smtplib.SMTP:
    smtp: smtplib.SMTP
    if server.tls:
        smtp = smtplib.SMTP_SSL(
            server.host,
            server.port,
            local_hostname=name,
            timeout=timeout,
            context=ssl.create_default_context(),
        )
    else:
        smtp = smtplib.SMTP(
            server.host, server.port, local_hostname=name, timeout=timeout
        )
    try:
        smtp.ehlo_or_helo_if_needed()
        encrypted = server.tls
        if not encrypted and smtp.has_extn("starttls"):
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            encrypted = True
        if server.user is not None:
            if not encrypted and not server.on_loopback:
                problem = "the mail server offers no TLS: no password is sent to it"
                raise smtplib.SMTPException(problem)
            smtp.login(server.user, server.password or "")
    except OSError:
        smtp.close()
        raise
    return smtp
