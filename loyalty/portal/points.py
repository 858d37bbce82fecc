"""The customer's points in a few figures, as two of their pages show them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from loyalty.core.periods import business_day
from loyalty.customers.values import CustomerID
from loyalty.points.queries import coming, next_expiry, standing
from loyalty.points.rules.lifetimes import last_day
from loyalty.sharing.queries import purse_of
from loyalty.stores.queries import get_programme


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsNow:
    """What a customer has, what is coming and what will expire."""

    available: int
    owing: int
    pending: int
    pending_until: date | None
    """The day on which the first of those that are coming can be spent."""

    expiring: int
    last_day: date | None
    """The last one on which they are good."""


def points_now(db: Session, *, customer_id: CustomerID, now: datetime) -> PointsNow:
    """
    Return the figures of this moment, its days by the programme's calendar.

    What is there is the household's, where the customer belongs to one.
    """
    zone = get_programme(db).time_zone
    purse = purse_of(db, customer_id=customer_id)
    has = standing(db, customer_id=purse, now=now)
    own = standing(db, customer_id=customer_id, now=now)
    next_ones = coming(db, customer_id=customer_id)
    expiry = next_expiry(db, customer_id=purse, now=now)
    return PointsNow(
        available=max(0, has.available),
        owing=has.owing,
        pending=own.pending,
        pending_until=business_day(next_ones.at, zone) if next_ones else None,
        expiring=expiry.points if expiry else 0,
        last_day=last_day(expiry.at, zone) if expiry else None,
    )
