"""Finding, adding and keeping lots of a locked account."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow, LotRow, LotUseRow
from loyalty.points.queries.balances import to_lot
from loyalty.points.rules.lifetimes import expires_at
from loyalty.points.rules.lots import fills, put_back
from loyalty.points.service.posting import use_lots
from loyalty.points.values import Lot, Moved
from loyalty.stores.queries import get_programme
from loyalty.stores.values import Lifetime


def lots_of(
    session: Session, *, customer_id: CustomerID, pending: bool = False
) -> list[Lot]:
    """
    Return what is left of the member's lots, the first to expire first.

    Ask after the account was locked: what is read here is then what there is.
    """
    state = LotRow.matures_at.is_not(None) if pending else LotRow.matures_at.is_(None)
    rows = session.scalars(
        select(LotRow)
        .where(LotRow.customer_id == customer_id, LotRow.remaining > 0, state)
        .order_by(LotRow.expires_at, LotRow.transfer_version, LotRow.place)
        .execution_options(populate_existing=True)
    )
    return [to_lot(row) for row in rows]


def lots_used_by(
    session: Session, *, customer_id: CustomerID, version: int
) -> list[Lot]:
    """Return the lots a transfer took from, with the room there is in each."""
    rows = session.scalars(
        select(LotRow)
        .join(
            LotUseRow,
            (LotUseRow.customer_id == LotRow.customer_id)
            & (LotUseRow.lot_version == LotRow.transfer_version)
            & (LotUseRow.lot_place == LotRow.place),
        )
        .where(
            LotRow.customer_id == customer_id,
            LotUseRow.version == version,
            LotUseRow.points > 0,
        )
        .execution_options(populate_existing=True)
    )
    return [to_lot(row) for row in rows]


def add_lot(
    session: Session,
    *,
    customer_id: CustomerID,
    lot: Lot,
    earned_at: datetime,
    matures_at: datetime | None = None,
) -> None:
    """Add a lot of ``lot.remaining`` points to what its transfer brought."""
    session.add(
        LotRow(
            customer_id=customer_id,
            transfer_version=lot.version,
            place=lot.place,
            points=lot.remaining,
            remaining=lot.remaining,
            earned_at=earned_at,
            expires_at=lot.expires_at,
            matures_at=matures_at,
            purchase_id=lot.purchase_id,
        )
    )
    session.flush()


def restore(
    session: Session,
    *,
    account: AccountRow,
    moved: Moved,
    into: list[Lot],
    now: datetime,
) -> None:
    """
    Put points that became available again into the lots that they were taken from.

    What was owing is filled first. Points for which those lots have no room any more,
    since they went to fill what was owing, make a lot of their own.
    """
    customer_id, version = account.customer_id, moved.version
    back = moved.points - fills(moved.available - moved.points, moved.points)
    uses, homeless = put_back((lot for lot in into if not lot.pending), back)
    use_lots(session, customer_id=customer_id, version=version, uses=uses)
    if homeless:
        programme = get_programme(session)
        ends = expires_at(
            programme.points_rule, earned_at=now, zone=programme.time_zone
        )
        lot = Lot(version=version, place=0, remaining=homeless, expires_at=ends)
        add_lot(session, customer_id=customer_id, lot=lot, earned_at=now)


def note_activity(session: Session, *, customer_id: CustomerID, now: datetime) -> None:
    """Let points last longer where their time is counted since the last activity."""
    programme = get_programme(session)
    rule = programme.points_rule
    if rule.lifetime is not Lifetime.INACTIVITY:
        return
    ends = expires_at(rule, earned_at=now, zone=programme.time_zone)
    session.execute(
        update(LotRow)
        .where(
            LotRow.customer_id == customer_id,
            LotRow.remaining > 0,
            LotRow.expires_at > now,
            LotRow.expires_at < ends,
        )
        .values(expires_at=ends, warned_first_at=None, warned_last_at=None)
        .execution_options(synchronize_session="fetch")
    )
