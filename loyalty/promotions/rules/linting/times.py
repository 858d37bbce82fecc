"""A promotion whose time is over, or never comes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from loyalty.core.periods import Period, business_day, local_moment
from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values.findings import Finding, FindingCode, Severity

_WEEK: Final = 8
"""So many days hold a whole window of every weekday."""

_A_DAY: Final = timedelta(days=1)


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find that it can never apply for the time it is valid."""
    valid = facts.promotion.valid
    start = valid.start and local_moment(valid.start, facts.zone)
    until = valid.until and local_moment(valid.until, facts.zone)
    if until is None:
        return
    if until <= facts.now:
        yield Finding(
            code=FindingCode.OVER,
            severity=Severity.ERROR,
            pointer="/valid/until",
            figures={"until": valid.until or until},
        )
        return
    begin = max(facts.now, start or facts.now)
    if valid.weekly is not None and not _meets_a_window(facts, begin, until):
        yield Finding(
            code=FindingCode.NEVER_IN_THE_WEEK,
            severity=Severity.ERROR,
            pointer="/valid/weekly",
            figures={
                "start": begin.astimezone(facts.zone).replace(tzinfo=None),
                "until": valid.until or until,
            },
        )


def _meets_a_window(facts: LintFacts, begin: datetime, until: datetime) -> bool:
    if until - begin > _WEEK * _A_DAY:
        return True
    period = Period(start=begin, until=until)
    # A window that began the day before may last into the first day.
    day = business_day(begin, facts.zone) - _A_DAY
    last = business_day(until, facts.zone)
    while day <= last:
        for window in facts.promotion.valid.weekly or ():
            hours = window.on(day, facts.zone)
            if hours is not None and hours.overlaps(period):
                return True
        day += _A_DAY
    return False
