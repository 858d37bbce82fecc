"""What a programme's settings must be like."""

import calendar
from collections.abc import Iterator
from datetime import date
from typing import Final

from loyalty.core.errors import Invalid, Problem
from loyalty.stores.values import PointsRule

LEAST_LIFETIME_DAYS: Final = 31
_LEAP_YEAR: Final = 2028
_MOST_DELAY_DAYS: Final = 365
_MOST_YEARS: Final = 10


def check_points_rule(rule: PointsRule) -> None:
    """
    Test that points can be earned, kept and spent by the rule.

    :raises Invalid: naming each setting that is wrong
    """
    problems = list(_problems(rule))
    if problems:
        raise Invalid(problems)


def _problems(rule: PointsRule) -> Iterator[Problem]:
    if rule.points < 0:
        yield _problem("points", "A purchase can't cost points: use 0 or more.")
    if rule.per <= 0:
        yield _problem("per", "Name the money that earns the points, above zero.")
    if rule.lifetime_days < LEAST_LIFETIME_DAYS:
        message = (
            f"Points last {LEAST_LIFETIME_DAYS} days or more: members are warned 30"
            " and 7 days before."
        )
        yield _problem("lifetime_days", message)
    if not 0 <= rule.delay_days <= _MOST_DELAY_DAYS:
        yield _problem("delay_days", f"Use 0 to {_MOST_DELAY_DAYS} days.")
    if rule.value < 0:
        yield _problem("value", "A point is worth 0 (no money off) or more.")
    if not 0 <= rule.fixed_years <= _MOST_YEARS:
        yield _problem("fixed_years", f"Use 0 to {_MOST_YEARS} years.")
    if not _is_a_day(rule):
        yield _problem("fixed_day", "That month has no such day.")


def _is_a_day(rule: PointsRule) -> bool:
    if not 1 <= rule.fixed_month <= date.max.month:
        return False
    _, days = calendar.monthrange(_LEAP_YEAR, rule.fixed_month)
    return 1 <= rule.fixed_day <= days


def _problem(field: str, message: str) -> Problem:
    return Problem(pointer=f"/points_rule/{field}", message=message)
