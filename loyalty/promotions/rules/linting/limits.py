"""A promotion that nothing ends but its time."""

from collections.abc import Iterator

from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values import PointsPlus, PointsTimes
from loyalty.promotions.values.findings import Finding, FindingCode, Severity


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find that it has neither a budget nor a number of uses in all."""
    limits = facts.promotion.limits
    gives_money = not isinstance(facts.promotion.reward, PointsPlus | PointsTimes)
    if gives_money and limits.budget is None and limits.total is None:
        yield Finding(
            code=FindingCode.NO_LIMIT,
            severity=Severity.NOTE,
            pointer="/limits/budget",
        )
