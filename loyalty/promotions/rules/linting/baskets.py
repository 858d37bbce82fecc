"""A basket that is given away by several promotions together."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values.findings import Finding, FindingCode, Severity

HALF: Final = Decimal("0.5")
"""A share of the goods above which somebody should have a look."""


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find that half of a recorded basket or more would be given away."""
    worst = facts.worst
    if worst is None or not worst.gross:
        return
    off = worst.gross - worst.paid
    share = Decimal(off.amount) / worst.gross.amount
    if share >= HALF:
        yield Finding(
            code=FindingCode.GIVES_BASKET_AWAY,
            severity=Severity.WARNING,
            pointer="/reward",
            figures={
                "share": share,
                "gross": worst.gross,
                "paid": worst.paid,
                "without": worst.without,
                "baskets": worst.looked_at,
            },
            promotions=tuple(c for c in worst.promotions if c != facts.promotion.code),
            basket=worst,
        )
