"""When customers buy, hour by hour of their local week."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from loyalty.customers.models import ConsentRow, CustomerRow
from loyalty.customers.values import CustomerID, CustomerStatus, Purpose
from loyalty.delivery.models import MessageEventRow
from loyalty.delivery.rules.learning import HOURS_A_DAY, HOURS_A_WEEK
from loyalty.delivery.values import ReceiptEvent
from loyalty.purchases.models import PurchaseRow


def reading_hours(
    session: Session, *, since: datetime
) -> Mapping[CustomerID, tuple[int, ...]]:
    """
    Return when customers opened and followed messages, as ``purchase_hours`` does.

    Nothing is counted of who did not agree to it, so every event there is may be used.
    One message counts once, however often it is looked at.
    """
    first = (
        select(MessageEventRow.customer_id, func.min(MessageEventRow.at).label("at"))
        .where(
            MessageEventRow.receipt.in_((ReceiptEvent.OPENED, ReceiptEvent.CLICKED)),
            MessageEventRow.at >= since,
        )
        .group_by(MessageEventRow.customer_id, MessageEventRow.message_id)
        .subquery()
    )
    local = func.timezone(CustomerRow.time_zone, first.c.at)
    days = (func.extract("isodow", local) - 1) * HOURS_A_DAY
    hour = (days + func.extract("hour", local)).label("hour")
    counts = (
        select(first.c.customer_id, hour, func.count())
        .join(CustomerRow, CustomerRow.id == first.c.customer_id)
        .where(CustomerRow.status == CustomerStatus.ACTIVE)
        .group_by(first.c.customer_id, hour)
    )
    return _weeks_of((who, at, n) for who, at, n in session.execute(counts))


def purchase_hours(
    session: Session, *, since: datetime
) -> Mapping[CustomerID, tuple[int, ...]]:
    """
    Return the histogram of each customer who lets us use their purchases.

    :param since: older purchases don't count
    :returns: 168 counts, Monday 00:00 in the customer's zone first; customers
        without a purchase are left out
    """
    latest = (
        select(ConsentRow.customer_id, ConsentRow.given)
        .ext(distinct_on(ConsentRow.customer_id))
        .where(ConsentRow.purpose == Purpose.PERSONALISATION)
        .order_by(ConsentRow.customer_id, ConsentRow.id.desc())
        .subquery()
    )
    local = func.timezone(CustomerRow.time_zone, PurchaseRow.at)
    days = (func.extract("isodow", local) - 1) * HOURS_A_DAY
    hour = (days + func.extract("hour", local)).label("hour")
    counts = (
        select(PurchaseRow.customer_id, hour, func.count())
        .join(CustomerRow, CustomerRow.id == PurchaseRow.customer_id)
        .join(latest, latest.c.customer_id == CustomerRow.id)
        .where(
            latest.c.given,
            CustomerRow.status == CustomerStatus.ACTIVE,
            PurchaseRow.at >= since,
        )
        .group_by(PurchaseRow.customer_id, hour)
    )
    return _weeks_of((who, at, n) for who, at, n in session.execute(counts))


def _weeks_of(
    counts: Iterable[tuple[CustomerID | None, int, int]],
) -> dict[CustomerID, tuple[int, ...]]:
    found: dict[CustomerID, list[int]] = {}
    for customer_id, place, count in counts:
        if customer_id is not None:
            week = found.setdefault(customer_id, [0] * HOURS_A_WEEK)
            week[int(place)] = count
    return {customer_id: tuple(week) for customer_id, week in found.items()}
