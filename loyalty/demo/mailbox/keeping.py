"""Keeping what arrives."""

import json
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from loyalty.core.clock import utc_now
from loyalty.demo.mailbox.reading import LOG


class Mailbox:
    """Keeps what arrives; the handler of the SMTP server."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._log = (folder / LOG).open("a", encoding="utf-8")
        self._count = 0

    async def handle_DATA(  # noqa: N802  # aiosmtpd looks for this name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
    ) -> str:
        """Store one mail and say so."""
        self.store(
            bytes(envelope.original_content or b""),
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            at=utc_now(),
        )
        return "250 Message accepted for delivery"

    def store(
        self, content: bytes, *, sender: str, recipients: tuple[str, ...], at: datetime
    ) -> str:
        """Keep a mail and return the name that it has here."""
        self._count += 1
        name = f"{at:%Y%m%d%H%M%S%f}-{self._count}"
        headers = message_from_bytes(content, policy=policy.default)
        (self._folder / f"{name}.eml").write_bytes(content)
        line = {
            "id": name,
            "at": at.isoformat(),
            "from": sender,
            "to": list(recipients),
            "message_id": str(headers.get("Message-ID", "")),
            "subject": str(headers.get("Subject", "")),
        }
        self._log.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._log.flush()
        return name

    def close(self) -> None:
        """Close the log."""
        self._log.close()
