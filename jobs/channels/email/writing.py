"""A mail as bytes: headers, a plain text part and an HTML part (RFC 5322, 2045).

The standard library's ``EmailMessage`` takes ten times as long as sending does; what
is written here is always the same few headers and two parts.
"""

import re
from binascii import b2a_qp
from collections.abc import Sequence
from email.header import Header
from email.utils import formataddr, formatdate, parseaddr
from functools import lru_cache

from jobs.channels.email.signing import DkimKey, Signer
from loyalty.delivery.render import Page
from loyalty.delivery.values import OutgoingMessage

_HEADS = (
    "Content-Type: text/{kind}; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_PLAIN, _HTML = _HEADS.format(kind="plain"), _HEADS.format(kind="html")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ODD = re.compile(r'[\x00-\x20<>,;"]')
_REMEMBERED = 4_096


class UnsafeMail(ValueError):
    """A value does not belong into a header: a line break, or no ASCII address."""


class Writer:
    """Writes mails from one sender, signed with each of its keys."""

    def __init__(self, sender: str, keys: Sequence[DkimKey] = ()) -> None:
        name, self.address = parseaddr(sender)
        self.domain = self.address.rpartition("@")[2]
        self._from = formataddr((name, self.address))
        self._signer = Signer(self.domain, keys) if keys else None
        self._known: dict[str, bytes] = {}
        """The layout's own pieces, encoded: a few dozen for each language."""

    def write(self, message: OutgoingMessage) -> bytes:
        """
        Return the mail with CRLF line ends.

        :raises UnsafeMail: if a header can't be written
        """
        boundary = f"=_{message.handover_key}"  # never occurs in quoted-printable
        headers = {
            "From": self._from,
            "To": ascii_address(message.address or ""),
            "Subject": _words(message.subject),
            "Date": formatdate(),
            "Message-ID": f"<{message.handover_key}@{self.domain}>",
            "Content-Language": message.language,
            "MIME-Version": "1.0",
            "Content-Type": f'multipart/alternative; boundary="{boundary}"',
        }
        if message.unsubscribe_url is not None:
            headers["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        head = "".join(_header(name, value) for name, value in headers.items())
        fence = f"--{boundary}"
        body = b"".join(
            (
                f"{fence}\r\n{_PLAIN}".encode(),
                encode(message.text),
                f"\r\n{fence}\r\n{_HTML}".encode(),
                self._html(message.html),
                f"\r\n{fence}--\r\n".encode(),
            )
        )
        if self._signer is not None:
            head = self._signer.sign(list(headers.items()), body) + head
        return f"{head}\r\n".encode("ascii") + body

    def _html(self, html: str) -> bytes:
        """Encode a page; of one that knows its pieces, only what is new."""
        if not isinstance(html, Page):
            return encode(html)
        lines = bytearray()
        for place, piece in enumerate(html.pieces):
            if place % 2:
                lines += encode(piece)
            else:
                known = self._known.get(piece)
                if known is None:
                    known = self._known[piece] = encode(piece)
                lines += known
        return bytes(lines)


def ascii_address(address: str) -> str:
    """
    Return the address as SMTP takes it, the domain in its ASCII form.

    :raises UnsafeMail: if the part before the @ is not ASCII, or anything is odd
    """
    name, at, domain = address.rpartition("@")
    try:
        text = f"{name}{at}{_ascii_domain(domain)}"
        text.encode("ascii")
    except UnicodeError as problem:
        message = "an address that needs SMTPUTF8"
        raise UnsafeMail(message) from problem
    if not at or not name or _ODD.search(text):
        message = "no plain address"
        raise UnsafeMail(message)
    return text


# Most customers are at few domains, and the codec is slow.
@lru_cache(maxsize=_REMEMBERED)
def _ascii_domain(domain: str) -> str:
    return domain.encode("idna").decode()


def _words(text: str) -> str:
    _check("a text", text)
    return text if text.isascii() else Header(text, "utf-8").encode(linesep="\r\n")


def _header(name: str, value: str) -> str:
    _check(name, value.replace("\r\n ", ""))
    return f"{name}: {value}\r\n"


def _check(name: str, value: str) -> None:
    if _CONTROL.search(value):
        message = f"a control character in {name}"
        raise UnsafeMail(message)


def encode(text: str) -> bytes:
    """
    Return a text as whole lines of quoted-printable, none longer than 76 (RFC 2045).

    Each line but one that the text ends with ends softly, which means nothing: what
    is encoded piece by piece and put together reads as the text in one.
    """
    if not text:
        return b""
    plain = text.replace("\r\n", "\n")
    # With one more letter at its end, the last line has room for the soft end.
    encoded = b2a_qp((plain + "~").encode(), istext=True)[:-1]
    if not encoded.endswith(b"\n"):
        encoded += b"=\n"
    return encoded.replace(b"\n", b"\r\n")
