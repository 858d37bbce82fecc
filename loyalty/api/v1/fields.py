"""Fields of requests: strict about types and lengths, and said so in the document.

Money, quantities and moments are texts. What only the shop can judge (a check digit,
the decimals of a currency, a phone number) is refused later with a code of its own.
"""

import re
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from marshmallow import RAISE, Schema, ValidationError, fields

from loyalty.core.texts import DEFAULT_LANGUAGE, LANGUAGES
from loyalty.promotions.schema.fields import Text, TrueOrFalse, Whole

PRINTABLE: Final = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
MONEY: Final = r"^[0-9]{1,9}(\.[0-9]{1,3})?$"
QUANTITY: Final = (
    r"^([1-9][0-9]{0,3}(\.[0-9]{1,3})?"
    r"|0\.(00[1-9]|0[1-9][0-9]?|[1-9][0-9]{0,2}))$"
)
CARD: Final = r"^[0-9]{4}([ -]?[0-9]{4}){3}$"
SKU: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
CATEGORY: Final = r"^[a-z0-9][a-z0-9-]{0,39}(/[a-z0-9][a-z0-9-]{0,39}){0,4}$"
LARGEST_ID: Final = 2**53 - 1

_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2099

__all__ = [
    "LARGEST_ID",
    "CardNumber",
    "Category",
    "Currency",
    "Days",
    "GiftCode",
    "Language",
    "Matching",
    "Moment",
    "MoneyText",
    "OneOf",
    "Quantity",
    "Request",
    "Sku",
    "Text",
    "TrueOrFalse",
    "Whole",
]


class Request(Schema):
    """An object that somebody sends: every key in it is known."""

    class Meta:
        """Refuse what is not declared."""

        unknown = RAISE


class Matching(fields.Field[str]):
    """A text of one exact form."""

    pattern: ClassVar[str]
    json_schema: ClassVar[dict[str, object]] = {}
    refusal: ClassVar[str]

    def _deserialize(self, value: object, *_: object, **__: object) -> str:
        if not isinstance(value, str) or not re.search(self.pattern, value, re.ASCII):
            raise ValidationError(type(self).refusal)
        if value.endswith("\n"):
            # ``$`` would let it pass.
            raise ValidationError(type(self).refusal)
        return value


class MoneyText(Matching):
    """An amount; how many decimals it may have depends on the currency."""

    pattern = MONEY
    json_schema: ClassVar[dict[str, object]] = {"format": "money"}
    refusal = 'Must be an amount as a text, such as "19.99".'


class Quantity(Matching):
    """Units or kilograms, above zero, below 10 000, with up to three decimals."""

    pattern = QUANTITY
    refusal = (
        'Must be a text above "0" and below "10000" with at most three decimals, '
        'such as "2" or "0.350".'
    )


class CardNumber(Matching):
    """The number of a card, which may be grouped."""

    pattern = CARD
    json_schema: ClassVar[dict[str, object]] = {"format": "card-number"}
    refusal = "A card number has 16 digits."


class GiftCode(Matching):
    """A gift card's code, which may be grouped."""

    pattern = r"^[0-9A-Za-z]([ -]?[0-9A-Za-z]){13,29}$"
    json_schema: ClassVar[dict[str, object]] = {"format": "gift-card-code"}
    refusal = "A gift card's code has at least 14 letters and digits."


class Currency(Matching):
    """A currency by its code."""

    pattern = r"^[A-Z]{3}$"
    json_schema: ClassVar[dict[str, object]] = {"format": "currency"}
    refusal = 'Must be a currency, such as "EUR".'


class Sku(Matching):
    """An article number that can stand in an address."""

    pattern = SKU
    refusal = "Must be 1 to 64 of: letters, digits, dot, hyphen, underscore."


class Category(Matching):
    """A category's path."""

    pattern = CATEGORY
    refusal = 'Must be a path of small letters, such as "drinks/coffee".'


class Moment(fields.Field[datetime]):
    """A date and time with a zone (RFC 3339), in this century."""

    json_schema: ClassVar[dict[str, object]] = {"type": "string", "format": "date-time"}

    def _deserialize(self, value: object, *_: object, **__: object) -> datetime:
        message = 'Must be a moment with a zone, such as "2026-11-20T12:00:00+01:00".'
        if not isinstance(value, str) or "T" not in value.upper():
            raise ValidationError(message)
        try:
            moment = datetime.fromisoformat(value.upper())
            moment = moment.astimezone(UTC) if moment.tzinfo else moment
        except (ValueError, OverflowError) as error:
            raise ValidationError(message) from error
        if moment.tzinfo is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise ValidationError(message)
        return moment


class OneOf(fields.Field[str]):
    """One of a few names."""

    def __init__(self, *names: str, **rest: Any) -> None:  # noqa: ANN401 - handed on to marshmallow
        super().__init__(**rest)
        self.names = names

    def _deserialize(self, value: object, *_: object, **__: object) -> str:
        if not isinstance(value, str) or value not in self.names:
            message = f"Must be one of: {', '.join(self.names)}."
            raise ValidationError(message)
        return value


class Language(OneOf):
    """A language of the product."""

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401 - handed on to marshmallow
        super().__init__(*LANGUAGES, load_default=DEFAULT_LANGUAGE, **rest)


class Days(fields.List[str]):
    """Days of the week by their short English names, each once."""

    def _deserialize(self, *given: Any, **rest: Any) -> Any:  # noqa: ANN401 - marshmallow's own signature
        days = super()._deserialize(*given, **rest)
        if not days or len(set(days)) != len(days):
            message = "Must name at least one day, each once."
            raise ValidationError(message)
        return days
