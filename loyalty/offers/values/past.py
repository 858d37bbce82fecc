"""Campaigns that are over, taken over or our own, as they are learned from."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from loyalty.customers.values import CustomerID
from loyalty.offers.values.offers import OfferState


@dataclass(frozen=True, kw_only=True, slots=True)
class PastOffer:
    """
    An offer of a past campaign: what it was for, and what is known of it besides.

    ``percent`` of the price that it took off; ``price``: what the goods of one use
    usually cost, in minor units.
    """

    code: str
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    reward: str | None = None
    percent: int | None = None
    price: int | None = None


class PastRedemption(NamedTuple):
    """A day on which a customer used an offer of a past campaign."""

    customer_id: CustomerID
    offer: str
    day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class PastCampaign:
    """
    A campaign of the system that was there before, both of its days in it.

    Everybody in ``reached`` could use each of the offers; ``held_out`` were drawn by
    lot to get nothing.
    """

    code: str
    kind: str
    first_day: date
    last_day: date
    offers: tuple[PastOffer, ...]
    reached: tuple[CustomerID, ...] = ()
    held_out: tuple[CustomerID, ...] = ()
    redemptions: tuple[PastRedemption, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeOffer:
    """One of our own offers as the recommender learns from it."""

    customer_id: CustomerID
    promotion: str
    state: OfferState
    decided_at: datetime | None
