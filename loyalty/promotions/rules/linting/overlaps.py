"""Promotions that run at the same time, on the same articles."""

from collections.abc import Iterator
from decimal import Decimal

from loyalty.core.periods import Period, local_moment
from loyalty.promotions.rules.linting.facts import LintFacts, about
from loyalty.promotions.rules.selecting import Item, matches
from loyalty.promotions.values import (
    BasketLine,
    Combines,
    FreeDelivery,
    PercentOff,
    Promotion,
    is_whole_basket,
)
from loyalty.promotions.values.findings import Finding, FindingCode, Severity

_WHOLE = Decimal(100)


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find what meets it in time, place and articles; whole percentages above all."""
    draft = facts.promotion
    beside = [one for one in facts.running if _meet(facts, draft, one)]
    twice = [one for one in beside if _both_whole_percentages(draft, one)]
    for other in twice:
        yield Finding(
            code=FindingCode.TWO_WHOLE_PERCENTAGES,
            severity=Severity.WARNING,
            pointer="/combines",
            figures={"percent": _together(draft, other)},
            promotions=(other.code,),
        )
    if beside:
        yield Finding(
            code=FindingCode.OVERLAPS,
            severity=Severity.NOTE,
            pointer="/valid",
            figures={"count": len(beside)},
            promotions=tuple(one.code for one in beside),
        )


def _meet(facts: LintFacts, one: Promotion, other: Promotion) -> bool:
    return (
        _period(facts, one).overlaps(_period(facts, other))
        and _share(one.valid.stores, other.valid.stores)
        and _share(one.valid.sales_channels, other.valid.sales_channels)
        and _same_kind(one, other)
        and _same_articles(facts, other)
    )


def _period(facts: LintFacts, promotion: Promotion) -> Period:
    start, until = promotion.valid.start, promotion.valid.until
    return Period(
        start=facts.now if start is None else local_moment(start, facts.zone),
        until=None if until is None else local_moment(until, facts.zone),
    )


def _share(mine: tuple[str, ...] | None, theirs: tuple[str, ...] | None) -> bool:
    return mine is None or theirs is None or not set(mine).isdisjoint(theirs)


def _same_kind(one: Promotion, other: Promotion) -> bool:
    """Test whether both are about goods, or both about the delivery."""
    return isinstance(one.reward, FreeDelivery) == isinstance(
        other.reward, FreeDelivery
    )


def _same_articles(facts: LintFacts, other: Promotion) -> bool:
    mine, theirs = facts.about, about(other)
    if any(selector.is_whole_basket for selector in (*mine, *theirs)):
        return True
    return any(
        matches(selector, item)
        for item in (_item(facts, at) for at in range(len(facts.articles)))
        for selector in theirs
    )


def _item(facts: LintFacts, at: int) -> Item:
    article = facts.articles[at]
    return Item(
        line=BasketLine(
            line="", sku=article.product.sku, quantity=_WHOLE, unit_price=article.price
        ),
        product=article.product,
        count=1,
        price=article.price.amount,
        floor=0,
        weight=None,
        discountable=True,
    )


def _both_whole_percentages(one: Promotion, other: Promotion) -> bool:
    return all(
        isinstance(promotion.reward, PercentOff)
        and is_whole_basket(promotion.reward)
        and promotion.combines is not Combines.ALONE
        for promotion in (one, other)
    )


def _together(one: Promotion, other: Promotion) -> Decimal:
    left = _WHOLE
    for promotion in (one, other):
        if isinstance(promotion.reward, PercentOff):
            left -= left * promotion.reward.percent / _WHOLE
    return _WHOLE - left
