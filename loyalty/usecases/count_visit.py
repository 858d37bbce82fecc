"""A customer opened a message or followed its link: counted only by consent."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.customers.queries import measured_customers
from loyalty.delivery.queries.links import LinkedMessage
from loyalty.delivery.rules.humans import looks_human
from loyalty.delivery.service import record_receipt
from loyalty.delivery.values import ProviderReceipt, ReceiptEvent


def count_visit(
    session: Session,
    *,
    message: LinkedMessage,
    event: ReceiptEvent,
    method: str,
    headers: Mapping[str, str],
    now: datetime,
) -> bool:
    """
    Note that a message was opened or followed; return whether it was counted.

    Nothing is noted of who has not agreed to it, or no longer does, and of what looks
    like a machine's request.

    :param headers: by their names in small letters; only what kind of program it was
        is looked at, and nothing of them is kept
    """
    human = looks_human(
        method=method, headers=headers, sent_at=message.sent_at, now=now
    )
    if not human or not measured_customers(session, among=[message.customer_id]):
        return False
    receipt = ProviderReceipt(
        provider="link",
        handover_key=message.handover_key,
        event=event,
        # Twice in a minute is once: a page that was loaded again.
        at=now.replace(second=0, microsecond=0),
    )
    recorded = record_receipt(session, receipt=receipt, now=now)
    return recorded is not None and recorded.new
