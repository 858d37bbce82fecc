"""What the checks of a draft know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property

from loyalty.core.money import Money
from loyalty.promotions.rules import rewards
from loyalty.promotions.values import (
    FreeItem,
    Product,
    Promotion,
    Selector,
    Strategy,
)
from loyalty.promotions.values.findings import WorstBasket
from loyalty.promotions.values.prices import PriorPrice


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """An article of the catalogue with its price."""

    product: Product
    price: Money


@dataclass(frozen=True, kw_only=True)
class LintFacts:
    """A draft, and what the shop knows that judges it."""

    promotion: Promotion
    now: datetime
    zone: tzinfo
    strategy: Strategy
    running: tuple[Promotion, ...] = ()
    """The other promotions that run, the oldest first."""

    articles: tuple[Article, ...] = ()
    """Some of what the reward is about; those nearest to their cost come first."""

    unmatched: tuple[Selector, ...] = ()
    """Parts of the reward, or of a requirement, that match nothing in the catalogue."""

    stores: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    """The programme's."""

    largest_basket: Money | None = None
    """The most that was paid at once lately, before discounts."""

    prior: Mapping[str, PriorPrice] | None = None
    """Prices before the draft begins, where it announces prices."""

    worst: WorstBasket | None = None

    @cached_property
    def about(self) -> tuple[Selector, ...]:
        """What the reward is about; whole baskets and delivery are about all."""
        return about(self.promotion)


def about(promotion: Promotion) -> tuple[Selector, ...]:
    """Return the selectors of which a unit must match one to be of interest."""
    if isinstance(promotion.reward, FreeItem):
        return (Selector(skus=(promotion.reward.sku,)),)
    return rewards.selectors(promotion.reward) or (Selector(everything=True),)
