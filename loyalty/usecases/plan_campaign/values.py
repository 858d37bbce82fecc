"""What goes between planning and the recommender."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from loyalty.customers.values import CustomerID
from loyalty.offers.values import Campaign, CampaignRun, NewOffer, NothingBecause
from loyalty.promotions.values.states import StoredPromotion


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A run with the customers to choose offers for: nobody held out."""

    campaign: Campaign
    run: CampaignRun
    customers: tuple[CustomerID, ...]
    promotions: Mapping[str, StoredPromotion]
    held_out: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What the recommender chose for the customers of a campaign."""

    offers: Sequence[NewOffer]
    nothing: Mapping[CustomerID, NothingBecause] = field(default_factory=dict)
    """Who gets nothing, and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What planning a campaign came to."""

    offers: int = 0
    messages: int = 0
    refused: int = 0
    """Messages that may not be sent; each says why."""

    withdrawn: int = 0
    """Customers who took back their consent while their offers were chosen."""

    def __add__(self, other: "Outcome") -> "Outcome":
        """Add what came of others."""
        return Outcome(
            offers=self.offers + other.offers,
            messages=self.messages + other.messages,
            refused=self.refused + other.refused,
            withdrawn=self.withdrawn + other.withdrawn,
        )
