"""Selectors that match nothing that is sold."""

from collections.abc import Iterator

from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values.findings import Finding, FindingCode, Severity


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find what the catalogue does not have, though the promotion needs it."""
    for selector in facts.unmatched:
        yield Finding(
            code=FindingCode.NO_PRODUCT,
            severity=Severity.ERROR,
            pointer="/reward" if selector in facts.about else "/requires",
            figures={"what": selector},
        )
