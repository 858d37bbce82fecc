"""
What points are worth as money off.

A point is worth so much of the programme's currency; the worth of several is rounded
down to the minor unit, so that points never buy more than they are said to.
"""

from decimal import Decimal
from fractions import Fraction

from loyalty.core.money import Money, exponent


def money_for(points: int, *, value: Decimal, currency: str) -> Money:
    """
    Return what the points take off, rounded down to the minor unit.

    :param value: of one point, in the currency's major unit (``0.01`` is a cent)
    :raises ValueError: if something is negative
    """
    amount = points * _minor_units(value, currency)
    if amount < 0:
        message = "points and their value are not negative"
        raise ValueError(message)
    return Money(amount=int(amount), currency=currency)


def points_for(amount: Money, *, value: Decimal) -> int:
    """
    Return the least points that are worth this amount.

    :raises ValueError: if the amount is negative or points are worth nothing
    """
    a_point = _minor_units(value, amount.currency)
    if a_point <= 0 or amount.amount < 0:
        message = "an amount that no points are worth"
        raise ValueError(message)
    return -(-amount.amount * a_point.denominator // a_point.numerator)


def tendered(points: int, *, to_pay: Money, value: Decimal) -> tuple[int, Money]:
    """
    Return the points that are used of those offered, and what they take off.

    Never more than is to pay, and no point more than that takes; so a point whose
    worth is less than the smallest coin is left to the member.

    :raises ValueError: if something is negative
    """
    if value <= 0:
        return 0, Money(amount=0, currency=to_pay.currency)
    worth = money_for(points, value=value, currency=to_pay.currency)
    money = min(worth, to_pay, key=lambda money: money.amount)
    return points_for(money, value=value), money


def _minor_units(value: Decimal, currency: str) -> Fraction:
    return Fraction(value) * Fraction(10) ** exponent(currency)
