"""Reviewing members: after a purchase or a return, and all of them by night."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.stores.queries import get_programme
from loyalty.tiers import queries
from loyalty.tiers.models import MemberTierRow, TierChangeRow
from loyalty.tiers.rules import measured_since, review
from loyalty.tiers.values import Change, Held, Ladder
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.values import EventType


class Measured(NamedTuple):
    """What a member, whose row is locked, earned or spent, and from when on."""

    row: MemberTierRow
    ladder: Ladder
    amount: int
    since: datetime


def review_member(
    session: Session, *, customer_id: CustomerID, now: datetime
) -> Change | None:
    """Settle one member's tier, as after each purchase and return."""
    changes = review_members(session, customer_ids=[customer_id], now=now)
    return changes.get(customer_id)


def review_members(
    session: Session, *, customer_ids: Sequence[CustomerID], now: datetime
) -> dict[CustomerID, Change]:
    """
    Settle these members' tiers; who measures the same as before stays as they are.

    :returns: what became of those who changed
    """
    ladder = queries.get_ladder(session)
    if not ladder.version or not customer_ids:
        return {}
    zone = get_programme(session).time_zone
    since = measured_since(ladder, now=now, zone=zone)
    rows = lock_rows(session, customer_ids, now=now)
    amounts = queries.measures(
        session, customer_ids=customer_ids, ladder=ladder, since=since, now=now
    )
    changed = {}
    for customer_id in customer_ids:
        change = _settle(
            session,
            Measured(rows[customer_id], ladder, amounts.get(customer_id, 0), since),
            now=now,
        )
        if change is not None:
            changed[customer_id] = change
    session.flush()
    return changed


def lock_rows(
    session: Session, customer_ids: Sequence[CustomerID], *, now: datetime
) -> dict[CustomerID, MemberTierRow]:
    """Lock the members' rows, by number, so that reviews don't overtake each other."""
    opened = [
        {"customer_id": one, "tier": None, "since": now, "falls_at": None, "changes": 0}
        for one in sorted(customer_ids)
    ]
    session.execute(insert(MemberTierRow).on_conflict_do_nothing(), opened)
    rows = session.scalars(
        select(MemberTierRow)
        .where(MemberTierRow.customer_id.in_(customer_ids))
        .order_by(MemberTierRow.customer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.customer_id: row for row in rows}


def _settle(session: Session, measured: Measured, *, now: datetime) -> Change | None:
    row = measured.row
    before = Held(tier=row.tier, falls_at=row.falls_at)
    held, change = review(measured.ladder, before, measured.amount, now=now)
    if change is not None:
        write_change(session, measured, held, change, now=now)
    return change


def write_change(
    session: Session, measured: Measured, held: Held, change: Change, *, now: datetime
) -> None:
    """Let a member be something else from now on, and add to the history."""
    row = measured.row
    before = row.tier
    if held.tier != row.tier:
        row.tier, row.since = held.tier, now
    row.falls_at = held.falls_at
    row.changes += 1
    steps = queries.latest_steps(
        session,
        customer_id=row.customer_id,
        ladder=measured.ladder,
        since=measured.since,
    )
    session.add(
        TierChangeRow(
            customer_id=row.customer_id,
            number=row.changes,
            at=now,
            change=change,
            before=before,
            after=held.tier,
            measure=measured.amount,
            since=measured.since,
            falls_at=held.falls_at,
            ladder_version=measured.ladder.version,
            latest=[
                {
                    "purchase": step.purchase_id,
                    "at": step.at.isoformat(),
                    "counted": step.counted,
                }
                for step in steps
            ],
        )
    )
    session.flush()
    _tell(session, row, change, before, now=now)


def _tell(
    session: Session,
    row: MemberTierRow,
    change: Change,
    before: str | None,
    *,
    now: datetime,
) -> None:
    webhooks.record(
        session,
        EventType.TIER_CHANGED,
        {
            "customer": row.customer_id,
            "change": change.value,
            "before": before,
            "after": row.tier,
            "falls_at": None if row.falls_at is None else row.falls_at.isoformat(),
        },
        now=now,
    )
