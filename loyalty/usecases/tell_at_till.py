"""A message that waited at the till reaches its customer."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.delivery import service as delivery
from loyalty.delivery.queries.tills import Reader, TillMessageNotFound, waiting_at_till
from loyalty.delivery.values import ProviderReceipt, ReceiptEvent


def print_waiting(
    session: Session, *, customer_id: CustomerID, at: datetime, now: datetime
) -> None:
    """
    Note all that waits as delivered by the receipt of a purchase.

    :param at: of the purchase, by which the receipt finds them again
    :raises CustomerNotFound: if there is no such customer
    """
    keys = waiting_keys(session, customer_id=customer_id, now=now)
    for key in keys:
        _delivered(session, key, at=at, detail="printed on a receipt", now=now)


def say(
    session: Session, *, customer_id: CustomerID, key: str, actor: str, now: datetime
) -> None:
    """
    Note one message as told by somebody of the staff, or by another till.

    :raises CustomerNotFound: if there is no such customer
    :raises TillMessageNotFound: if it does not wait for this customer
    """
    if key not in waiting_keys(session, customer_id=customer_id, now=now):
        message = f"No message {key} waits at the till for customer {customer_id}."
        raise TillMessageNotFound(message)
    _delivered(session, key, at=now, detail=f"told by {actor}", now=now)


def waiting_keys(
    session: Session, *, customer_id: CustomerID, now: datetime
) -> Sequence[str]:
    """Return the keys of what waits for a customer."""
    profile = get_profile(session, customer_id=customer_id)
    waiting = waiting_at_till(
        session,
        customer_id=customer_id,
        reader=Reader(language=profile.language, zone=profile.time_zone),
        now=now,
    )
    return [one.key for one in waiting]


def _delivered(
    session: Session, key: str, *, at: datetime, detail: str, now: datetime
) -> None:
    receipt = ProviderReceipt(
        provider="till",
        handover_key=key,
        event=ReceiptEvent.DELIVERED,
        at=at,
        detail=detail,
    )
    delivery.record_receipt(session, receipt=receipt, now=now)
