"""Fields of promotion documents: strict about types, plain about what is wrong."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.experimental.context import Context

from loyalty.core.money import Money, NotMoney, parse_money
from loyalty.core.periods import DAY_NAMES, minutes_of

LARGEST_WHOLE = 2**31 - 1

CurrencyOfDocument = Context[str]
"""The currency of the money in the document that is being read."""

_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?", re.ASCII)

_JOINERS = str.maketrans("", "", "\u200c\u200d")
"""Not printable, and yet letters' own: Persian words are spelled with the first."""

Loaded = dict[str, Any]


class Part(Schema):
    """An object of the document that becomes one value."""

    builds: ClassVar[Callable[..., object]]

    @post_load
    def build(self, data: Loaded, **_: object) -> object:
        """Return the value."""
        return type(self).builds(**data)


class Text(fields.Field[str]):
    """A short text: not empty, no control characters."""

    def __init__(self, *, longest: int = 100, **rest: Any) -> None:  # noqa: ANN401 - handed on to marshmallow
        super().__init__(**rest)
        self.longest = longest

    def _deserialize(self, value: object, *_: object, **__: object) -> str:
        if not isinstance(value, str):
            message = "Must be a text."
            raise ValidationError(message)
        shown = value.translate(_JOINERS)
        if not shown.strip() or len(value) > self.longest or not shown.isprintable():
            message = f"Must be 1 to {self.longest} printable characters."
            raise ValidationError(message)
        return value


class Whole(fields.Field[int]):
    """A whole number from ``least`` on."""

    def __init__(
        self,
        *,
        least: int = 0,
        most: int = LARGEST_WHOLE,
        **rest: Any,  # noqa: ANN401 - handed on to marshmallow
    ) -> None:
        super().__init__(**rest)
        self.least = least
        self.most = most

    def _deserialize(self, value: object, *_: object, **__: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            message = "Must be a whole number."
            raise ValidationError(message)
        if not self.least <= value <= self.most:
            message = f"Must be from {self.least} to {self.most}."
            raise ValidationError(message)
        return value


class DecimalText(fields.Field[Decimal]):
    """A decimal string (or a whole number) above ``above``, with two decimals."""

    def __init__(
        self,
        *,
        above: Decimal = Decimal(0),
        most: Decimal = Decimal(100),
        **rest: Any,  # noqa: ANN401 - handed on to marshmallow
    ) -> None:
        super().__init__(**rest)
        self.above = above
        self.most = most

    def _deserialize(self, value: object, *_: object, **__: object) -> Decimal:
        text = str(value) if type(value) is int else value
        if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
            message = 'Must be a decimal string such as "10.5".'
            raise ValidationError(message)
        number = Decimal(text)
        if not self.above < number <= self.most or number * 100 % 1:
            message = (
                f"Must be above {self.above}, at most {self.most}, with at most "
                "two decimals."
            )
            raise ValidationError(message)
        return number


class MoneyText(fields.Field[Money]):
    """A decimal string in the document's currency, at least ``least`` minor units."""

    def __init__(self, *, least: int = 0, **rest: Any) -> None:  # noqa: ANN401 - handed on to marshmallow
        super().__init__(**rest)
        self.least = least

    def _deserialize(self, value: object, *_: object, **__: object) -> Money:
        if not isinstance(value, str):
            message = 'Must be a decimal string such as "19.99".'
            raise ValidationError(message)
        try:
            money = parse_money(value, CurrencyOfDocument.get())
        except NotMoney as error:
            raise ValidationError(str(error) + ".") from error
        if money.amount < self.least:
            message = "Must be above zero." if self.least else "Must not be negative."
            raise ValidationError(message)
        return money


class LocalMoment(fields.Field[datetime]):
    """A local date and time without a zone, to the minute."""

    def _deserialize(self, value: object, *_: object, **__: object) -> datetime:
        if isinstance(value, str) and _LOCAL.fullmatch(value):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                pass
        message = 'Must be a local date and time such as "2026-11-01T00:00".'
        raise ValidationError(message)


class ClockTime(fields.Field[int]):
    """A time from ``"00:00"`` to ``"24:00"``, as minutes since midnight."""

    def _deserialize(self, value: object, *_: object, **__: object) -> int:
        try:
            return minutes_of(value if isinstance(value, str) else "")
        except ValueError as error:
            message = 'Must be a time from "00:00" to "24:00".'
            raise ValidationError(message) from error


class DayName(fields.Field[int]):
    """A day of the week by its short English name; Monday becomes 0."""

    def _deserialize(self, value: object, *_: object, **__: object) -> int:
        if not isinstance(value, str) or value not in DAY_NAMES:
            raise ValidationError("Must be one of " + ", ".join(DAY_NAMES) + ".")
        return DAY_NAMES.index(value)


class TrueOrFalse(fields.Field[bool]):
    """``true`` or ``false``, nothing that looks like it."""

    def _deserialize(self, value: object, *_: object, **__: object) -> bool:
        if not isinstance(value, bool):
            message = "Must be true or false."
            raise ValidationError(message)
        return value


class Several(fields.List[Any]):
    """A list of at least one value, each once; loads as a tuple."""

    def _deserialize(self, *given: Any, **rest: Any) -> Any:  # noqa: ANN401 - marshmallow's own signature
        values = super()._deserialize(*given, **rest)
        if not values:
            message = "Must not be empty."
            raise ValidationError(message)
        if any(value in values[:at] for at, value in enumerate(values)):
            message = "Must not name the same twice."
            raise ValidationError(message)
        return tuple(values)


Choice = tuple[fields.Field[Any], Callable[[Any], object]]
"""How the value of a tag is read, and what is made of it."""


class Tagged(fields.Field[Any]):
    """An object with exactly one key, out of a table."""

    def __init__(
        self,
        table: Callable[[], Mapping[str, Choice]],
        **rest: Any,  # noqa: ANN401 - handed on to marshmallow
    ) -> None:
        super().__init__(**rest)
        self.table = table

    def _deserialize(self, value: object, *_: object, **__: object) -> object:
        table = self.table()
        known = ", ".join(table)
        if not isinstance(value, dict) or len(value) != 1:
            message = f"Must be an object with exactly one of: {known}."
            raise ValidationError(message)
        ((key, inner),) = value.items()
        if key not in table:
            raise ValidationError({key: [f"Unknown; must be one of: {known}."]})
        field, build = table[key]
        try:
            return build(field.deserialize(inner, key, value))
        except ValidationError as error:
            raise ValidationError({key: error.messages}) from error


def same(value: object) -> object:
    """Return the value: for choices whose field builds it already."""
    return value
