"""What a promotion gives: one class for each reward of the document."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from loyalty.core.money import Money
from loyalty.promotions.values.selectors import Counted, Selector


class Which(StrEnum):
    """Which units come first when a reward takes only some."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"


class Per(StrEnum):
    """Whether an amount comes off each unit or once."""

    UNIT = "unit"
    BASKET = "basket"


class StepsBy(StrEnum):
    """What steps are measured by."""

    SPEND = "spend"
    QUANTITY = "quantity"


@dataclass(frozen=True, kw_only=True, slots=True)
class Units:
    """At most so many units, the cheapest or the dearest."""

    at_most: int
    which: Which


@dataclass(frozen=True, kw_only=True, slots=True)
class PercentOff:
    """A percentage off the matching units, at most some amount of money."""

    percent: Decimal
    on: Selector
    units: Units | None = None
    at_most: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AmountOff:
    """An amount off each matching unit, or once, shared over them by value."""

    amount: Money
    on: Selector
    per: Per
    units: Units | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FixedPrice:
    """Each matching unit costs this, never more than before."""

    price: Money
    on: Selector
    units: Units | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BuyGet:
    """For each set bought, further units are reduced by ``percent``."""

    buy: Counted
    get: Counted
    percent: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """One of each part together cost the price."""

    parts: tuple[Counted, ...]
    price: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """From a spend, or a number of units, on: a percentage or an amount off."""

    at_least: Money | int
    percent: Decimal | None = None
    amount: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """The highest step that the matching units reach."""

    by: StepsBy
    on: Selector
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FreeItem:
    """So many units of a product are free."""

    sku: str
    quantity: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FreeDelivery:
    """The delivery fee, up to some amount."""

    at_most: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsTimes:
    """Points for matching units are multiplied."""

    factor: Decimal
    on: Selector


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsPlus:
    """Extra points."""

    points: int


Reward = (
    PercentOff
    | AmountOff
    | FixedPrice
    | BuyGet
    | Bundle
    | Steps
    | FreeItem
    | FreeDelivery
    | PointsTimes
    | PointsPlus
)


def is_whole_basket(reward: Reward) -> bool:
    """Test whether the reward is one on the whole basket, after item rewards."""
    if isinstance(reward, PercentOff):
        return reward.on.is_whole_basket and reward.units is None
    if isinstance(reward, AmountOff):
        return (
            reward.on.is_whole_basket
            and reward.per is Per.BASKET
            and reward.units is None
        )
    return isinstance(reward, Steps) and reward.on.is_whole_basket
