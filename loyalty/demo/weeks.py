"""
Which weeks of the data settings may be chosen on, and which only judge the result.

The weeks keep their numbers of 2017 when the dates are moved. Week 1 is the first of
January alone, a Sunday; each of the others begins on a Monday, and does so after a
move by whole weeks too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

RESERVED_FROM: Final = 40
"""Nothing from this week on is used to choose settings."""
TUNING: Final = (28, 32, 35)
REPORTING: Final = (40, 44, 48)
"""The ends of these weeks are cut-offs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Weeks:
    """The same as days: the first reserved one, and those after the cut-offs."""

    reserved_from: date
    tuning: tuple[date, ...]
    reporting: tuple[date, ...]


def moved_weeks(first_days: Mapping[int, date]) -> Weeks | None:
    """
    Return the days that the weeks were moved to; None where a week is missing.

    :param first_days: the first day with a purchase, by the week's number
    """
    mondays = {
        week: day - timedelta(days=day.weekday()) for week, day in first_days.items()
    }
    try:
        return Weeks(
            reserved_from=mondays[RESERVED_FROM],
            tuning=tuple(mondays[week + 1] for week in TUNING),
            reporting=tuple(mondays[week + 1] for week in REPORTING),
        )
    except KeyError:
        return None
