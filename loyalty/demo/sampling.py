"""Which households the demo shows when it does not show all."""

from collections.abc import Collection, Mapping

from loyalty.demo.dice import Dice
from loyalty.demo.values import Household

_EARLY, _LATE = 6, 50
"""A year is full when it begins and ends within these weeks of the data."""


def choose_households(
    activity: Mapping[Household, tuple[int, int]],
    redeemers: Collection[Household],
    count: int,
) -> frozenset[Household]:
    """
    Return so many households, always the same: those with a full year first.

    Half of them used coupons, as far as there are so many.

    :param activity: first and last week of each household
    """
    ranked = sorted(activity, key=lambda household: _rank(household, activity))
    with_coupons = [household for household in ranked if household in redeemers]
    without = [household for household in ranked if household not in redeemers]
    half = with_coupons[: (count + 1) // 2]
    rest = without + with_coupons[len(half) :]
    return frozenset(half + rest[: max(count - len(half), 0)])


def _rank(
    household: Household, activity: Mapping[Household, tuple[int, int]]
) -> tuple[bool, float]:
    first, last = activity[household]
    incomplete = first > _EARLY or last < _LATE
    return incomplete, Dice(f"household/{household}").share("sample")
