"""Sales channels that there are not."""

from collections.abc import Iterator
from typing import Final

from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values.findings import Finding, FindingCode, Severity

KNOWN: Final = frozenset({"till", "web", "app"})
"""Where baskets come from, as the checkout takes them."""


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find channels that no basket comes from; with no other it can never apply."""
    wanted = facts.promotion.valid.sales_channels or ()
    unknown = tuple(channel for channel in wanted if channel not in KNOWN)
    if unknown:
        nowhere = len(unknown) == len(wanted)
        yield Finding(
            code=FindingCode.CHANNEL_UNKNOWN,
            severity=Severity.ERROR if nowhere else Severity.WARNING,
            pointer="/valid/sales_channels",
            figures={"channels": unknown},
        )
