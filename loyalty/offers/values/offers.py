"""The vocabulary of offers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from loyalty.customers.values import CustomerID

OfferID = NewType("OfferID", int)
CampaignID = NewType("CampaignID", int)

Reason = dict[str, str | int | float | None]
"""Why a customer gets an offer, as data: ``{"kind": "often_bought", …}``."""

Parts = dict[str, float]
"""What a score is the sum of, by name: ``{"habit": 0.8, …}``, in log-odds."""


class OfferState(StrEnum):
    """What became of an offer."""

    OFFERED = "offered"
    DISMISSED = "dismissed"
    """The customer said "not for me"."""

    REDEEMED = "redeemed"
    WITHDRAWN = "withdrawn"
    """Its campaign was stopped, and the offer taken back."""


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
