"""Checks of a draft: a module each, and a row in one table."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Final

from loyalty.promotions.rules.linting import (
    audiences,
    baskets,
    channels,
    dominance,
    limits,
    margins,
    names,
    overlaps,
    priors,
    products,
    spends,
    stores,
    times,
)
from loyalty.promotions.rules.linting.facts import Article, LintFacts
from loyalty.promotions.values.findings import Finding, Severity

__all__ = ["CHECKS", "Article", "LintFacts", "lint"]

CHECKS: Final[tuple[Callable[[LintFacts], Iterable[Finding]], ...]] = (
    times.check,
    stores.check,
    channels.check,
    products.check,
    audiences.check,
    spends.check,
    dominance.check,
    margins.check,
    baskets.check,
    priors.check,
    overlaps.check,
    limits.check,
    names.check,
)
"""Every check, in the order in which findings of one severity are shown."""

_ORDER: Final = tuple(Severity)


def lint(facts: LintFacts) -> tuple[Finding, ...]:
    """Return what is found, errors first, then warnings, then notes."""
    found = chain.from_iterable(check(facts) for check in CHECKS)
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))
