"""Giving back what a purchase used, and taking back what it earned."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.offers.service import reopen
from loyalty.points.queries.transfers import (
    points_of_purchase,
    taken_back_of_purchase,
)
from loyalty.points.service import take_back
from loyalty.points.values import Request
from loyalty.promotions.queries import get_row
from loyalty.promotions.service import give_back
from loyalty.promotions.service.codes import return_codes
from loyalty.purchases.values import Purchase
from loyalty.sharing.queries import earned_by


@dataclass(frozen=True, kw_only=True, slots=True)
class Undoing:
    """Of which purchase something is undone, by whom, and how it is known again."""

    purchase: Purchase
    customer_id: CustomerID | None
    """Whom the purchase belongs to now."""

    actor: str
    key: str


def give_uses_back(
    session: Session, undoing: Undoing, *, promotions: Collection[str], now: datetime
) -> tuple[str, ...]:
    """
    Free the limits, codes and offers that promotions used, each once.

    :returns: the promotions whose uses came back now
    """
    purchase_id = undoing.purchase.id
    given = give_back(session, purchase_id=purchase_id, promotions=promotions, now=now)
    for code in given:
        promotion_id = get_row(session, code=code).id
        return_codes(
            session, purchase_id=purchase_id, promotion_id=promotion_id, now=now
        )
    reopen(session, purchase_id=purchase_id, promotions=given)
    return given


def take_points(
    session: Session, undoing: Undoing, *, points: int, now: datetime
) -> int:
    """
    Take points back that the purchase earned, as far as it still has them.

    :returns: how many were taken
    """
    purchase = undoing.purchase
    if undoing.customer_id is None or not points:
        return 0
    left = points_of_purchase(
        session, purchase_id=purchase.id
    ) - taken_back_of_purchase(session, purchase_id=purchase.id)
    points = min(points, left)
    if points <= 0:
        return 0
    take_back(
        session,
        customer_id=earned_by(
            session, customer_id=undoing.customer_id, purchase_id=purchase.id
        ),
        purchase_id=purchase.id,
        points=points,
        request=Request(
            key=f"{undoing.key}:earned",
            actor=undoing.actor,
            store_id=purchase.store_id,
        ),
        now=now,
    )
    return points
