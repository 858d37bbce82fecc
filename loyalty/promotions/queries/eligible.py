"""Which customers a promotion is not for, among many."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import STANDING
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import UseRow
from loyalty.promotions.queries.samples import Details, facts_of
from loyalty.promotions.rules.audiences import meets
from loyalty.promotions.rules.conditions import conditions
from loyalty.promotions.values import (
    BirthdayWithinDays,
    DaysSincePurchase,
    PurchaseCount,
    Spent,
)
from loyalty.promotions.values.states import StoredPromotion
from loyalty.stores.queries import get_programme


def barred(
    session: Session,
    *,
    promotions: Sequence[StoredPromotion],
    customer_ids: Collection[CustomerID],
    now: datetime,
) -> dict[str, set[CustomerID]]:
    """
    Return by promotion which of these customers could not use it.

    They are not in its audience, or have used it as often as they may.
    """
    found: dict[str, set[CustomerID]] = {}
    for promotion in promotions:
        outside = _used_up(session, promotion, customer_ids)
        found[promotion.promotion.code] = outside
    for code, outside in _outside(session, promotions, customer_ids, now).items():
        found[code] |= outside
    return found


def _used_up(
    session: Session, promotion: StoredPromotion, customer_ids: Collection[CustomerID]
) -> set[CustomerID]:
    most = promotion.promotion.limits.per_customer
    if most is None:
        return set()
    rows = session.scalars(
        select(STANDING)
        .select_from(UseRow)
        .join(CustomerRow, CustomerRow.id == UseRow.customer_id)
        .where(UseRow.promotion_id == promotion.id, UseRow.given_back_at.is_(None))
        .group_by(STANDING)
        .having(func.count() >= most)
    )
    return {CustomerID(one) for one in rows} & set(customer_ids)


def _outside(
    session: Session,
    promotions: Sequence[StoredPromotion],
    customer_ids: Collection[CustomerID],
    now: datetime,
) -> dict[str, set[CustomerID]]:
    """Return who is not in the audience of the promotions that have one."""
    asked = {
        one.promotion.code: one.promotion.audience
        for one in promotions
        if one.promotion.audience is not None
    }
    if not asked:
        return {}
    zone = get_programme(session).time_zone
    kinds = {type(part) for one in asked.values() for part in conditions(one)}
    details = Details(
        history=bool(kinds & {PurchaseCount, Spent, DaysSincePurchase}),
        birthdays=BirthdayWithinDays in kinds,
    )
    facts = facts_of(session, customer_ids=customer_ids, zone=zone, details=details)
    return {
        code: {
            customer_id
            for customer_id in customer_ids
            if not meets(audience, facts.get(customer_id), at=now, zone=zone)
        }
        for code, audience in asked.items()
    }
