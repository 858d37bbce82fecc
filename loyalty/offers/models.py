"""Tables for campaigns and offers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import CustomerID
from loyalty.offers.values import (
    Aim,
    CampaignID,
    CampaignRunID,
    CampaignState,
    NothingBecause,
    OfferID,
    OfferState,
    Parts,
    Reason,
)
from loyalty.promotions.values.states import PromotionID


class CampaignRow(Base):
    """Some promotions, for whom, when, and how many a customer gets."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint("offers_per_customer between 1 and 10", name="offers"),
        CheckConstraint("holdout_percent between 0 and 50", name="holdout"),
        CheckConstraint("discovery_percent between 0 and 100", name="discovery"),
        CheckConstraint("valid_days between 1 and 365", name="valid_days"),
        CheckConstraint(
            "budget >= 0 and most_offers >= 0 and redemption_value >= 0",
            name="limits",
        ),
    )

    id: Mapped[CampaignID] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    state: Mapped[CampaignState]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    offers_per_customer: Mapped[int] = mapped_column(SmallInteger)
    holdout_percent: Mapped[int] = mapped_column(SmallInteger)
    discovery_percent: Mapped[int] = mapped_column(SmallInteger)
    budget: Mapped[int | None]
    most_offers: Mapped[int | None]
    redemption_value: Mapped[int | None]
    explores: Mapped[bool]
    audience: Mapped[dict[str, Any]] = mapped_column(JSONB)
    trigger: Mapped[dict[str, Any]] = mapped_column(JSONB)
    valid_days: Mapped[int] = mapped_column(SmallInteger)
    template: Mapped[str]
    variants: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    planned_at: Mapped[datetime | None]
    next_run_at: Mapped[datetime | None] = mapped_column(index=True)
    stopped_at: Mapped[datetime | None]
    withdrawn: Mapped[bool]
    """Whether stopping it took back the offers that were not used."""


class CampaignRunRow(Base):
    """One occasion of a campaign: a day of its calendar, or of its events."""

    __tablename__ = "campaign_run"
    __table_args__ = (
        UniqueConstraint("campaign_id", "occasion"),
        CheckConstraint("starts_at < ends_at", name="period"),
    )

    id: Mapped[CampaignRunID] = mapped_column(Identity(), primary_key=True)
    campaign_id: Mapped[CampaignID] = mapped_column(ForeignKey("campaign.id"))
    occasion: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    planned_at: Mapped[datetime | None]
    """When its offers were made; None while they are still to come."""


class CampaignPromotionRow(Base):
    """A promotion that the recommender may choose for the campaign."""

    __tablename__ = "campaign_promotion"

    campaign_id: Mapped[CampaignID] = mapped_column(
        ForeignKey("campaign.id"), primary_key=True
    )
    promotion_id: Mapped[PromotionID] = mapped_column(
        ForeignKey("promotion.id"), primary_key=True
    )


class CampaignMemberRow(Base):
    """
    A customer in a campaign: treated, or held out to compare with.

    The occasion is the run's, or what happened to the customer: one of either is met
    once, whatever is started again.
    """

    __tablename__ = "campaign_member"

    campaign_id: Mapped[CampaignID] = mapped_column(
        ForeignKey("campaign.id"), primary_key=True
    )
    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True, index=True
    )
    occasion: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[CampaignRunID] = mapped_column(
        ForeignKey("campaign_run.id"), index=True
    )
    holdout: Mapped[bool]
    variant: Mapped[str | None]
    nothing_because: Mapped[NothingBecause | None]
    """Why the treated customer got no offer; None when they got one."""


class OfferRow(Base):
    """A promotion made to one customer, with the reason why."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("customer_id", "run_id", "promotion_id"),
        CheckConstraint("valid_from < valid_until", name="validity"),
        CheckConstraint("probability between 0 and 1", name="probability"),
        CheckConstraint("propensity > 0 and propensity <= 1", name="propensity"),
        Index(None, "customer_id", "valid_until"),
    )

    id: Mapped[OfferID] = mapped_column(Identity(), primary_key=True)
    customer_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    campaign_id: Mapped[CampaignID] = mapped_column(
        ForeignKey("campaign.id"), index=True
    )
    run_id: Mapped[CampaignRunID] = mapped_column(
        ForeignKey("campaign_run.id"), index=True
    )
    promotion_id: Mapped[PromotionID] = mapped_column(ForeignKey("promotion.id"))
    score: Mapped[float]
    reason: Mapped[Reason] = mapped_column(JSONB)
    model_version: Mapped[str]
    probability: Mapped[float | None]
    value: Mapped[float | None]
    propensity: Mapped[float | None]
    rank: Mapped[int | None] = mapped_column(SmallInteger)
    aim: Mapped[Aim | None]
    parts: Mapped[Parts | None] = mapped_column(JSONB(none_as_null=True))
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    state: Mapped[OfferState]
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    purchase_id: Mapped[int | None] = mapped_column(ForeignKey("purchase.id"))


class PastCampaignRow(Base):
    """A campaign of the system that was there before, to learn from."""

    __tablename__ = "past_campaign"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="period"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class PastOfferRow(Base):
    """An offer of a past campaign, which all whom it reached could use."""

    __tablename__ = "past_offer"
    __table_args__ = (
        UniqueConstraint("campaign_id", "code"),
        CheckConstraint("percent between 0 and 100", name="percent"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint(
            "cardinality(skus) + cardinality(categories) > 0", name="goods"
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("past_campaign.id"))
    code: Mapped[str]
    reward: Mapped[str | None]
    percent: Mapped[int | None] = mapped_column(SmallInteger)
    """How much of the price it took off."""

    price: Mapped[int | None]
    """What the goods of one use usually cost, in minor units."""

    skus: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    categories: Mapped[list[str]] = mapped_column(ARRAY(TEXT))


class PastRecipientRow(Base):
    """A customer whom a past campaign reached, or held out to compare with."""

    __tablename__ = "past_recipient"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("past_campaign.id"), primary_key=True, index=True
    )
    holdout: Mapped[bool]


class PastRedemptionRow(Base):
    """A day on which a customer used an offer of a past campaign."""

    __tablename__ = "past_redemption"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    offer_id: Mapped[int] = mapped_column(
        ForeignKey("past_offer.id"), primary_key=True, index=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
