"""The vocabulary of campaigns."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from loyalty.customers.values import CustomerID
from loyalty.offers.values.audiences import Audience
from loyalty.offers.values.offers import CampaignID
from loyalty.offers.values.triggers import Once, Trigger

CampaignRunID = NewType("CampaignRunID", int)

BUILT_IN = "offer"
"""The template of a campaign that names no other."""

FIRST = "first"
"""The occasion of the only run of a campaign that runs once."""


class CampaignState(StrEnum):
    """How far a campaign has come."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    """Launched; its first run is still to come."""

    RUNNING = "running"
    PAUSED = "paused"
    """Nothing leaves and no run begins until somebody resumes it."""

    STOPPED = "stopped"
    """By the kill switch: what was planned is cancelled."""

    FINISHED = "finished"


GOING = frozenset({CampaignState.SCHEDULED, CampaignState.RUNNING})
"""The states in which runs begin by themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """One of the ways in which a campaign's message is told."""

    code: str
    share: int
    """Of the customers, in percent; all shares together are 100."""

    template: str | None = None
    """Another template than the campaign's."""

    hour: int | None = None
    """From which hour of the customer's clock it may be sent."""


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
    """The least share of its offers that are for something new to the customer."""

    budget: int | None = None
    """The most that its offers may be expected to cost, in minor units."""

    most_offers: int | None = None
    redemption_value: int | None = None
    """What one redemption is worth where no margin is known, in minor units."""

    explores: bool = True
    """Whether offers are drawn by chance among nearly equal ones, so that a later
    model can be judged by what came of them."""

    audience: Audience = field(default_factory=Audience)
    trigger: Trigger = field(default_factory=Once)
    valid_days: int = 14
    """For how long the offers of a run can be used, where it runs more than once."""

    template: str = BUILT_IN
    """``offer``, or ``own:<code>@<version>`` of a marketer."""

    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign(NewCampaign):
    """A choice of promotions, offered to an audience on its occasions."""

    id: CampaignID
    state: CampaignState
    planned_at: datetime | None = None
    """When its first offers were made."""

    next_run_at: datetime | None = None
    stopped_at: datetime | None = None
    withdrawn: bool = False
    """Whether stopping it took back the offers that were not used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignRun:
    """One occasion of a campaign; its offers can be used from start to end."""

    id: CampaignRunID
    campaign_id: CampaignID
    occasion: str
    """As ``2026-12-24``: what is told on it is told once."""

    starts_at: datetime
    ends_at: datetime
    planned_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """Something that happened to a customer, by which they come into a campaign."""

    customer_id: CustomerID
    occasion: str
    """As ``birthday:2026-12-24``: the same is met once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """How a customer is in a run."""

    occasion: str
    holdout: bool
    variant: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignCounts:
    """A campaign's offers and messages at a glance."""

    members: int
    holdout: int
    offers: int
    redeemed: int
    dismissed: int
