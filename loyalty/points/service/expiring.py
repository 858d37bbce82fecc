"""Letting points expire whose time is over, and noting when the service was up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.core.periods import Period, business_day
from loyalty.customers.values import CustomerID
from loyalty.points.models import LotRow, UptimeRow
from loyalty.points.queries.balances import held_points, to_lot
from loyalty.points.queries.uptime import times_up
from loyalty.points.rules.expiring import AN_OUTAGE, downtime, moved_by_outages
from loyalty.points.rules.lots import take
from loyalty.points.service.posting import Order, lock_account, post, use_lots
from loyalty.points.values import Account, Kind, Request
from loyalty.stores.queries import get_programme

_SIGN_OF_LIFE: Final = timedelta(minutes=10)
"""Silence for longer than this is an outage."""

_DUE: Final = (
    LotRow.remaining > 0,
    LotRow.matures_at.is_(None),
    LotRow.warned_last_at.is_not(None),
)


def expire(session: Session, *, now: datetime, at_most: int = 500) -> int:
    """
    Let points expire whose last day is over; it may run twice.

    Only those of whom the member was warned twice, and not today if the service was
    down for more than an hour; a last day on which it was moves on.

    :param at_most: for how many members and moments
    :returns: how many of those it saw to; as many as ``at_most`` means there may be
        more
    """
    zone = get_programme(session).time_zone
    up = times_up(session)
    if downtime(business_day(now, zone), up, zone=zone, now=now) > AN_OUTAGE:
        return 0
    _move(session, up, now=now)
    groups = session.execute(
        select(LotRow.customer_id, LotRow.expires_at)
        .where(*_DUE, LotRow.expires_at <= now)
        .group_by(LotRow.customer_id, LotRow.expires_at)
        .order_by(LotRow.customer_id, LotRow.expires_at)
        .limit(at_most)
    ).all()
    for customer_id, expires_at in groups:
        _expire(session, customer_id, expires_at, now=now)
    return len(groups)


def note_uptime(session: Session, *, now: datetime, machine_now: datetime) -> None:
    """
    Note that the service is up: the time it is up grows, or another one begins.

    Silence is measured by the machine's clock: a demo's clock that is moved ahead is
    no outage.
    """
    last = session.scalar(
        select(UptimeRow).order_by(UptimeRow.started_at.desc()).limit(1)
    )
    if last is None or not (
        timedelta() <= machine_now - last.machine_at <= _SIGN_OF_LIFE
        and last.started_at <= now
    ):
        if last is not None and now <= last.started_at:
            # The clock was set back: what was noted is for later.
            last.machine_at = machine_now
            return
        session.add(UptimeRow(started_at=now, until=now, machine_at=machine_now))
    else:
        last.until = max(last.until, now)
        last.machine_at = machine_now
    session.flush()


def _move(session: Session, up: Sequence[Period], *, now: datetime) -> None:
    """Move on the expiry of lots whose last day the service was down on."""
    zone = get_programme(session).time_zone
    moments = session.scalars(
        select(LotRow.expires_at).where(*_DUE, LotRow.expires_at <= now).distinct()
    ).all()
    for moment in moments:
        moved = moved_by_outages(moment, up, zone=zone, now=now)
        if moved > moment:
            session.execute(
                update(LotRow)
                .where(*_DUE, LotRow.expires_at == moment)
                .values(expires_at=moved)
                .execution_options(synchronize_session="fetch")
            )


def _expire(
    session: Session, customer_id: CustomerID, expires_at: datetime, *, now: datetime
) -> None:
    account = lock_account(session, customer_id=customer_id)
    if held_points(session, customer_id=customer_id, now=now):
        # A till may be about to spend them: the next run sees again.
        return
    rows = session.scalars(
        select(LotRow)
        .where(*_DUE, LotRow.customer_id == customer_id)
        .where(LotRow.expires_at == expires_at)
        .order_by(LotRow.transfer_version, LotRow.place)
        .execution_options(populate_existing=True)
    )
    lots = [to_lot(row) for row in rows]
    points = sum(lot.remaining for lot in lots)
    if not points:
        return
    key = f"expire:{account.version + 1}"
    order = Order(
        kind=Kind.EXPIRE,
        debit=Account.AVAILABLE,
        credit=Account.EXPIRED,
        points=points,
        request=Request(key=key, actor="system"),
        content={"kind": Kind.EXPIRE, "at": expires_at.isoformat()},
        expires_at=expires_at,
    )
    moved = post(session, account=account, order=order, now=now)
    uses, _none = take(lots, points)
    use_lots(session, customer_id=customer_id, version=moved.version, uses=uses)
