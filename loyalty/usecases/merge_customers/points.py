"""The points of merged records: they move to the record that stands, and back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID, MergeID
from loyalty.giftcards.service import Following
from loyalty.points.queries import spendable, standing
from loyalty.points.service import move, move_back
from loyalty.points.values import Request

Move = list[int]
"""Who gave, who got, the giver's version of the transfer, and how many points."""


def settle(  # noqa: PLR0913  # of which merge, whose, what moved before, by whom, when
    session: Session,
    *,
    merge_id: MergeID,
    into: CustomerID,
    merged: CustomerID,
    before: Sequence[Move],
    actor: str,
    now: datetime,
) -> list[Move]:
    """
    Move what the merged record has; return all moves of the merge until now.

    What it owes is paid by the standing record, as far as that has points; this can't
    be taken back, since only a return may leave a debt.
    """
    left = standing(session, customer_id=merged, now=now)
    giver, receiver, points = merged, into, left.spendable
    if left.owing:
        own = spendable(session, customer_id=into, now=now)
        giver, receiver, points = into, merged, min(left.owing, own)
    if not points:
        return list(before)
    moved = move(
        session,
        giver=giver,
        receiver=receiver,
        points=points,
        request=_request(merge_id, f"{len(before) + 1}", actor=actor),
        now=now,
    )
    return [*before, [giver, receiver, moved.version, points]]


def unsettle(
    session: Session,
    *,
    merge_id: MergeID,
    moves: Sequence[Move],
    actor: str,
    now: datetime,
) -> tuple[int, int]:
    """
    Move back what moved, the last first, as far as it is still there.

    :returns: how many points went back, and how many could not
    """
    returned = missing = 0
    for place, (giver, receiver, version, points) in reversed([*enumerate(moves, 1)]):
        there = spendable(session, customer_id=CustomerID(receiver), now=now)
        back = min(points, there)
        missing += points - back
        returned += back
        if back:
            move_back(
                session,
                giver=CustomerID(giver),
                receiver=CustomerID(receiver),
                version=version,
                points=back,
                request=_request(merge_id, f"{place}:back", actor=actor),
                now=now,
            )
    return returned, missing


def following(
    merge_id: MergeID, *, into: CustomerID, merged: CustomerID, actor: str
) -> Following:
    """Return whose stored money follows whom by a merge."""
    return Following(giver=merged, receiver=into, key=f"merge:{merge_id}", actor=actor)


def _request(merge_id: MergeID, name: str, *, actor: str) -> Request:
    return Request(
        key=f"merge:{merge_id}:{name}", actor=actor, link=f"merge:{merge_id}"
    )
