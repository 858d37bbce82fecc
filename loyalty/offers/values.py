"""The vocabulary of campaigns and offers."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, NewType

from loyalty.customers.values import CustomerID

OfferID = NewType("OfferID", int)
CampaignID = NewType("CampaignID", int)

Reason = dict[str, str | int | float | None]
"""Why a customer gets an offer, as data: ``{"kind": "often_bought", …}``."""

Parts = dict[str, float]
"""What a score is the sum of, by name: ``{"habit": 0.8, …}``, in log-odds."""


class CampaignState(StrEnum):
    """How far a campaign has come."""

    DRAFT = "draft"
    PLANNED = "planned"
    ENDED = "ended"


class OfferState(StrEnum):
    """What became of an offer."""

    OFFERED = "offered"
    DISMISSED = "dismissed"
    """The customer said "not for me"."""

    REDEEMED = "redeemed"


class Aim(StrEnum):
    """What an offer is for."""

    REWARD = "reward"
    """Something the customer buys anyway: thanks."""

    DISCOVERY = "discovery"
    """Something the customer has not bought yet and would like."""


class NothingBecause(StrEnum):
    """Why a customer gets no offer at all."""

    NOTHING_FITS = "nothing_fits"
    """No promotion is for products that the recommender may choose for them."""

    NOT_WANTED = "not_wanted"
    """They said "not for me" to all that is left."""

    HAD_LATELY = "had_lately"
    """All that is left was offered to them in the last days."""

    NOT_WORTH_IT = "not_worth_it"
    """Every offer would cost the shop more than it brings."""

    BUDGET_SPENT = "budget_spent"
    """Money, or the number of offers, went to customers to whom it brings more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """A choice of promotions, offered to customers in a period."""

    id: CampaignID
    code: str
    name: str
    state: CampaignState
    starts_at: datetime
    ends_at: datetime
    offers_per_customer: int
    holdout_percent: int
    promotions: tuple[str, ...]
    planned_at: datetime | None
    discovery_percent: int = 25
    """The least share of its offers that are for something new to the customer."""

    budget: int | None = None
    """The most that its offers may be expected to cost, in minor units."""

    most_offers: int | None = None
    redemption_value: int | None = None
    """What one redemption is worth where no margin is known, in minor units."""

    explores: bool = True
    """Whether offers are drawn by chance among nearly equal ones, so that a later
    model can be judged by what came of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Odds:
    """What the model expected of an offer when it was chosen."""

    probability: float
    """That the customer redeems it."""

    value: float
    """What is expected to come of it for the shop, in minor units."""

    aim: Aim
    parts: Parts
    propensity: float | None = None
    """The chance with which it was drawn, given the customer's offers of lower rank;
    None where nothing is drawn."""

    rank: int = 1
    """Among the customer's offers of the campaign: the order in which they were drawn,
    or of their value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOffer:
    """An offer to make; ``score`` is comparable within one model version."""

    customer_id: CustomerID
    promotion: str
    score: float
    reason: Reason
    model_version: str
    odds: Odds | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A promotion as made to one customer."""

    id: OfferID
    customer_id: CustomerID
    campaign_id: CampaignID
    campaign: str
    promotion: str
    score: float
    reason: Reason
    model_version: str
    valid_from: datetime
    valid_until: datetime
    state: OfferState
    decided_at: datetime | None
    purchase_id: int | None
    odds: Odds | None = None
    """None for an offer made before they were kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignCounts:
    """A campaign's offers and messages at a glance."""

    members: int
    holdout: int
    offers: int
    redeemed: int
    dismissed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCampaign:
    """A campaign to keep as a draft."""

    code: str
    name: str
    starts_at: datetime
    ends_at: datetime
    promotions: tuple[str, ...]
    offers_per_customer: int = 3
    holdout_percent: int = 10
    discovery_percent: int = 25
    budget: int | None = None
    most_offers: int | None = None
    redemption_value: int | None = None
    explores: bool = True


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
