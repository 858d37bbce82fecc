"""Languages in which the promotion has no name."""

from collections.abc import Iterator

from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values.findings import Finding, FindingCode, Severity


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find languages of the programme whose customers read another one's name."""
    named = facts.promotion.name
    missing = tuple(language for language in facts.languages if language not in named)
    if missing:
        yield Finding(
            code=FindingCode.NAME_MISSING,
            severity=Severity.NOTE,
            pointer="/name",
            figures={"languages": missing},
        )
