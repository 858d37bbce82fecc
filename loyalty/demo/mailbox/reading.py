"""Reading what the mailbox keeps."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from loyalty.core.errors import NotFound

LOG: Final = "log.jsonl"
_ID: Final = re.compile(r"[0-9]{20}-[0-9]{1,9}", re.ASCII)


class MailNotFound(NotFound):
    """The mailbox holds no such mail."""

    code = "mail_not_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One line of the log."""

    id: str
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    message_id: str
    subject: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A mail as one reads it."""

    subject: str
    to: str
    at: datetime
    text: str
    html: str
    """Empty when the mail has none; not to be trusted, show it in a sandbox."""


def list_mails(folder: Path, *, limit: int = 50) -> tuple[Arrival, ...]:
    """Return the latest mails, the newest first."""
    lines = _lines(folder)[-limit:] if limit > 0 else []
    return tuple(_arrival(line) for line in reversed(lines))


def count_mails(folder: Path) -> int:
    """Return how many mails have arrived."""
    return len(_lines(folder))


def read_mail(folder: Path, mail_id: str) -> Mail:
    """
    Return one mail.

    :raises MailNotFound: if there is none of this name
    """
    path = folder / f"{mail_id}.eml"
    found = _ID.fullmatch(mail_id) and path.is_file()
    line = next((line for line in _lines(folder) if mail_id in line), None)
    if not found or line is None:
        message = f"There is no mail {mail_id!r}."
        raise MailNotFound(message)
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    return Mail(
        subject=str(mail.get("Subject", "")),
        to=str(mail.get("To", "")),
        at=_arrival(line).at,
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _lines(folder: Path) -> list[str]:
    try:
        text = (folder / LOG).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    # A line that is being written has no end yet.
    return [line for line in text.split("\n")[:-1] if line]


def _arrival(line: str) -> Arrival:
    values = json.loads(line)
    return Arrival(
        id=values["id"],
        at=datetime.fromisoformat(values["at"]),
        sender=values["from"],
        recipients=tuple(values["to"]),
        message_id=values["message_id"],
        subject=values["subject"],
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    # SMTP ends lines with CRLF; whoever reads them here does not care.
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
