"""Claiming the limits of promotions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import TotalRow, UseRow
from loyalty.promotions.values.states import StoredPromotion
from loyalty.purchases.values import PurchaseID


class UsedUp(Refused):
    """The last redemption, or the last of the budget, went to someone else."""

    code = "promotion_used_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Redemption:
    """What one promotion gave in one purchase; money in minor units."""

    promotion: StoredPromotion
    purchase_id: PurchaseID
    customer_id: CustomerID | None
    times: int
    amount: int
    points: int


def redeem(session: Session, *, redemption: Redemption, now: datetime) -> None:
    """
    Claim a use of the promotion's limits and write it down.

    The caller holds the customer's account, so that two purchases of one customer
    can't both count the same uses.

    :raises UsedUp: if the limits do not cover it whole any more
    """
    limits = redemption.promotion.promotion.limits
    if limits.total is not None or limits.budget is not None:
        _claim(session, redemption)
    session.add(
        UseRow(
            promotion_id=redemption.promotion.id,
            version=redemption.promotion.version,
            purchase_id=redemption.purchase_id,
            customer_id=redemption.customer_id,
            at=now,
            times=redemption.times,
            amount=redemption.amount,
            points=redemption.points,
        )
    )
    session.flush()


def _claim(session: Session, redemption: Redemption) -> None:
    promotion = redemption.promotion
    limits = promotion.promotion.limits
    session.execute(
        insert(TotalRow)
        .values(promotion_id=promotion.id, uses=0, given=0)
        .on_conflict_do_nothing()
    )
    budget = limits.budget.amount if limits.budget is not None else None
    claimed = session.scalar(
        update(TotalRow)
        .where(
            TotalRow.promotion_id == promotion.id,
            true() if limits.total is None else TotalRow.uses < limits.total,
            true() if budget is None else TotalRow.given + redemption.amount <= budget,
        )
        .values(uses=TotalRow.uses + 1, given=TotalRow.given + redemption.amount)
        .returning(TotalRow.promotion_id)
        .execution_options(synchronize_session=False)
    )
    if claimed is None:
        message = f"The promotion {promotion.promotion.code!r} was used up just now."
        raise UsedUp(message)
