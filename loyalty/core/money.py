"""Money: whole minor units of one currency, and the rules for rounding it.

No float ever holds money. A currency has its own number of decimals (JPY 0,
EUR 2, KWD 3), taken from CLDR through Babel.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache

from babel.numbers import get_currency_precision, is_currency

_HUNDRED = 100
_DECIMAL = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,9}))?", re.ASCII)


class NotMoney(ValueError):
    """The text is not an amount of that currency."""


@dataclass(frozen=True, kw_only=True, slots=True, order=False)
class Money:
    """An amount in whole minor units (cents) of a currency (ISO 4217 code)."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        """Add money of the same currency."""
        return Money(amount=self.amount + self._of(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Subtract money of the same currency."""
        return Money(amount=self.amount - self._of(other), currency=self.currency)

    def __neg__(self) -> "Money":
        """Return the opposite amount."""
        return Money(amount=-self.amount, currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Compare money of the same currency."""
        return self.amount < self._of(other)

    def __le__(self, other: "Money") -> bool:
        """Compare money of the same currency."""
        return self.amount <= self._of(other)

    def __bool__(self) -> bool:
        """Test whether the amount differs from zero."""
        return self.amount != 0

    def __str__(self) -> str:
        """Return the amount as a decimal string without the currency."""
        return decimal_text(self.amount, self.currency)

    def _of(self, other: "Money") -> int:
        if other.currency != self.currency:
            message = f"{self.currency} and {other.currency} do not mix"
            raise ValueError(message)
        return other.amount


@cache
def exponent(currency: str) -> int:
    """
    Return how many decimals the currency has.

    :raises NotMoney: if there is no such currency
    """
    if not is_currency(currency):
        message = f"{currency!r} is not a currency"
        raise NotMoney(message)
    return get_currency_precision(currency)


def zero(currency: str) -> Money:
    """Return no money of that currency."""
    return Money(amount=0, currency=currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add up money of one currency; of no amounts at all, zero."""
    result = zero(currency)
    for amount in amounts:
        result += amount
    return result


def parse_money(text: str, currency: str) -> Money:
    """
    Read a decimal string such as ``"19.99"`` (a sign is allowed, spaces are not).

    :raises NotMoney: if it is no plain decimal number of at most 15 digits, or
        has more decimals than the currency
    """
    found = _DECIMAL.fullmatch(text)
    digits = exponent(currency)
    if found is None:
        message = f"{text!r} is not an amount such as {decimal_text(1999, currency)}"
        raise NotMoney(message)
    sign, whole, decimals = found.group(1), found.group(2), found.group(3) or ""
    if len(decimals) > digits:
        message = f"{text!r} has more than the {digits} decimals of {currency}"
        raise NotMoney(message)
    amount = int(whole + decimals.ljust(digits, "0"))
    return Money(amount=-amount if sign else amount, currency=currency)


def decimal_text(amount: int, currency: str) -> str:
    """Write minor units as a decimal string: 1999 EUR is ``"19.99"``."""
    digits = exponent(currency)
    sign, text = "-" if amount < 0 else "", str(abs(amount)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else sign + text


def round_half_up(value: Decimal | Fraction | int) -> int:
    """Round to a whole number; a half goes away from zero."""
    if isinstance(value, Decimal):
        return int(value.to_integral_value(rounding=ROUND_HALF_UP))
    if isinstance(value, Fraction):
        doubled = 2 * abs(value.numerator) + value.denominator
        rounded = doubled // (2 * value.denominator)
        return -rounded if value < 0 else rounded
    return value


def percent_of(amount: int, percent: Decimal) -> int:
    """Return ``percent`` of an amount in minor units, rounded half up."""
    return round_half_up(Fraction(percent) * amount / _HUNDRED)


def share(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """
    Share minor units in proportion to weights, by largest remainder.

    Equal remainders go to the larger weight, then to the earlier position; so
    callers order the weights by whatever should decide last. The shares add up to
    ``amount`` exactly, and none exceeds its weight when ``amount`` does not exceed
    the weights' sum.

    :raises ValueError: if something is negative, or there is an amount and no weight
    """
    if amount < 0 or any(weight < 0 for weight in weights):
        message = "a share of something negative"
        raise ValueError(message)
    whole = sum(weights)
    if not whole:
        if amount:
            message = "an amount, and no weight to share it by"
            raise ValueError(message)
        return (0,) * len(weights)
    shares = [amount * weight // whole for weight in weights]
    left = amount - sum(shares)
    if left:
        order = sorted(
            range(len(weights)),
            key=lambda at: (-(amount * weights[at] % whole), -weights[at], at),
        )
        for at in order[:left]:
            shares[at] += 1
    return tuple(shares)
