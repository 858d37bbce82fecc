"""Choosing whom to warn of points that are about to expire."""

from collections import Counter
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.points.models import LotRow
from loyalty.points.rules.expiring import (
    FIRST_WARNING,
    GATHERED,
    LAST_WARNING,
    warned_until,
)
from loyalty.points.service.posting import lock_account
from loyalty.points.values import Expiry, ExpiryWarning, WarningKind
from loyalty.stores.queries import get_programme

_AHEAD: Final = {
    WarningKind.FIRST: FIRST_WARNING,
    WarningKind.LAST: LAST_WARNING,
}


def take_warnings(
    session: Session, *, kind: WarningKind, now: datetime, at_most: int = 200
) -> tuple[ExpiryWarning, ...]:
    """
    Return the warnings that are due, and note with the lots that they are given.

    The caller plans the messages in the same transaction, so that a warning is given
    once. A lot whose warning is late expires so much later.

    :param at_most: of how many members
    """
    zone = get_programme(session).time_zone
    until = warned_until(_AHEAD[kind], now=now, zone=zone)
    due = session.scalars(
        select(LotRow.customer_id)
        .where(*_unwarned(kind), LotRow.expires_at <= until)
        .distinct()
        .order_by(LotRow.customer_id)
        .limit(at_most)
    ).all()
    warnings = (
        _take(session, customer_id, kind, until=until, now=now) for customer_id in due
    )
    return tuple(warning for warning in warnings if warning.expiries)


def _take(
    session: Session,
    customer_id: CustomerID,
    kind: WarningKind,
    *,
    until: datetime,
    now: datetime,
) -> ExpiryWarning:
    lock_account(session, customer_id=customer_id)
    rows = session.scalars(
        select(LotRow)
        .where(
            *_unwarned(kind),
            LotRow.customer_id == customer_id,
            LotRow.expires_at <= until + GATHERED,
        )
        .execution_options(populate_existing=True)
    )
    points: Counter[datetime] = Counter()
    for row in rows:
        row.expires_at = max(row.expires_at, until)
        if kind is WarningKind.FIRST:
            row.warned_first_at = now
        else:
            row.warned_last_at = now
        points[row.expires_at] += row.remaining
    session.flush()
    return ExpiryWarning(
        customer_id=customer_id,
        kind=kind,
        expiries=tuple(Expiry(at=at, points=n) for at, n in sorted(points.items())),
    )


def _unwarned(kind: WarningKind) -> tuple[ColumnElement[bool], ...]:
    given = (LotRow.remaining > 0, LotRow.matures_at.is_(None))
    if kind is WarningKind.FIRST:
        return (*given, LotRow.warned_first_at.is_(None))
    return (
        *given,
        LotRow.warned_first_at.is_not(None),
        LotRow.warned_last_at.is_(None),
    )
