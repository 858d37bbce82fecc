"""A spend that nobody reaches."""

from collections.abc import Iterator

from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values import Spend
from loyalty.promotions.values.findings import Finding, FindingCode, Severity


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find a least spend above every recorded basket."""
    if facts.largest_basket is None:
        return
    for place, requirement in enumerate(facts.promotion.requires):
        if (
            isinstance(requirement, Spend)
            and facts.largest_basket < requirement.at_least
        ):
            yield Finding(
                code=FindingCode.SPEND_NEVER_REACHED,
                severity=Severity.WARNING,
                pointer=f"/requires/{place}/spend/at_least",
                figures={
                    "spend": requirement.at_least,
                    "largest": facts.largest_basket,
                },
            )
