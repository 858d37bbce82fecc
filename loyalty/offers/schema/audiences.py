"""The audience of a campaign as a document."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from loyalty.offers.values import (
    AtStore,
    Audience,
    BirthdayIn,
    BoughtFrom,
    Condition,
    EnrolledSince,
    HasPoints,
    InSegment,
    InterestedIn,
    InTier,
    LastPurchase,
    Speaks,
    When,
)
from loyalty.promotions.schema.fields import (
    Choice,
    Loaded,
    Several,
    Tagged,
    Text,
    Whole,
    same,
)

_MOST_CONDITIONS = 20
_LONGEST_AGO = 3650
_LONGEST_PATH = 200
_MONTHS = 12


class Day(fields.Field[When]):
    """A day such as ``"2026-01-31"``, or how many days ago."""

    def _deserialize(self, value: object, *_: object, **__: object) -> When:
        if type(value) is int and 0 <= value <= _LONGEST_AGO:
            return When(days_ago=value)
        if isinstance(value, str):
            try:
                return When(day=date.fromisoformat(value))
            except ValueError:
                pass
        message = (
            'Must be a day such as "2026-01-31", or how many days ago, from 0 to '
            f"{_LONGEST_AGO}."
        )
        raise ValidationError(message)


class PointsPart(Schema):
    """At least, or at most, so many points."""

    at_least = Whole(load_default=None, allow_none=True)
    at_most = Whole(load_default=None, allow_none=True)

    @validates_schema
    def check(self, data: Loaded, **_: object) -> None:
        """Ask for one of the two, the lower one first."""
        least, most = data.get("at_least"), data.get("at_most")
        if least is None and most is None:
            message = 'Must have "at_least" or "at_most".'
            raise ValidationError(message)
        if least is not None and most is not None and least > most:
            message = "Must not be below the least."
            raise ValidationError(message, "at_most")

    @post_load
    def build(self, data: Loaded, **_: object) -> HasPoints:
        """Return the condition."""
        return HasPoints(**data)


class LastPurchasePart(Schema):
    """Before a day, after one, or both."""

    before = Day(load_default=None, allow_none=True)
    after = Day(load_default=None, allow_none=True)

    @validates_schema
    def check(self, data: Loaded, **_: object) -> None:
        """Ask for one of the two."""
        if data.get("before") is None and data.get("after") is None:
            message = 'Must have "before" or "after".'
            raise ValidationError(message)

    @post_load
    def build(self, data: Loaded, **_: object) -> LastPurchase:
        """Return the condition."""
        return LastPurchase(**data)


class BoughtPart(Schema):
    """Which categories, in how many days."""

    categories = Several(Text(longest=_LONGEST_PATH), required=True)
    days = Whole(least=1, most=_LONGEST_AGO, required=True)

    @post_load
    def build(self, data: Loaded, **_: object) -> BoughtFrom:
        """Return the condition."""
        return BoughtFrom(**data)


def choices() -> Mapping[str, Choice]:
    """Return each condition: how it is read, what is made of it."""
    return {
        "segments": (Several(Text()), InSegment),
        "stores": (Several(Text()), AtStore),
        "languages": (Several(Text(longest=20)), Speaks),
        "tiers": (Several(Text()), InTier),
        "points": (fields.Nested(PointsPart), same),
        "enrolled_since": (Day(), EnrolledSince),
        "last_purchase": (fields.Nested(LastPurchasePart), same),
        "bought": (fields.Nested(BoughtPart), same),
        "birthday_months": (Several(Whole(least=1, most=_MONTHS)), BirthdayIn),
        "topics": (Several(Text(longest=_LONGEST_PATH)), InterestedIn),
    }


class Conditions(fields.List[Any]):
    """Conditions, not too many; loads as a tuple."""

    def __init__(self) -> None:
        super().__init__(Tagged(choices), load_default=list)

    def _deserialize(self, *given: Any, **rest: Any) -> Any:  # noqa: ANN401 - marshmallow's own signature
        found = super()._deserialize(*given, **rest)
        if len(found) > _MOST_CONDITIONS:
            message = f"Must be at most {_MOST_CONDITIONS} conditions."
            raise ValidationError(message)
        return tuple(found)


class AudiencePart(Schema):
    """All of some conditions, one of others, none of a third."""

    all = Conditions()
    any = Conditions()
    none = Conditions()

    @post_load
    def build(self, data: Loaded, **_: object) -> Audience:
        """Return the audience."""
        return Audience(**{name: tuple(found) for name, found in data.items()})


Dump = Callable[[Any], tuple[str, object]]


def _day(when: When | None) -> str | int | None:
    if when is None:
        return None
    return when.day.isoformat() if when.day else when.days_ago


def _given(**parts: object) -> dict[str, object]:
    return {name: value for name, value in parts.items() if value is not None}


_DUMPS: Mapping[type, Dump] = {
    InSegment: lambda c: ("segments", list(c.segments)),
    AtStore: lambda c: ("stores", list(c.stores)),
    Speaks: lambda c: ("languages", list(c.languages)),
    InTier: lambda c: ("tiers", list(c.tiers)),
    HasPoints: lambda c: ("points", _given(at_least=c.at_least, at_most=c.at_most)),
    EnrolledSince: lambda c: ("enrolled_since", _day(c.since)),
    LastPurchase: lambda c: (
        "last_purchase",
        _given(before=_day(c.before), after=_day(c.after)),
    ),
    BoughtFrom: lambda c: (
        "bought",
        {"categories": list(c.categories), "days": c.days},
    ),
    BirthdayIn: lambda c: ("birthday_months", list(c.months)),
    InterestedIn: lambda c: ("topics", list(c.topics)),
}


def dump_condition(condition: Condition) -> dict[str, object]:
    """Return a condition as it is stored."""
    name, value = _DUMPS[type(condition)](condition)
    return {name: value}
