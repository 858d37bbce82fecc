"""Crediting points, and making pending ones available."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow, LotRow
from loyalty.points.rules.lifetimes import expires_at, matures_at
from loyalty.points.rules.lots import fills
from loyalty.points.service.lots import add_lot, note_activity
from loyalty.points.service.posting import (
    Order,
    lock_account,
    post,
    replayed,
    unmoved,
    use_lots,
)
from loyalty.points.values import Account, Earning, Kind, Lot, LotUse, Moved, Request
from loyalty.stores.queries import get_programme
from loyalty.stores.values import PointsRule


@dataclass(frozen=True, kw_only=True, slots=True)
class _Terms:
    """What holds for points earned at a moment."""

    rule: PointsRule
    expires_at: datetime
    matures_at: datetime | None
    """None when they can be spent at once."""


def earn(
    session: Session, *, customer_id: CustomerID, earning: Earning, now: datetime
) -> Moved:
    """
    Credit points, at most once for a request key.

    They are available at once, or pending for the days of the programme's delay. What
    a return left owing is filled first. No points, no movement.

    :raises Invalid: if the points are negative
    :raises RequestKeyReused: if the key belongs to another movement
    """
    if earning.points < 0:
        message = "Points that are earned are not negative."
        raise Invalid.field(pointer="/points", message=message)
    account = lock_account(session, customer_id=customer_id)
    content = earned_content(earning)
    key = earning.request.key
    earlier = replayed(session, customer_id=customer_id, key=key, content=content)
    if earlier is not None:
        return earlier
    if not earning.points:
        return unmoved(account)
    terms = _terms(session, earning, now=now)
    before = account.available
    order = Order(
        kind=Kind.EARN,
        debit=Account.ISSUED,
        credit=Account.PENDING if terms.matures_at else Account.AVAILABLE,
        points=earning.points,
        request=earning.request,
        content=content,
        purchase_id=earning.purchase_id,
        rule_version=terms.rule.version,
        expires_at=terms.expires_at,
    )
    moved = post(session, account=account, order=order, now=now)
    lot = Lot(
        version=moved.version,
        place=0,
        remaining=earning.points,
        expires_at=terms.expires_at,
        purchase_id=earning.purchase_id,
    )
    add_lot(
        session,
        customer_id=customer_id,
        lot=lot,
        earned_at=now,
        matures_at=terms.matures_at,
    )
    if not terms.matures_at:
        _fill(session, customer_id, moved, lot, owed=fills(before, moved.points))
    note_activity(session, customer_id=customer_id, now=now)
    return moved


def mature(session: Session, *, now: datetime, at_most: int = 500) -> int:
    """
    Make pending points available whose time has come; it may run twice.

    :returns: how many lots it saw to; as many as ``at_most`` means there may be more
    """
    due = session.execute(
        select(LotRow.customer_id, LotRow.transfer_version, LotRow.place)
        .where(LotRow.matures_at <= now)
        .order_by(LotRow.customer_id, LotRow.transfer_version, LotRow.place)
        .limit(at_most)
    ).all()
    account: AccountRow | None = None
    for customer_id, version, place in due:
        if account is None or account.customer_id != customer_id:
            account = lock_account(session, customer_id=customer_id)
        lot = session.get_one(
            LotRow, (customer_id, version, place), populate_existing=True
        )
        # Another run may have seen to it while this one waited for the account.
        if lot.matures_at is not None and lot.matures_at <= now:
            _mature(session, account, lot, now=now)
    return len(due)


def earned_content(earning: Earning) -> dict[str, object]:
    """Return what makes an earning this one and no other."""
    return {
        "kind": Kind.EARN,
        "points": earning.points,
        "purchase": earning.purchase_id,
    }


def _terms(session: Session, earning: Earning, *, now: datetime) -> _Terms:
    programme = get_programme(session)
    rule = earning.rule or programme.points_rule
    zone: tzinfo = programme.time_zone
    matures = None
    if rule.delay_days and not earning.immediately:
        matures = matures_at(rule, earned_at=now, zone=zone)
    return _Terms(
        rule=rule,
        expires_at=expires_at(rule, earned_at=now, zone=zone),
        matures_at=matures,
    )


def _mature(
    session: Session, account: AccountRow, row: LotRow, *, now: datetime
) -> None:
    row.matures_at = None
    if not row.remaining:
        session.flush()
        return
    before = account.available
    name = f"{row.transfer_version}.{row.place}"
    order = Order(
        kind=Kind.MATURE,
        debit=Account.PENDING,
        credit=Account.AVAILABLE,
        points=row.remaining,
        request=Request(key=f"mature:{name}", actor="system"),
        content={"kind": Kind.MATURE, "lot": name},
        purchase_id=row.purchase_id,
        expires_at=row.expires_at,
    )
    moved = post(session, account=account, order=order, now=now)
    lot = Lot(
        version=row.transfer_version,
        place=row.place,
        remaining=row.remaining,
        expires_at=row.expires_at,
    )
    owed = fills(before, moved.points)
    _fill(session, account.customer_id, moved, lot, owed=owed)


def _fill(
    session: Session, customer_id: CustomerID, moved: Moved, lot: Lot, *, owed: int
) -> None:
    """Let points of a lot that became available fill what was owing."""
    if owed:
        use = LotUse(version=lot.version, place=lot.place, points=owed)
        use_lots(session, customer_id=customer_id, version=moved.version, uses=[use])
