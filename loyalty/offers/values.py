"""The vocabulary of campaigns and offers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from loyalty.customers.values import CustomerID

OfferID = NewType("OfferID", int)
CampaignID = NewType("CampaignID", int)

Reason = dict[str, str | int | float | None]
"""Why a customer gets an offer, as data: ``{"kind": "often_bought", …}``."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOffer:
    """An offer to make; ``score`` is comparable within one model version."""

    customer_id: CustomerID
    promotion: str
    score: float
    reason: Reason
    model_version: str


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
