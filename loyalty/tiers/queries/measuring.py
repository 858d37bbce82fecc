"""What members earned or spent: measured over their purchases of a time.

A return counts against the purchase that it belongs to, whenever it was brought back,
so that no return weighs on a time in which its purchase is not counted any more.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    any_,
    case,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import STANDING
from loyalty.customers.values import CustomerID
from loyalty.points.models import TransferRow
from loyalty.points.values import Account
from loyalty.purchases.models import PurchaseRow, ReturnRow
from loyalty.tiers.values import Basis, Ladder, Step

Columns = TypeVarTuple("Columns")

_SHOP_SIDE = (Account.ISSUED, Account.REVERSED)
"""From where earned points come, and where those of returned goods go."""


def measure(
    session: Session,
    *,
    customer_id: CustomerID,
    ladder: Ladder,
    since: datetime,
    now: datetime,
) -> int:
    """Return what one member earned or spent since a moment."""
    found = measures(
        session, customer_ids=[customer_id], ladder=ladder, since=since, now=now
    )
    return found.get(customer_id, 0)


def measures(
    session: Session,
    *,
    customer_ids: Collection[CustomerID],
    ladder: Ladder,
    since: datetime,
    now: datetime,
) -> dict[CustomerID, int]:
    """Return what these members earned or spent; who bought nothing is absent."""
    rows = session.execute(
        measured(ladder, since=since, now=now).where(
            PurchaseRow.customer_id.in_(_records(customer_ids))
        )
    )
    return {CustomerID(customer_id): int(total) for customer_id, total in rows}


def latest_steps(
    session: Session,
    *,
    customer_id: CustomerID,
    ladder: Ladder,
    since: datetime,
    limit: int = 3,
) -> tuple[Step, ...]:
    """Return the latest purchases that counted, the newest first."""
    counted = _counted(ladder.basis).label("counted")
    rows = session.execute(
        _joined(
            select(PurchaseRow.id, PurchaseRow.at, counted).select_from(PurchaseRow),
            ladder.basis,
        )
        .where(
            PurchaseRow.customer_id.in_(_records([customer_id])),
            PurchaseRow.at >= since,
        )
        .group_by(PurchaseRow.id)
        .having(_counted(ladder.basis) > 0)
        .order_by(PurchaseRow.at.desc(), PurchaseRow.id.desc())
        .limit(limit)
    )
    return tuple(
        Step(purchase_id=number, at=at, counted=int(total))
        for number, at, total in rows
    )


def measured(ladder: Ladder, *, since: datetime, now: datetime) -> Select[int, int]:
    """Return the statement that measures every member with a purchase in the time."""
    return (
        _joined(
            select(
                STANDING.label("member"), _counted(ladder.basis).label("measure")
            ).select_from(PurchaseRow),
            ladder.basis,
        )
        .join(CustomerRow, CustomerRow.id == PurchaseRow.customer_id)
        .where(PurchaseRow.at >= since, PurchaseRow.at <= now)
        .group_by(STANDING)
    )


def buyers_after(
    session: Session, *, customer_id: CustomerID, limit: int
) -> tuple[CustomerID, ...]:
    """Return the next members who ever bought, by number, after one of them."""
    record = aliased(CustomerRow)
    bought = (
        select(PurchaseRow.id)
        .join(record, record.id == PurchaseRow.customer_id)
        .where(or_(record.id == CustomerRow.id, record.merged_into == CustomerRow.id))
    )
    return tuple(
        session.scalars(
            select(CustomerRow.id)
            .where(
                CustomerRow.id > customer_id,
                CustomerRow.merged_into.is_(None),
                bought.exists(),
            )
            .order_by(CustomerRow.id)
            .limit(limit)
        )
    )


def _records(customer_ids: Collection[CustomerID]) -> Select[CustomerID]:
    """Return the numbers under which these members' purchases stand."""
    chosen = any_(literal(list(customer_ids), ARRAY(BigInteger)))
    return select(CustomerRow.id).where(
        or_(CustomerRow.id == chosen, CustomerRow.merged_into == chosen)
    )


def _joined(statement: Select[*Columns], basis: Basis) -> Select[*Columns]:
    if basis is Basis.SPENT:
        return statement
    return statement.join(TransferRow, TransferRow.purchase_id == PurchaseRow.id)


def _counted(basis: Basis) -> ColumnElement[int]:
    if basis is Basis.SPENT:
        back = (
            select(func.coalesce(func.sum(ReturnRow.refund), 0))
            .where(ReturnRow.purchase_id == PurchaseRow.id)
            .scalar_subquery()
        )
        return func.sum(PurchaseRow.net - back)
    signed = case(
        (TransferRow.debit.in_(_SHOP_SIDE), TransferRow.amount),
        (TransferRow.credit.in_(_SHOP_SIDE), -TransferRow.amount),
        else_=0,
    )
    return func.sum(signed)
