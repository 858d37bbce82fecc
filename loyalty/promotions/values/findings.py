"""What the check of a draft finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from loyalty.core.money import Money
from loyalty.promotions.values.selectors import Selector


class Severity(StrEnum):
    """What a finding asks for before the promotion may run."""

    ERROR = "error"
    """It makes no sense so: it can't be activated."""

    WARNING = "warning"
    """It may cost more than is meant: somebody must say that it is meant."""

    NOTE = "note"
    """It is good to know."""


class FindingCode(StrEnum):
    """Every finding, by a name that stays."""

    OVER = "over"
    NEVER_IN_THE_WEEK = "never_in_the_week"
    NO_PRODUCT = "no_product"
    NOBODY = "nobody"
    STORE_UNKNOWN = "store_unknown"
    CHANNEL_UNKNOWN = "channel_unknown"
    SPEND_NEVER_REACHED = "spend_never_reached"
    ALWAYS_LOSES = "always_loses"
    BELOW_COST = "below_cost"
    FLOOR_STOPS = "floor_stops"
    GIVES_BASKET_AWAY = "gives_basket_away"
    TWO_WHOLE_PERCENTAGES = "two_whole_percentages"
    OVERLAPS = "overlaps"
    NO_LIMIT = "no_limit"
    NAME_MISSING = "name_missing"
    NO_REDUCTION = "no_reduction"
    BELOW_PRIOR_PRICE = "below_prior_price"


Figure = Money | int | Decimal | str | datetime | tuple[str, ...] | Selector


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductFigure:
    """An article whose price is at fault."""

    sku: str
    price: Money
    reduced: Money
    """What the promotion would make of the price, of one unit."""

    limit: Money
    """The price that it would fall below: a floor, a cost, or that of before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorstBasket:
    """The recorded basket of which the promotion, with others, leaves the least."""

    store: str
    at: datetime
    gross: Money
    paid: Money
    without: Money
    """What it costs without the draft."""

    promotions: tuple[str, ...]
    """What applies to it."""

    lines: tuple[tuple[str, Decimal], ...]
    """Articles and quantities."""

    looked_at: int
    """How many recorded baskets were priced to find it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that the check of a draft found."""

    code: FindingCode
    severity: Severity
    pointer: str = ""
    """Where in the document it is about, as a JSON pointer."""

    figures: Mapping[str, Figure] = field(default_factory=dict)
    """What the sentence says, by name."""

    products: tuple[ProductFigure, ...] = ()
    """The articles at fault, the worst first; not all if there are many."""

    promotions: tuple[str, ...] = ()
    """The codes of the other promotions it is about."""

    basket: WorstBasket | None = None
