"""The promotion document as a whole, read and checked."""

import re
from collections.abc import Iterator, Mapping

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from loyalty.core.errors import Invalid, Problem
from loyalty.promotions.schema.audiences import AudienceField
from loyalty.promotions.schema.fields import CurrencyOfDocument, Loaded, Text, Whole
from loyalty.promotions.schema.parts import LimitsPart, RequirementField, ValidityPart
from loyalty.promotions.schema.rewards import RewardField
from loyalty.promotions.values import (
    Combines,
    Counting,
    Limits,
    Promotion,
    Spend,
    Trigger,
    Validity,
    is_whole_basket,
)

_CODE = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_DEEPEST = 24
_WHOLE = ""
_NAME = "/name"
_LARGEST_PRIORITY = 1_000_000


class CodeField(Text):
    """The marketer's own key of a promotion."""

    def _deserialize(self, value: object, *_: object, **__: object) -> str:
        if not isinstance(value, str) or not _CODE.fullmatch(value):
            message = "Must be 1 to 64 of: small letters a-z, digits, hyphen."
            raise ValidationError(message)
        return value


class NamesField(fields.Field[dict[str, str]]):
    """One text a language."""

    def _deserialize(self, value: object, *_: object, **__: object) -> dict[str, str]:
        if not isinstance(value, dict) or not value:
            message = 'Must be an object with a text a language, such as {"en": "…"}.'
            raise ValidationError(message)
        text = Text(longest=200)
        wrong: dict[str, list[str]] = {}
        for language, name in value.items():
            if not _LANGUAGE.fullmatch(language):
                wrong[language] = ['Must be a language such as "en".']
                continue
            try:
                text.deserialize(name)
            except ValidationError as error:
                wrong[language] = list(error.messages)
        if wrong:
            raise ValidationError(dict(wrong))
        return value


class PromotionSchema(Schema):
    """
    The promotion document.

    Money in it is read in the currency that ``CurrencyOfDocument`` holds.
    """

    code = CodeField(required=True)
    name = NamesField(required=True)
    trigger = fields.Enum(Trigger, by_value=True, load_default=Trigger.AUTOMATIC)
    valid = fields.Nested(ValidityPart, load_default=Validity, allow_none=True)
    audience = AudienceField(load_default=None, allow_none=True)
    requires = fields.List(RequirementField(), load_default=list)
    reward = RewardField(required=True)
    limits = fields.Nested(LimitsPart, load_default=Limits, allow_none=True)
    combines = fields.Enum(
        Combines, by_value=True, load_default=Combines.NOT_ON_SAME_UNITS
    )
    priority = Whole(least=-_LARGEST_PRIORITY, most=_LARGEST_PRIORITY, load_default=0)

    @validates_schema
    def check(self, data: Loaded, **_: object) -> None:
        """Refuse thresholds that would be measured on what they change."""
        if "reward" not in data or is_whole_basket(data["reward"]):
            return
        for at, requirement in enumerate(data.get("requires", ())):
            if (
                isinstance(requirement, Spend)
                and requirement.counting is Counting.AFTER_ITEM_DISCOUNTS
            ):
                message = (
                    "Only rewards on the whole basket may count after item discounts; "
                    "for this one it would be circular."
                )
                raise ValidationError(
                    {"requires": {at: {"spend": {"counting": [message]}}}}
                )

    @post_load
    def build(self, data: Loaded, **_: object) -> Promotion:
        """Return the promotion."""
        data["requires"] = tuple(data["requires"])
        data["valid"] = data["valid"] or Validity()
        data["limits"] = data["limits"] or Limits()
        return Promotion(currency=CurrencyOfDocument.get(), **data)


def load_promotion(
    document: object, *, currency: str, default_language: str = "en"
) -> Promotion:
    """
    Read and check a whole promotion document.

    :param currency: that of the money in the document
    :param default_language: a name in it, or in English, must be there
    :raises Invalid: with a problem for each field at fault
    """
    if _too_deep(document, _DEEPEST):
        message = f"Nested more than {_DEEPEST} deep."
        raise Invalid.field(_WHOLE, message)
    if not isinstance(document, dict):
        raise Invalid.field(_WHOLE, "Must be an object.")
    try:
        with CurrencyOfDocument(currency):
            promotion: Promotion = PromotionSchema().load(document)
    except ValidationError as error:
        raise Invalid(problems_of(error.messages)) from error
    if not {"en", default_language} & promotion.name.keys():
        languages = " or ".join(sorted({"en", default_language}))
        message = f"Must hold a text in {languages}."
        raise Invalid.field(_NAME, message)
    return promotion


def problems_of(messages: object, pointer: str = "") -> Iterator[Problem]:
    """Turn marshmallow's nested messages into problems with JSON pointers."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            # "_schema" stands for the object itself.
            step = "" if key == "_schema" else "/" + _escaped(str(key))
            yield from problems_of(inner, pointer + step)
    elif isinstance(messages, list | tuple):
        for inner in messages:
            yield from problems_of(inner, pointer)
    else:
        yield Problem(pointer=pointer, message=str(messages))


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _too_deep(document: object, allowed: int) -> bool:
    if isinstance(document, Mapping):
        inner = list(document.values())
    elif isinstance(document, list):
        inner = document
    else:
        return False
    return allowed == 0 or any(_too_deep(value, allowed - 1) for value in inner)
