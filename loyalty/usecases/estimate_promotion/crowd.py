"""How many members a promotion is for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.customers.queries import count_customers
from loyalty.customers.values import CustomerID
from loyalty.promotions.queries.samples import Details, facts_of, sample_members
from loyalty.promotions.rules.audiences import meets
from loyalty.promotions.rules.conditions import conditions
from loyalty.promotions.values import (
    BirthdayWithinDays,
    DaysSincePurchase,
    Promotion,
    PurchaseCount,
    Spent,
)
from loyalty.stores.queries import get_programme

MOST_CUSTOMERS: Final = 1_000
"""Beyond so many members a sample is counted and scaled up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowd:
    """How many members the promotion is for, and one of them."""

    count: int
    members: int
    exact: bool
    """False when it was counted in a sample and scaled up."""

    example: CustomerID | None
    example_purchases: int = 0
    example_last: datetime | None = None


def estimate_crowd(session: Session, *, promotion: Promotion, now: datetime) -> Crowd:
    """Return how many members are in the promotion's audience now."""
    members = count_customers(session)
    audience = promotion.audience
    sample = sample_members(session, at_most=MOST_CUSTOMERS)
    zone = get_programme(session).time_zone
    kinds = {type(asked) for asked in conditions(audience)}
    details = Details(
        history=bool(kinds & {PurchaseCount, Spent, DaysSincePurchase}),
        birthdays=BirthdayWithinDays in kinds,
    )
    facts = facts_of(session, customer_ids=sample, zone=zone, details=details)
    inside = [
        customer_id
        for customer_id, known in facts.items()
        if audience is None or meets(audience, known, at=now, zone=zone)
    ]
    exact = members <= len(sample)
    count = len(inside) if exact else round(len(inside) * members / len(sample))
    if not inside:
        return Crowd(count=count, members=members, exact=exact, example=None)
    example = inside[len(inside) // 2]
    bought = facts_of(session, customer_ids=[example], zone=zone, details=Details())
    past = bought[example].purchases
    return Crowd(
        count=count,
        members=members,
        exact=exact,
        example=example,
        example_purchases=len(past),
        example_last=max((purchase.at for purchase in past), default=None),
    )
