"""What members are, how far the next tier is, and how they came to it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.purchases.values import PurchaseID
from loyalty.stores.queries import get_programme
from loyalty.tiers.models import MemberTierRow, TierChangeRow
from loyalty.tiers.queries.ladders import get_ladder, get_ladders
from loyalty.tiers.queries.measuring import measure, measured
from loyalty.tiers.rules import distance, measured_since, reached
from loyalty.tiers.values import Ladder, Standing, Step, TierChange


def tier_of(session: Session, *, customer_id: CustomerID) -> str | None:
    """Return the code of the member's tier, if they have one."""
    row = session.get(MemberTierRow, customer_id)
    return row.tier if row else None


def members_of(
    session: Session, *, customer_ids: Collection[CustomerID]
) -> dict[CustomerID, str]:
    """Return the tiers of these members; who has none is absent."""
    rows = session.execute(
        select(MemberTierRow.customer_id, MemberTierRow.tier).where(
            MemberTierRow.customer_id.in_(customer_ids)
        )
    )
    return {customer_id: tier for customer_id, tier in rows if tier is not None}


def standing(
    session: Session, *, customer_id: CustomerID, now: datetime
) -> Standing | None:
    """Return the member's tier and how far the next is; None if the shop has none."""
    ladder = get_ladder(session)
    if not ladder.tiers:
        return None
    programme = get_programme(session)
    since = measured_since(ladder, now=now, zone=programme.time_zone)
    row = session.get(MemberTierRow, customer_id)
    held = ladder.tier(row.tier) if row else None
    amount = measure(
        session, customer_id=customer_id, ladder=ladder, since=since, now=now
    )
    return Standing(
        customer_id=customer_id,
        ladder=ladder,
        tier=held,
        since=row.since if row and held else None,
        falls_at=row.falls_at if row else None,
        measure=amount,
        measured_since=since,
        next=distance(ladder, held.code if held else None, amount),
        currency=programme.currency,
    )


def history(
    session: Session, *, customer_id: CustomerID, limit: int = 20
) -> tuple[TierChange, ...]:
    """Return what became of the member's tier, the newest first."""
    rows = session.scalars(
        select(TierChangeRow)
        .where(TierChangeRow.customer_id == customer_id)
        .order_by(TierChangeRow.number.desc())
        .limit(limit)
    ).all()
    ladders = get_ladders(session, versions={row.ladder_version for row in rows})
    return tuple(
        TierChange(
            at=row.at,
            change=row.change,
            before=row.before,
            after=row.after,
            measure=row.measure,
            since=row.since,
            falls_at=row.falls_at,
            ladder=ladders[row.ladder_version],
            latest=tuple(
                Step(
                    purchase_id=PurchaseID(int(step["purchase"])),
                    at=datetime.fromisoformat(str(step["at"])),
                    counted=int(step["counted"]),
                )
                for step in row.latest
            ),
        )
        for row in rows
    )


def count_held(session: Session) -> dict[str, int]:
    """Return how many members hold each tier now."""
    rows = session.execute(
        select(MemberTierRow.tier, func.count())
        .where(MemberTierRow.tier.is_not(None))
        .group_by(MemberTierRow.tier)
    )
    return {tier: count for tier, count in rows if tier is not None}


def count_by_tier(session: Session, *, ladder: Ladder, now: datetime) -> dict[str, int]:
    """Return how many members these tiers would have by what they measure now."""
    zone = get_programme(session).time_zone
    since = measured_since(ladder, now=now, zone=zone)
    found = measured(ladder, since=since, now=now).subquery()
    counts: dict[str, int] = {tier.code: 0 for tier in ladder.tiers}
    for amount, members in session.execute(
        select(found.c.measure, func.count()).group_by(found.c.measure)
    ):
        tier = reached(ladder, int(amount))
        if tier is not None:
            counts[tier.code] += members
    return counts
