"""Making one record of two."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.customers.queries import standing_merges
from loyalty.customers.service.merging import (
    UNDONE_WITHIN,
    check_mergeable,
    keep_moves,
    link,
    lock_records,
    take_over,
)
from loyalty.customers.values import CustomerID, MergeID
from loyalty.giftcards.service import follow_stored
from loyalty.points.service import lock_account
from loyalty.tiers.service import take_tier_over
from loyalty.usecases.merge_customers.consents import state_decisions
from loyalty.usecases.merge_customers.points import following, settle
from loyalty.usecases.merge_customers.preview import preview_merge


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """One record stands for another."""

    id: MergeID
    into: CustomerID
    merged: CustomerID
    points: int
    """How many points moved."""

    undo_until: datetime


def merge_customers(
    session: Session,
    *,
    into: CustomerID,
    merged: CustomerID,
    actor: str,
    now: datetime,
) -> Merged:
    """
    Let one record stand for two of the same person.

    Cards, addresses, purchases, offers and messages stay where they are and count for
    the standing record. Points and stored money move by a transfer on each side. The
    stricter consent and wish wins, and the better tier.

    :raises CustomerNotFound: if one of the two does not exist
    :raises MergeRefused: if they are one record, or one is merged or erased
    :raises SharesStill: if their points are mixed with those of others
    """
    check_mergeable(session, into=into, merged=merged)
    for customer_id in sorted((into, merged)):
        # Purchases of both wait here, and look their cards up again afterwards.
        lock_account(session, customer_id=customer_id)
    lock_records(session, into, merged)
    seen = preview_merge(session, into=into, merged=merged)
    taken = take_over(session, into=seen.into.profile, merged=seen.merged.profile)
    taken["consents"] = state_decisions(
        session,
        into=seen.into.profile,
        decisions=seen.consents,
        actor=actor,
        now=now,
    )
    merge_id = link(
        session, into=into, merged=merged, taken=taken, actor=actor, now=now
    )
    moves = settle(
        session,
        merge_id=merge_id,
        into=into,
        merged=merged,
        before=(),
        actor=actor,
        now=now,
    )
    stored = follow_stored(
        session,
        following=following(merge_id, into=into, merged=merged, actor=actor),
        before=(),
        now=now,
    )
    tier = take_tier_over(session, into=into, merged=merged, now=now)
    keep_moves(session, merge_id=merge_id, moves=moves, stored=stored, tier=tier)
    return Merged(
        id=merge_id,
        into=into,
        merged=merged,
        points=sum(points for giver, _to, _at, points in moves if giver == merged),
        undo_until=now + UNDONE_WITHIN,
    )


def follow_merges(session: Session, *, actor: str, now: datetime) -> int:
    """
    Move what came to merged records since; return how many points moved.

    Points that were pending at the merge, or held for a quote, can move only later, as
    money that was refunded to the merged record's account.
    """
    total = 0
    for merge in standing_merges(session):
        for customer_id in sorted((merge.into, merge.merged)):
            lock_account(session, customer_id=customer_id)
        moves = settle(
            session,
            merge_id=merge.id,
            into=merge.into,
            merged=merge.merged,
            before=merge.moves,
            actor=actor,
            now=now,
        )
        stored = follow_stored(
            session,
            following=following(
                merge.id, into=merge.into, merged=merge.merged, actor=actor
            ),
            before=merge.stored,
            now=now,
        )
        keep_moves(session, merge_id=merge.id, moves=moves, stored=stored)
        total += sum(points for *_, points in moves[len(merge.moves) :])
    return total
