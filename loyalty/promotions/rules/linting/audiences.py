"""An audience that nobody can be in."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values import (
    AllOf,
    AnyOf,
    Audience,
    DaysSincePurchase,
    HasCard,
    HomeStore,
    InTier,
    MemberForDays,
    Not,
    PurchaseCount,
    Speaks,
    Spent,
)
from loyalty.promotions.values.findings import Finding, FindingCode, Severity

_MOST_CASES: Final = 256
_EVER: Final = 10**9
"""More days than any window has."""

_ONLY_ONE: Final = (InTier, HomeStore, Speaks)
"""Conditions of which a customer meets one at a time."""


class _Literal(NamedTuple):
    """A condition, or that it is not met."""

    condition: Audience
    met: bool


class _Bounds(NamedTuple):
    """At least so much, and below so much, within so many days."""

    least: int
    below: int | None
    days: int


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find conditions that contradict each other."""
    audience = facts.promotion.audience
    if audience is not None and is_contradictory(audience):
        yield Finding(
            code=FindingCode.NOBODY, severity=Severity.ERROR, pointer="/audience"
        )


def is_contradictory(audience: Audience) -> bool:
    """
    Test whether it is plain that nobody can be in an audience.

    The tree is spread out into cases (its disjunctive normal form, which Kleene's
    logic has, too); it is contradictory when every case is. False also means that
    there are too many cases to tell.
    """
    cases = _cases(audience, met=True)
    return cases is not None and all(_contradicts(case) for case in cases)


def _cases(audience: Audience, *, met: bool) -> list[tuple[_Literal, ...]] | None:
    if isinstance(audience, Not):
        return _cases(audience.part, met=not met)
    if not isinstance(audience, AllOf | AnyOf):
        return [(_Literal(audience, met),)]
    inner = [_cases(part, met=met) for part in audience.parts]
    known = [cases for cases in inner if cases is not None]
    if len(known) < len(inner):
        return None
    if isinstance(audience, AnyOf) == met:
        spread = [case for cases in known for case in cases]
    else:
        size = 1
        for cases in known:
            size *= len(cases)
        if size > _MOST_CASES:
            return None
        spread = [sum(parts, ()) for parts in product(*known)]
    return spread if len(spread) <= _MOST_CASES else None


def _contradicts(case: Sequence[_Literal]) -> bool:
    literals = set(case)
    if any(_Literal(one.condition, not one.met) in literals for one in literals):
        return True
    asked = {
        one.condition.has_card == one.met
        for one in literals
        if isinstance(one.condition, HasCard)
    }
    others = [one for one in literals if not isinstance(one.condition, HasCard)]
    # Of somebody without a card nothing else is known.
    if len(asked) > 1 or (False in asked and others):
        return True
    met = [one.condition for one in others if one.met]
    return any(len(set(_of(met, kind))) > 1 for kind in _ONLY_ONE) or any(
        _is_empty(bounds)
        for bounds in (_member_days(met), _days_since(met), _bought(met), _spent(met))
    )


def _of(conditions: Iterable[Audience], kind: type[Audience]) -> Iterator[Audience]:
    return (one for one in conditions if isinstance(one, kind))


def _member_days(conditions: Iterable[Audience]) -> Iterator[_Bounds]:
    for one in conditions:
        if isinstance(one, MemberForDays):
            yield _Bounds(one.days.at_least or 0, one.days.below, 0)


def _days_since(conditions: Iterable[Audience]) -> Iterator[_Bounds]:
    for one in conditions:
        if isinstance(one, DaysSincePurchase):
            yield _Bounds(one.days.at_least or 0, one.days.below, 0)


def _bought(conditions: Iterable[Audience]) -> Iterator[_Bounds]:
    for one in conditions:
        if isinstance(one, PurchaseCount):
            days = one.within_days or _EVER
            yield _Bounds(one.count.at_least or 0, one.count.below, days)


def _spent(conditions: Iterable[Audience]) -> Iterator[_Bounds]:
    for one in conditions:
        if isinstance(one, Spent):
            least = one.at_least.amount if one.at_least else 0
            below = one.below.amount if one.below else None
            yield _Bounds(least, below, one.within_days or _EVER)


def _is_empty(bounds: Iterable[_Bounds]) -> bool:
    """Test whether no number fits: what more days hold is never less than fewer's."""
    known = list(bounds)
    return any(
        high.below is not None and low.least >= high.below and low.days <= high.days
        for low in known
        for high in known
    )
