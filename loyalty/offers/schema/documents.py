"""Reading documents of campaigns, with every problem named, and writing them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from marshmallow import ValidationError

from loyalty.core.errors import Invalid
from loyalty.core.periods import DAY_NAMES, minutes_text
from loyalty.offers.schema.audiences import AudiencePart, dump_condition
from loyalty.offers.schema.triggers import TriggerField, VariantPart
from loyalty.offers.values import (
    Audience,
    Monthly,
    Once,
    OnEvent,
    Trigger,
    Variant,
    Weekly,
)
from loyalty.promotions.schema.promotions import problems_of

Document = Mapping[str, Any]

_FEWEST: Final = 2
_MOST: Final = 4
_WHOLE: Final = 100


def load_audience(document: Document) -> Audience:
    """
    Read an audience.

    :raises Invalid: naming every field at fault, below ``/audience``
    """
    try:
        found = AudiencePart().load(document)
    except ValidationError as error:
        raise Invalid(problems_of(error.messages, "/audience")) from error
    assert isinstance(found, Audience)  # noqa: S101  # what its schema builds
    return found


def dump_audience(audience: Audience) -> dict[str, Any]:
    """Return an audience as it is stored."""
    return {
        name: [dump_condition(one) for one in getattr(audience, name)]
        for name in ("all", "any", "none")
    }


def load_trigger(document: Document) -> Trigger:
    """
    Read what sets a campaign off.

    :raises Invalid: naming every field at fault, below ``/trigger``
    """
    try:
        found: Trigger = TriggerField().deserialize(document)
    except ValidationError as error:
        raise Invalid(problems_of(error.messages, "/trigger")) from error
    return found


def dump_trigger(trigger: Trigger) -> dict[str, Any]:
    """Return a trigger as it is stored."""
    match trigger:
        case Once():
            return {"once": {}}
        case Weekly():
            days: list[Any] = [DAY_NAMES[day] for day in trigger.days]
            return {"weekly": {"days": days, "at": minutes_text(trigger.minute)}}
        case Monthly():
            at = minutes_text(trigger.minute)
            return {"monthly": {"days": list(trigger.days), "at": at}}
        case OnEvent():
            return {trigger.event.value: trigger.days}


def load_variants(documents: Sequence[Document]) -> tuple[Variant, ...]:
    """
    Read the variants of a campaign's message: none, or 2 to 4 that differ.

    :raises Invalid: naming every field at fault, below ``/variants``
    """
    try:
        found: list[Variant] = VariantPart(many=True).load(documents)
    except ValidationError as error:
        raise Invalid(problems_of(error.messages, "/variants")) from error
    message = _problem_of(found)
    if message:
        raise Invalid.field(pointer="/variants", message=message)
    return tuple(found)


def dump_variants(variants: Iterable[Variant]) -> list[dict[str, Any]]:
    """Return variants as they are stored."""
    return [
        {
            "code": one.code,
            "share": one.share,
            "template": one.template,
            "hour": one.hour,
        }
        for one in variants
    ]


def _problem_of(variants: Sequence[Variant]) -> str | None:
    if not variants:
        return None
    if not _FEWEST <= len(variants) <= _MOST:
        return f"There must be {_FEWEST} to {_MOST} of them, or none."
    if len({one.code for one in variants}) < len(variants):
        return "Two have the same code."
    if len({(one.template, one.hour) for one in variants}) < len(variants):
        return "Two are the same: change the template or the hour of one."
    if sum(one.share for one in variants) != _WHOLE:
        return "Their shares must come to 100 together."
    return None
