"""Undoing a merge: each record has again what it had."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.customers.queries import get_profile
from loyalty.customers.service.merging import give_back, locked_merge, unlink
from loyalty.customers.values import CustomerID, MergeID
from loyalty.giftcards.service import give_stored_back
from loyalty.sharing.service import check_own_balance
from loyalty.tiers.service import give_tier_back
from loyalty.usecases.merge_customers.consents import take_back
from loyalty.usecases.merge_customers.points import following, unsettle


@dataclass(frozen=True, kw_only=True, slots=True)
class Undone:
    """Two records are on their own again."""

    into: CustomerID
    merged: CustomerID
    points: int
    """How many points went back."""

    missing: int
    """How many could not, because they were spent or expired since."""

    money_missing: tuple[Money, ...] = ()
    """What was stored and could not, because it was spent or expired since."""


def undo_merge(
    session: Session, *, merge_id: MergeID, actor: str, now: datetime
) -> Undone:
    """
    Give both records back what each had; what happened since is the standing one's.

    :raises MergeNotFound: if there is none
    :raises UndoRefused: if it was undone, is older than 30 days, or a later merge
        stands on it
    :raises SharesStill: if the points are in somebody else's balance by now
    """
    merge = locked_merge(session, merge_id=merge_id, now=now)
    check_own_balance(session, customer_id=merge.into_id)
    unlink(session, merge=merge, actor=actor, now=now)
    into = get_profile(session, customer_id=merge.into_id)
    give_back(
        session,
        into=merge.into_id,
        merged=get_profile(session, customer_id=merge.merged_id),
        taken=merge.taken,
    )
    take_back(session, into=into, written=merge.taken["consents"], actor=actor, now=now)
    points, missing = unsettle(
        session,
        merge_id=merge_id,
        moves=merge.taken["moves"],
        actor=actor,
        now=now,
    )
    stored = give_stored_back(
        session,
        following=following(
            merge_id, into=merge.into_id, merged=merge.merged_id, actor=actor
        ),
        moves=merge.taken.get("stored", ()),
        now=now,
    )
    give_tier_back(
        session, into=merge.into_id, taken=merge.taken.get("tier", {}), now=now
    )
    return Undone(
        into=merge.into_id,
        merged=merge.merged_id,
        points=points,
        missing=missing,
        money_missing=tuple(missed for _back, missed in stored if missed),
    )
