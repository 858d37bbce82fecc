"""What sets a campaign off, and how its message is told, as documents."""

import re
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, post_load

from loyalty.core.periods import MINUTES_A_DAY
from loyalty.offers.values import (
    BUILT_IN,
    EventKind,
    Monthly,
    Once,
    OnEvent,
    Variant,
    Weekly,
)
from loyalty.promotions.schema.fields import (
    Choice,
    ClockTime,
    DayName,
    Loaded,
    Several,
    Tagged,
    Whole,
    same,
)

_MOST_DAYS_AHEAD = 60
_LONGEST_LAPSE = 730
_LONGEST_MONTH = 31
_HOURS = 23
_CODE: Final = re.compile(r"[a-z0-9]{1,16}", re.ASCII)
_TEMPLATE: Final = re.compile(r"own:[a-z0-9-]{1,64}@[0-9]{1,6}", re.ASCII)


class Time(ClockTime):
    """A time of the day, the last minute included."""

    def _deserialize(self, value: object, *_: object, **__: object) -> int:
        minute = super()._deserialize(value)
        if minute >= MINUTES_A_DAY:
            message = 'Must be a time from "00:00" to "23:59".'
            raise ValidationError(message)
        return minute


class Template(fields.Field[str]):
    """``offer``, or a marketer's template in one of its versions."""

    def _deserialize(self, value: object, *_: object, **__: object) -> str:
        if isinstance(value, str) and (value == BUILT_IN or _TEMPLATE.fullmatch(value)):
            return value
        message = f'Must be "{BUILT_IN}", or "own:<code>@<version>".'
        raise ValidationError(message)


class WeeklyPart(Schema):
    """Days of the week and a time."""

    days = Several(DayName(), required=True)
    at = Time(required=True)

    @post_load
    def build(self, data: Loaded, **_: object) -> Weekly:
        """Return the trigger."""
        return Weekly(days=tuple(sorted(data["days"])), minute=data["at"])


class MonthlyPart(Schema):
    """Days of the month and a time."""

    days = Several(Whole(least=1, most=_LONGEST_MONTH), required=True)
    at = Time(required=True)

    @post_load
    def build(self, data: Loaded, **_: object) -> Monthly:
        """Return the trigger."""
        return Monthly(days=tuple(sorted(data["days"])), minute=data["at"])


class NothingPart(Schema):
    """An object with nothing in it."""


def _event(kind: EventKind, least: int, most: int) -> Choice:
    return (
        Whole(least=least, most=most),
        lambda days: OnEvent(event=kind, days=days),
    )


def triggers() -> Mapping[str, Choice]:
    """Return each trigger: how it is read, what is made of it."""
    return {
        "once": (fields.Nested(NothingPart), lambda _: Once()),
        "weekly": (fields.Nested(WeeklyPart), same),
        "monthly": (fields.Nested(MonthlyPart), same),
        "birthday": _event(EventKind.BIRTHDAY, 0, _MOST_DAYS_AHEAD),
        "first_purchase": _event(EventKind.FIRST_PURCHASE, 0, 0),
        "lapsed": _event(EventKind.LAPSED, 1, _LONGEST_LAPSE),
        "points_expiring": _event(EventKind.POINTS_EXPIRING, 1, _MOST_DAYS_AHEAD),
    }


class TriggerField(Tagged):
    """What sets a campaign off."""

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401 - handed on to marshmallow
        super().__init__(triggers, **rest)


class Code(fields.Field[str]):
    """What a variant is called."""

    def _deserialize(self, value: object, *_: object, **__: object) -> str:
        if isinstance(value, str) and _CODE.fullmatch(value):
            return value
        message = "Must be 1 to 16 of: small letters a-z, digits."
        raise ValidationError(message)


class VariantPart(Schema):
    """One way to tell it."""

    code = Code(required=True)
    share = Whole(least=1, most=99, required=True)
    template = Template(load_default=None, allow_none=True)
    hour = Whole(most=_HOURS, load_default=None, allow_none=True)

    @post_load
    def build(self, data: Loaded, **_: object) -> Variant:
        """Return the variant."""
        return Variant(**data)
