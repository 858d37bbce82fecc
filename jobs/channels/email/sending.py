"""Handing mails over by SMTP, and reading what the server answers."""

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from jobs.channels.base import (
    Channel,
    PermanentFailure,
    Sender,
    TemporaryFailure,
    Unknown,
)
from jobs.channels.email.writing import UnsafeMail, Writer, ascii_address
from loyalty.delivery.rules.returning import return_address
from loyalty.delivery.values import OutgoingMessage

_TIMEOUT_SECONDS = 10.0
_OK, _FORWARDED, _GO_AHEAD = 250, 251, 354
_PERMANENT = 500
_CLOSING = 421
_ADDRESS_CODES = frozenset({550, 551, 553})
_ENHANCED = re.compile(r"^(\d)\.(\d{1,3})\.\d{1,3}\b")
_ANY_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")
_DOTS = re.compile(rb"(?m)^\.")
"""A line of one dot would end the mail (RFC 5321, section 4.5.2)."""

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


class EmailChannel(Channel):
    """Mail over SMTP."""

    provider: ClassVar[str] = "smtp"

    def __init__(
        self, server: SmtpServer, sender: str, *, bounces: str | None = None
    ) -> None:
        """
        Note where mail goes.

        :param bounces: the mailbox to which it comes back; None: ``bounces`` at the
            sender's domain
        """
        self._server = server
        self._writer = Writer(sender)
        self._bounces = bounces or f"bounces@{self._writer.domain}"

    @contextmanager
    def open(self) -> Iterator[Sender]:
        """Connect; the connection is made again when the server drops it."""
        sender = _SmtpSender(self._server, self._writer, self._bounces)
        try:
            sender.connect()
            yield sender
        finally:
            sender.close()


class _SmtpSender(Sender):
    def __init__(self, server: SmtpServer, writer: Writer, bounces: str) -> None:
        self._server = server
        self._writer = writer
        self._bounces = bounces
        self._smtp: smtplib.SMTP | None = None

    def connect(self) -> smtplib.SMTP:
        """Return the open connection, or a new one."""
        if self._smtp is None:
            try:
                self._smtp = _connect(self._server, self._writer.domain)
            except OSError as problem:
                raise TemporaryFailure(_scrub(str(problem))) from problem
        return self._smtp

    def close(self) -> None:
        """Say goodbye, if anybody still listens."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(OSError):
                smtp.quit()
            smtp.close()

    def send(self, message: OutgoingMessage) -> None:
        """Hand over one mail."""
        if message.address is None:
            answer = "no address"
            raise PermanentFailure(answer)
        try:
            address = ascii_address(message.address)
            mail = self._writer.write(message)
        except UnsafeMail as problem:
            raise PermanentFailure(str(problem)) from problem
        smtp = self.connect()
        try:
            back = return_address(self._bounces, message.handover_key)
            self._envelope(smtp, back, address)
        except OSError as problem:
            # Nothing of the mail itself had been written: it can't have arrived.
            self._drop()
            raise TemporaryFailure(_scrub(str(problem))) from problem
        try:
            smtp.send(_DOTS.sub(b"..", mail) + b".\r\n")
            code, reply = smtp.getreply()
        except OSError as problem:
            self._drop()
            raise Unknown(_scrub(str(problem))) from problem
        if code != _OK:
            self._refuse(smtp, code, reply)

    def _envelope(self, smtp: smtplib.SMTP, back: str, address: str) -> None:
        code, reply = smtp.mail(back)
        if code != _OK:
            self._start_over(smtp, code)
            # Our own sender is refused: a matter of settings, not of this message.
            raise TemporaryFailure(_answer(code, reply))
        code, reply = smtp.rcpt(address)
        if code not in (_OK, _FORWARDED):
            self._refuse(smtp, code, reply, recipient=True)
        code, reply = smtp.docmd("DATA")
        if code != _GO_AHEAD:
            self._refuse(smtp, code, reply)

    def _refuse(
        self, smtp: smtplib.SMTP, code: int, reply: bytes, *, recipient: bool = False
    ) -> None:
        self._start_over(smtp, code)
        answer = _answer(code, reply)
        if code < _PERMANENT:
            raise TemporaryFailure(answer)
        bad = recipient and _blames_address(code, reply)
        raise PermanentFailure(answer, bad_address=bad)

    def _start_over(self, smtp: smtplib.SMTP, code: int) -> None:
        if code in (_CLOSING, -1):
            self._drop()
            return
        try:
            smtp.rset()
        except OSError:
            self._drop()

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _connect(server: SmtpServer, name: str) -> smtplib.SMTP:
    context = ssl.create_default_context()
    smtp: smtplib.SMTP
    if server.tls:
        smtp = smtplib.SMTP_SSL(
            server.host,
            server.port,
            local_hostname=name,
            timeout=_TIMEOUT_SECONDS,
            context=context,
        )
    else:
        smtp = smtplib.SMTP(
            server.host, server.port, local_hostname=name, timeout=_TIMEOUT_SECONDS
        )
    try:
        smtp.ehlo_or_helo_if_needed()
        encrypted = server.tls
        if not encrypted and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
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


def _blames_address(code: int, reply: bytes) -> bool:
    """Tell an address that is wrong from a policy that refuses us (RFC 3463)."""
    enhanced = _ENHANCED.match(reply.decode(errors="replace").strip())
    if enhanced is not None:
        return enhanced.group(2) == "1"
    return code in _ADDRESS_CODES


def _answer(code: int, reply: bytes) -> str:
    return _scrub(f"{code} {reply.decode(errors='replace')}")


def _scrub(text: str) -> str:
    """Return what a server said without the addresses that servers repeat."""
    return _ANY_ADDRESS.sub("<address>", " ".join(text.split()))
