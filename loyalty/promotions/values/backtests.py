"""What a back-test is made from, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, NewType

from loyalty.promotions.values.baskets import (
    CatalogueFacts,
    CustomerFacts,
    Programme,
)
from loyalty.promotions.values.documents import Promotion

BacktestID = NewType("BacktestID", int)


class BacktestState(StrEnum):
    """How far a back-test has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Bought(NamedTuple):
    """
    A recorded purchase as it is priced again.

    Its lines stand in columns of plain numbers and texts: there are millions of them.
    """

    id: int
    at: datetime
    store: str
    sales_channel: str
    currency: str
    payment: str | None
    delivery: int
    """What was paid for it, in minor units: what it cost before is not recorded."""

    customer: int | None
    skus: tuple[str, ...]
    thousandths: tuple[int, ...]
    """The quantities: units or kilograms, times 1,000."""

    unit_prices: tuple[int, ...]
    """In minor units, tax included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What does not change during a back-test."""

    draft: Promotion
    """As it would have run: by itself, at any time."""

    others: tuple[Promotion, ...]
    """What runs beside it, the older first."""

    programmes: Mapping[str, Programme]
    """How each store prices, by its code."""

    shoppers: int
    """Customers who bought in the period, and baskets without a card."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Some consecutive purchases, with the facts that pricing them reads."""

    seen: int
    """How many purchases it stands for; those that cannot matter are left out."""

    baskets: tuple[Bought, ...]
    """In the order of time."""

    products: CatalogueFacts
    customers: Mapping[int, CustomerFacts] = field(default_factory=dict)


class Effect(NamedTuple):
    """What the draft did to one basket; money in minor units."""

    purchase: int
    at: datetime
    day: date
    """In the store's own time."""

    store: str
    customer: int | None
    given: int
    """What the draft itself takes off: what its budget pays."""

    cost: int
    """How much less the customer pays than without it, delivery included."""

    points: int
    """How many points more the customer earns."""

    times: int
    before: int
    """The price to pay without it, delivery included."""

    known_before: int
    """What lines whose cost is known bring without it,"""

    known_after: int
    """and with it,"""

    known_cost: int
    """and what they cost the shop."""

    proven: bool
    """False when a search was cut short: the prices may not be the lowest."""


@dataclass(kw_only=True, slots=True)
class Share:
    """One bar of a chart: baskets with the draft, and what it cost on them."""

    baskets: int = 0
    cost: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """Where the cost would lie for other shoppers like these, 19 times in 20."""

    low: int
    high: int
    shoppers: int
    """How many were drawn from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Margin:
    """What the lines with a known cost bring, in the baskets with the draft."""

    before: int
    after: int
    cost: int
    share: float
    """Of the baskets' price to pay: how much of it is such lines."""

    below_cost: int
    """How many of those baskets it brings below what they cost."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backtest:
    """What a promotion would have done; money in minor units."""

    baskets: int
    """How many were looked at,"""

    concerned: int
    """how many of them hold something that it is about,"""

    touched: int
    """and how many it applied to: one use each."""

    customers: int
    """Whose baskets these are."""

    without_card: int
    times: int
    """How many sets; as many as baskets for most rewards."""

    given: int
    cost: int
    points: int
    interval: Interval | None
    """None when nothing was given, or too few shoppers bought."""

    margin: Margin | None
    """None when the cost of nothing in these baskets is known."""

    by_day: Mapping[date, Share]
    by_store: Mapping[str, Share]
    by_segment: Mapping[str, Share]
    """The key "" is customers in no segment; "-" baskets without a card."""

    worst: Effect | None
    """The basket on which most was given away."""

    limit_reached: datetime | None
    """When its own total or budget was used up, or first refused somebody."""

    unproven: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredBacktest:
    """A back-test as it stands."""

    id: BacktestID
    promotion: str
    version: int | None
    """Of the promotion, if the document is a saved one."""

    document: Mapping[str, Any]
    since: datetime | None
    until: datetime
    state: BacktestState
    done: int
    total: int
    result: Mapping[str, Any] | None
    problem: str | None
    asked_at: datetime
    asked_by: str
    finished_at: datetime | None
    seconds: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A back-test that a run has taken, and by which attempt."""

    backtest: StoredBacktest
    attempt: int
