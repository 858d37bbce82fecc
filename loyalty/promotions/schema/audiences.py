"""The audience tree of promotion documents."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from loyalty.promotions.schema.fields import (
    Choice,
    Loaded,
    Several,
    Tagged,
    Text,
    TrueOrFalse,
    Whole,
    same,
)
from loyalty.promotions.schema.parts import PriceRange, ordered
from loyalty.promotions.values import (
    AllOf,
    AnyOf,
    Audience,
    BirthdayWithinDays,
    DaysSincePurchase,
    HasCard,
    HomeStore,
    InSegment,
    InterestedIn,
    InTier,
    MemberForDays,
    Not,
    PurchaseCount,
    Range,
    Speaks,
    Spent,
)


class RangePart(Schema):
    """At least one number, below another."""

    at_least = Whole(load_default=None, allow_none=True)
    below = Whole(least=1, load_default=None, allow_none=True)

    @validates_schema
    def check(self, data: Loaded, **_: object) -> None:
        """Refuse an empty range."""
        ordered(data, "at_least", "below", "below")
        if data.get("at_least") is None and data.get("below") is None:
            message = 'Must have "at_least" or "below".'
            raise ValidationError(message)

    @post_load
    def build(self, data: Loaded, **_: object) -> object:
        """Return the range."""
        return Range(at_least=data["at_least"], below=data["below"])


class PurchaseCountPart(RangePart):
    """How many purchases, and since when."""

    within_days = Whole(least=1, load_default=None, allow_none=True)

    @post_load
    def build(self, data: Loaded, **_: object) -> object:
        """Return the condition."""
        count = Range(at_least=data["at_least"], below=data["below"])
        return PurchaseCount(count=count, within_days=data["within_days"])


class SpentPart(PriceRange):
    """How much was paid, and since when."""

    within_days = Whole(least=1, load_default=None, allow_none=True)

    @post_load
    def build(self, data: Loaded, **_: object) -> object:
        """Return the condition."""
        return Spent(**data)


class AudienceField(Tagged):
    """One node of the tree."""

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401 - handed on to marshmallow
        super().__init__(audiences, **rest)


def _of(kind: Callable[..., Audience], name: str) -> Callable[[Any], Audience]:
    return lambda value: kind(**{name: value})


def audiences() -> Mapping[str, Choice]:
    """Return each condition: how it is read, what is made of it."""
    return {
        "all": (Several(AudienceField()), _of(AllOf, "parts")),
        "any": (Several(AudienceField()), _of(AnyOf, "parts")),
        "not": (AudienceField(), _of(Not, "part")),
        "segment": (Text(), _of(InSegment, "segment")),
        "tier": (Text(), _of(InTier, "tier")),
        "member_for_days": (fields.Nested(RangePart), _of(MemberForDays, "days")),
        "purchases": (fields.Nested(PurchaseCountPart), same),
        "spent": (fields.Nested(SpentPart), same),
        "days_since_purchase": (
            fields.Nested(RangePart),
            _of(DaysSincePurchase, "days"),
        ),
        "birthday_within_days": (Whole(most=364), _of(BirthdayWithinDays, "days")),
        "interested_in": (Several(Text(longest=200)), _of(InterestedIn, "categories")),
        "language": (Text(longest=20), _of(Speaks, "language")),
        "home_store": (Text(), _of(HomeStore, "store")),
        "has_card": (TrueOrFalse(), _of(HasCard, "has_card")),
    }
