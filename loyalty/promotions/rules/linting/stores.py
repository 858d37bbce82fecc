"""Stores that there are not."""

from collections.abc import Iterator

from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values.findings import Finding, FindingCode, Severity


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find store codes that nobody has; with no other it can never apply."""
    wanted = facts.promotion.valid.stores or ()
    unknown = tuple(code for code in wanted if code not in facts.stores)
    if unknown:
        nowhere = len(unknown) == len(wanted)
        yield Finding(
            code=FindingCode.STORE_UNKNOWN,
            severity=Severity.ERROR if nowhere else Severity.WARNING,
            pointer="/valid/stores",
            figures={"stores": unknown},
        )
