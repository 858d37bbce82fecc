"""When customers buy, hour by hour of their local week, and what they open."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from loyalty.customers.models import ConsentRow, CustomerRow
from loyalty.customers.values import Channel, CustomerID, CustomerStatus, Purpose
from loyalty.delivery.models import MessageEventRow, MessageRow
from loyalty.delivery.rules.learning import HOURS_A_DAY, HOURS_A_WEEK, LOOKED_AT, Looks
from loyalty.delivery.values import WENT_OUT, MessageKind, ReceiptEvent
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


def looks(
    session: Session, *, since: datetime
) -> Mapping[CustomerID, dict[Channel, Looks]]:
    """
    Return how many offers each customer was sent on each channel, and looked at.

    Only of those who let it be counted, and from when they agreed: before, an opening
    was not written down, which does not mean that there was none.
    """
    latest = (
        select(ConsentRow.customer_id, ConsentRow.given, ConsentRow.at)
        .ext(distinct_on(ConsentRow.customer_id))
        .where(ConsentRow.purpose == Purpose.MEASUREMENT)
        .order_by(ConsentRow.customer_id, ConsentRow.id.desc())
        .subquery()
    )
    looked_at = exists().where(
        MessageEventRow.message_id == MessageRow.id,
        MessageEventRow.receipt.in_((ReceiptEvent.OPENED, ReceiptEvent.CLICKED)),
    )
    counts = (
        select(
            MessageRow.customer_id,
            MessageRow.channel,
            func.count().filter(looked_at),
            func.count(),
        )
        .join(latest, latest.c.customer_id == MessageRow.customer_id)
        .join(CustomerRow, CustomerRow.id == MessageRow.customer_id)
        .where(
            latest.c.given,
            CustomerRow.status == CustomerStatus.ACTIVE,
            MessageRow.kind == MessageKind.MARKETING,
            MessageRow.channel.in_(LOOKED_AT),
            MessageRow.state.in_(WENT_OUT),
            MessageRow.finished_at >= since,
            MessageRow.finished_at >= latest.c.at,
        )
        .group_by(MessageRow.customer_id, MessageRow.channel)
    )
    found: dict[CustomerID, dict[Channel, Looks]] = {}
    for customer_id, channel, looked, sent in session.execute(counts):
        if channel is not None:
            found.setdefault(customer_id, {})[channel] = Looks(looked, sent)
    return found


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
