"""The tier of two records of one member that are made one, and two again."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.stores.queries import get_programme
from loyalty.tiers import queries
from loyalty.tiers.models import MemberTierRow
from loyalty.tiers.rules import better, measured_since, review
from loyalty.tiers.service.reviewing import (
    Measured,
    lock_rows,
    review_member,
    write_change,
)
from loyalty.tiers.values import Change, Held, Ladder


def take_tier_over(
    session: Session, *, into: CustomerID, merged: CustomerID, now: datetime
) -> dict[str, Any]:
    """
    Give the standing record the better tier, or a higher one for what both bought.

    The records are linked already. The merged record's tier stays as it is.

    :returns: what the standing record was, for giving it back; empty if it stays so
    """
    ladder = queries.get_ladder(session)
    if not ladder.version:
        return {}
    row = lock_rows(session, [into], now=now)[into]
    own, other = _held(row), _held(session.get(MemberTierRow, merged))
    found = _measured(session, row, ladder, now=now)
    held, _change = review(ladder, better(ladder, own, other), found.amount, now=now)
    if held == own:
        return {}
    before = [row.tier, row.since.isoformat(), _text(own.falls_at)]
    write_change(session, found, held, Change.MERGED, now=now)
    return {"before": before, "changes": row.changes}


def give_tier_back(
    session: Session, *, into: CustomerID, taken: dict[str, Any], now: datetime
) -> None:
    """
    Let the standing record be what it was, or review it if it changed since.

    The records are on their own again already.
    """
    ladder = queries.get_ladder(session)
    if not ladder.version or not taken:
        return
    row = lock_rows(session, [into], now=now)[into]
    if row.changes != taken["changes"]:
        review_member(session, customer_id=into, now=now)
        return
    tier, since, falls_at = taken["before"]
    held = Held(
        tier=tier, falls_at=datetime.fromisoformat(falls_at) if falls_at else None
    )
    found = _measured(session, row, ladder, now=now)
    write_change(session, found, held, Change.MERGED, now=now)
    row.since = datetime.fromisoformat(since)
    session.flush()


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _held(row: MemberTierRow | None) -> Held:
    return Held() if row is None else Held(tier=row.tier, falls_at=row.falls_at)


def _measured(
    session: Session, row: MemberTierRow, ladder: Ladder, *, now: datetime
) -> Measured:
    zone = get_programme(session).time_zone
    since = measured_since(ladder, now=now, zone=zone)
    amount = queries.measure(
        session, customer_id=row.customer_id, ladder=ladder, since=since, now=now
    )
    return Measured(row, ladder, amount, since)
