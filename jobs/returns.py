"""Mail that comes back: bounces and complaints, from a mail server or a file.

The mail server in front is the queue. It hears "accepted" only after what the mail
says is committed; while the database is away it hears "later", keeps the mail and
tries again.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.delivery.rules.reports import LARGEST, Report, Unreadable, read_report
from loyalty.delivery.rules.returning import returned_key
from loyalty.delivery.values import ProviderReceipt
from loyalty.usecases.take_receipt import take_receipt

PROVIDER: Final = "smtp"
_ACCEPTED: Final = "250 2.0.0 Read"
_LATER: Final = "451 4.3.0 Not now, please try again"
_NOT_HERE: Final = "550 5.1.1 Nobody here but what comes back"
_SECONDS: Final = 60.0

_log = logging.getLogger(__name__)


def take_mail(
    database: Database, data: bytes, *, base: str, recipients: Iterable[str]
) -> str:
    """
    Take up what a mail says, and return in one word what came of it.

    :param base: the mailbox of bounces, as ``bounces@example.org``
    :param recipients: where the mail arrived: there its message is named
    :returns: ``taken``, ``unreadable``, ``waiting`` or ``unknown``
    """
    try:
        report = read_report(data)
    except Unreadable as problem:
        _log.info("Mail came back that is no report: %s", problem)
        return "unreadable"
    if report is None:
        return "waiting"
    keys = [returned_key(base, address) for address in recipients]
    key = next((one for one in keys if one is not None), report.handover_key)
    return "unknown" if key is None else _take(database, report, key)


def _take(database: Database, report: Report, key: str) -> str:
    now = utc_now()
    receipt = ProviderReceipt(
        provider=PROVIDER,
        handover_key=key,
        event=report.event,
        hard=report.hard,
        at=now,
        detail=report.detail,
    )
    with database.transaction() as session:
        recorded = take_receipt(
            session, receipt=receipt, address=report.address, now=now
        )
    return "taken" if recorded is not None else "unknown"


class Returns:
    """What aiosmtpd asks about each mail."""

    def __init__(self, database: Database, base: str, others: Iterable[str]) -> None:
        self._database = database
        self._base = base
        self._mailboxes = {base.lower(), *(one.lower() for one in others)}

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name and parameters
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take mail for the mailboxes of what comes back, and for no other."""
        ours = address.lower() in self._mailboxes
        if not ours and returned_key(self._base, address) is None:
            return _NOT_HERE
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Say yes only to what is committed."""
        content = envelope.content
        data = content if isinstance(content, bytes) else (content or "").encode()
        recipients = list(envelope.rcpt_tos)
        outcome = await asyncio.to_thread(
            take_mail, self._database, data, base=self._base, recipients=recipients
        )
        _log.info("A mail that came back: %s", outcome)
        return _ACCEPTED

    async def handle_exception(self, error: Exception) -> str:
        """Whatever it was, the mail must not be lost."""
        _log.error("Mail that came back can't be taken up now", exc_info=error)
        return _LATER


async def listen(
    returns: Returns,
    *,
    host: str,
    port: int,
    ready: Callable[[int], None] | None = None,
) -> None:
    """
    Take mail until cancelled, one connection beside the other.

    :param ready: is told the port once it is open
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(returns, data_size_limit=LARGEST, timeout=_SECONDS, loop=loop),
        host=host,
        port=port,
    )
    _log.info("Waiting for what comes back on %s:%s", host, port)
    if ready is not None:
        ready(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()
