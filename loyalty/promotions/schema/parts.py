"""Selectors, requirements, validity and limits of promotion documents."""

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from loyalty.core.periods import MINUTES_A_DAY, WeeklyWindow
from loyalty.promotions.schema.fields import (
    ClockTime,
    DayName,
    Loaded,
    LocalMoment,
    MoneyText,
    Part,
    Several,
    Tagged,
    Text,
    TrueOrFalse,
    Whole,
    same,
)
from loyalty.promotions.values import (
    Counted,
    Counting,
    Limits,
    Payment,
    Quantity,
    Requirement,
    Selector,
    Spend,
    Validity,
)


def ordered(data: Loaded, lower: str, upper: str, field: str) -> None:
    """Refuse a range whose upper end is not above its lower end."""
    low, high = data.get(lower), data.get(upper)
    if low is not None and high is not None and not low < high:
        message = f'Must be above "{lower}".'
        raise ValidationError(message, field)


class PriceRange(Schema):
    """Prices at least one amount and below another."""

    at_least = MoneyText(load_default=None, allow_none=True)
    below = MoneyText(least=1, load_default=None, allow_none=True)

    @validates_schema
    def check(self, data: Loaded, **_: object) -> None:
        """Refuse an empty range."""
        ordered(data, "at_least", "below", "below")
        if data.get("at_least") is None and data.get("below") is None:
            message = 'Must have "at_least" or "below".'
            raise ValidationError(message)


class SelectorPart(Schema):
    """Which units."""

    all = TrueOrFalse(load_default=False)
    skus = Several(Text(), load_default=None, allow_none=True)
    categories = Several(Text(longest=200), load_default=None, allow_none=True)
    brands = Several(Text(), load_default=None, allow_none=True)
    tags = Several(Text(), load_default=None, allow_none=True)
    unit_price = fields.Nested(PriceRange, load_default=None, allow_none=True)
    exception = fields.Nested(
        "SelectorPart", data_key="except", load_default=None, allow_none=True
    )

    @validates_schema
    def check(self, data: Loaded, **_: object) -> None:
        """Ask for either everything or something."""
        narrow = [
            key
            for key in ("skus", "categories", "brands", "tags", "unit_price")
            if data.get(key) is not None
        ]
        if data.get("all") and narrow:
            message = 'Stands beside "all": true, which matches everything.'
            raise ValidationError(message, narrow[0])
        if not data.get("all") and not narrow:
            message = (
                'Must have "all": true or one of skus, categories, brands, tags, '
                "unit_price."
            )
            raise ValidationError(message)

    @post_load
    def build(self, data: Loaded, **_: object) -> object:
        """Return the selector."""
        return self.selector(data)

    @staticmethod
    def selector(data: Loaded) -> Selector:
        """Return the selector within the loaded data."""
        price = data["unit_price"] or {}
        return Selector(
            everything=data["all"],
            skus=data["skus"],
            categories=data["categories"],
            brands=data["brands"],
            tags=data["tags"],
            price_at_least=price.get("at_least"),
            price_below=price.get("below"),
            exclude=data["exception"],
        )


class CountedPart(SelectorPart):
    """So many units of a selector, written inline."""

    quantity = Whole(least=1, most=100_000, required=True)

    @post_load
    def build(self, data: Loaded, **_: object) -> object:
        """Return the selector with its count."""
        return Counted(of=self.selector(data), quantity=data["quantity"])


class SpendPart(Part):
    """A least spend."""

    builds = Spend
    on = fields.Nested(SelectorPart, required=True)
    at_least = MoneyText(least=1, required=True)
    counting = fields.Enum(
        Counting, by_value=True, load_default=Counting.BEFORE_DISCOUNTS
    )


class QuantityPart(Part):
    """A least number of units."""

    builds = Quantity
    of = fields.Nested(SelectorPart, required=True)
    at_least = Whole(least=1, required=True)


def _payment(ways: tuple[str, ...]) -> Requirement:
    return Payment(ways=ways)


REQUIREMENTS = {
    "spend": (fields.Nested(SpendPart), same),
    "quantity": (fields.Nested(QuantityPart), same),
    "payment": (Several(Text()), _payment),
}
"""Each requirement of the document: how it is read, what is made of it."""


class RequirementField(Tagged):
    """One requirement."""

    def __init__(self) -> None:
        super().__init__(lambda: REQUIREMENTS)


class WindowPart(Schema):
    """The same hours on some days of the week."""

    days = Several(DayName(), required=True)
    start = ClockTime(data_key="from", required=True)
    until = ClockTime(required=True)

    @validates_schema
    def check(self, data: Loaded, **_: object) -> None:
        """Refuse a window that begins when the day is over."""
        if data.get("start") == MINUTES_A_DAY:
            message = "Must be before 24:00."
            raise ValidationError(message, "from")

    @post_load
    def build(self, data: Loaded, **_: object) -> WeeklyWindow:
        """Return the window."""
        return WeeklyWindow(
            days=frozenset(data["days"]), start=data["start"], until=data["until"]
        )


class ValidityPart(Part):
    """When and where."""

    builds = Validity
    start = LocalMoment(data_key="from", load_default=None, allow_none=True)
    until = LocalMoment(load_default=None, allow_none=True)
    weekly = Several(fields.Nested(WindowPart), load_default=None, allow_none=True)
    stores = Several(Text(), load_default=None, allow_none=True)
    sales_channels = Several(Text(), load_default=None, allow_none=True)

    @validates_schema
    def check(self, data: Loaded, **_: object) -> None:
        """Refuse a period that is empty."""
        start, until = data.get("start"), data.get("until")
        if start is not None and until is not None and not start < until:
            message = 'Must be after "from".'
            raise ValidationError(message, "until")


class LimitsPart(Part):
    """How often, and how much in all."""

    builds = Limits
    per_purchase = Whole(least=1, load_default=None, allow_none=True)
    per_customer = Whole(least=1, load_default=None, allow_none=True)
    per_customer_per_day = Whole(least=1, load_default=None, allow_none=True)
    total = Whole(least=1, load_default=None, allow_none=True)
    budget = MoneyText(least=1, load_default=None, allow_none=True)
