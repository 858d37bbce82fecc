"""Correcting a balance by hand: with a reason, and above a limit by two people."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Forbidden, Invalid, Refused
from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow, AdjustmentRow
from loyalty.points.queries.adjustments import AdjustmentNotFound, to_adjustment
from loyalty.points.rules.lifetimes import expires_at
from loyalty.points.rules.lots import fills
from loyalty.points.service.lots import add_lot
from loyalty.points.service.posting import (
    Order,
    RequestKeyReused,
    lock_account,
    post,
    replayed,
    use_lots,
)
from loyalty.points.service.spending import check_enough, take_available
from loyalty.points.values import (
    Account,
    Adjustment,
    AdjustmentID,
    AdjustmentState,
    Kind,
    Lot,
    LotUse,
    Moved,
    Request,
)
from loyalty.stores.queries import get_programme


class SecondPersonNeeded(Forbidden):
    """Whoever asked for a correction can't be the one who approves it."""

    code = "second_person_needed"


class AlreadyDecided(Refused):
    """The correction was approved or refused before."""

    code = "already_decided"


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """Points to add (positive) or take away (negative), and why."""

    points: int
    reason: str
    request: Request


def adjust(
    session: Session,
    *,
    customer_id: CustomerID,
    correction: Correction,
    limit: int,
    now: datetime,
) -> Moved | Adjustment:
    """
    Correct a balance by hand; above the limit it waits for a second person.

    :param limit: the most points that this person may correct alone
    :returns: what moved, or what waits for :func:`approve` or :func:`refuse`
    :raises Invalid: without a reason or points
    :raises NotEnoughPoints: if more are to be taken away than there are
    :raises RequestKeyReused: if the key belongs to another movement
    """
    _check(correction)
    account = lock_account(session, customer_id=customer_id)
    waiting = _asked_before(session, customer_id, correction)
    if waiting is not None:
        return to_adjustment(waiting)
    moved = replayed(
        session,
        customer_id=customer_id,
        key=correction.request.key,
        content=_content(correction),
    )
    if moved is not None:
        return moved
    if abs(correction.points) <= limit:
        return _adjust(session, account, correction, now=now)
    row = AdjustmentRow(
        customer_id=customer_id,
        points=correction.points,
        reason=correction.reason.strip(),
        request_key=correction.request.key,
        store_id=correction.request.store_id,
        state=AdjustmentState.ASKED,
        asked_by=correction.request.actor,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    _note(session, row, "points.adjustment.ask", row.asked_by, now)
    return to_adjustment(row)


def approve(
    session: Session, *, adjustment_id: AdjustmentID, actor: str, now: datetime
) -> Moved:
    """
    Let a correction happen that somebody else asked for.

    :raises AdjustmentNotFound: if there is none with this number
    :raises AlreadyDecided: if it does not wait any more
    :raises SecondPersonNeeded: if the same person asked for it
    :raises NotEnoughPoints: if the member has not so many points any more
    """
    row = _waiting(session, adjustment_id)
    if row.asked_by == actor:
        message = "Another person must approve what you asked for."
        raise SecondPersonNeeded(message)
    account = lock_account(session, customer_id=row.customer_id)
    correction = Correction(
        points=row.points,
        reason=row.reason,
        request=Request(
            key=row.request_key,
            actor=row.asked_by,
            store_id=row.store_id,
            link=f"approved:{actor}",
        ),
    )
    moved = _adjust(session, account, correction, now=now)
    _decide(row, AdjustmentState.APPROVED, actor, now)
    _note(session, row, "points.adjustment.approve", actor, now)
    return moved


def refuse(
    session: Session, *, adjustment_id: AdjustmentID, actor: str, now: datetime
) -> None:
    """
    Say no to a correction; who asked for it may take it back so.

    :raises AdjustmentNotFound: if there is none with this number
    :raises AlreadyDecided: if it does not wait any more
    """
    row = _waiting(session, adjustment_id)
    decided_by = actor if actor != row.asked_by else f"{actor}:withdrawn"
    _decide(row, AdjustmentState.REFUSED, decided_by, now)
    _note(session, row, "points.adjustment.refuse", actor, now)


def _check(correction: Correction) -> None:
    if not correction.points:
        message = "Name how many points: above zero to add, below to take away."
        raise Invalid.field(pointer="/points", message=message)
    if not correction.reason.strip():
        message = "Say why: the member and the audit see it."
        raise Invalid.field(pointer="/reason", message=message)


def _content(correction: Correction) -> dict[str, object]:
    return {
        "kind": Kind.ADJUST,
        "points": correction.points,
        "reason": correction.reason.strip(),
    }


def _asked_before(
    session: Session, customer_id: CustomerID, correction: Correction
) -> AdjustmentRow | None:
    row = session.scalar(
        select(AdjustmentRow).where(
            AdjustmentRow.customer_id == customer_id,
            AdjustmentRow.request_key == correction.request.key,
        )
    )
    if row is None:
        return None
    if (row.points, row.reason) != (correction.points, correction.reason.strip()):
        message = f"The key {correction.request.key} was used for another correction."
        raise RequestKeyReused(message)
    return row


def _waiting(session: Session, adjustment_id: AdjustmentID) -> AdjustmentRow:
    row = session.scalar(
        select(AdjustmentRow)
        .where(AdjustmentRow.id == adjustment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        message = f"There is no correction {adjustment_id}."
        raise AdjustmentNotFound(message)
    if row.state is not AdjustmentState.ASKED:
        message = f"The correction was {row.state} before."
        raise AlreadyDecided(message)
    return row


def _decide(
    row: AdjustmentRow, state: AdjustmentState, actor: str, now: datetime
) -> None:
    row.state = state
    row.decided_by = actor
    row.decided_at = now


def _note(
    session: Session, row: AdjustmentRow, action: str, actor: str, now: datetime
) -> None:
    audit.record(
        session,
        now=now,
        actor=actor,
        action=action,
        subject=f"customer:{row.customer_id}",
        after={"adjustment": row.id, "points": row.points, "reason": row.reason},
    )


def _adjust(
    session: Session, account: AccountRow, correction: Correction, *, now: datetime
) -> Moved:
    gained = correction.points > 0
    order = Order(
        kind=Kind.ADJUST,
        debit=Account.ADJUSTED if gained else Account.AVAILABLE,
        credit=Account.AVAILABLE if gained else Account.ADJUSTED,
        points=abs(correction.points),
        request=correction.request,
        content=_content(correction),
        reason=correction.reason.strip(),
    )
    if gained:
        return add_available(session, account=account, order=order, now=now)
    check_enough(session, account, order.points, now=now)
    return take_available(session, account=account, order=order, now=now)


def add_available(
    session: Session, *, account: AccountRow, order: Order, now: datetime
) -> Moved:
    """Credit points as a lot of its own, after what was owing is filled."""
    programme = get_programme(session)
    rule = programme.points_rule
    ends = expires_at(rule, earned_at=now, zone=programme.time_zone)
    owed = fills(account.available, order.points)
    moved = post(
        session, account=account, order=replace(order, expires_at=ends), now=now
    )
    lot = Lot(version=moved.version, place=0, remaining=order.points, expires_at=ends)
    add_lot(session, customer_id=account.customer_id, lot=lot, earned_at=now)
    fill = LotUse(version=lot.version, place=lot.place, points=owed)
    use_lots(
        session, customer_id=account.customer_id, version=moved.version, uses=[fill]
    )
    return moved
