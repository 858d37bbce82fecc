"""A promotion that another one always beats."""

from collections.abc import Iterator

from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values import (
    AmountOff,
    Combines,
    FixedPrice,
    Per,
    PercentOff,
    Promotion,
    Selector,
    Strategy,
    Trigger,
    Validity,
    is_whole_basket,
)
from loyalty.promotions.values.findings import Finding, FindingCode, Severity


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find a running promotion beside which it never gives anything."""
    for other in facts.running:
        if always_loses(facts.promotion, other, facts.strategy):
            yield Finding(
                code=FindingCode.ALWAYS_LOSES,
                severity=Severity.WARNING,
                pointer="/reward",
                promotions=(other.code,),
            )
            return


def always_loses(draft: Promotion, other: Promotion, strategy: Strategy) -> bool:
    """
    Test whether it is plain that an older promotion is always taken instead.

    That one must apply to all baskets and units to which the draft does, be kept off
    the same units by it, and take at least as much off each. At equal prices the
    older one stays. (Percentages that are rounded apart may still gain the draft half
    a minor unit here and there.)
    """
    return (
        _applies_where(other, draft)
        and _excludes(other, draft)
        and _gives_more(other, draft)
        and not (strategy is Strategy.PRIORITY and other.priority < draft.priority)
    )


def _applies_where(other: Promotion, draft: Promotion) -> bool:
    limits = other.limits
    unlimited = (
        limits.total is None
        and limits.budget is None
        and limits.per_customer is None
        and limits.per_customer_per_day is None
    )
    return (
        unlimited
        and other.trigger is Trigger.AUTOMATIC
        and other.audience in (None, draft.audience)
        and all(required in draft.requires for required in other.requires)
        and _valid_where(other.valid, draft.valid)
    )


def _valid_where(wide: Validity, narrow: Validity) -> bool:
    return (
        (
            wide.start is None
            or (narrow.start is not None and wide.start <= narrow.start)
        )
        and (
            wide.until is None
            or (narrow.until is not None and narrow.until <= wide.until)
        )
        and wide.weekly in (None, narrow.weekly)
        and _within(narrow.stores, wide.stores)
        and _within(narrow.sales_channels, wide.sales_channels)
    )


def _excludes(other: Promotion, draft: Promotion) -> bool:
    """Test whether the draft can always make room for the other, and must."""
    if draft.combines is Combines.FREELY:
        return False
    if draft.combines is Combines.ALONE:
        return True
    if other.combines is Combines.ALONE:
        return False
    # Item rewards keep off each other's units; rewards on the whole basket don't.
    return not is_whole_basket(draft.reward) and not is_whole_basket(other.reward)


def _gives_more(other: Promotion, draft: Promotion) -> bool:
    much, little = other.reward, draft.reward
    if isinstance(much, PercentOff) and isinstance(little, PercentOff):
        return (
            much.units is None
            and much.at_most is None
            and much.percent >= little.percent
            and _covers(much.on, little.on)
        )
    if isinstance(much, FixedPrice) and isinstance(little, FixedPrice):
        return (
            much.units is None
            and much.price <= little.price
            and _covers(much.on, little.on)
        )
    if isinstance(much, AmountOff) and isinstance(little, AmountOff):
        return (
            much.per is little.per is Per.UNIT
            and much.units is None
            and little.amount <= much.amount
            and _covers(much.on, little.on)
        )
    return False


def _covers(wide: Selector, narrow: Selector) -> bool:
    """Test whether it is plain that one selector matches all that another does."""
    if wide == narrow:
        return True
    if wide.exclude is not None:
        return False
    if wide.everything:
        return True
    return (
        not narrow.everything
        and _within(narrow.skus, wide.skus)
        and _within(narrow.brands, wide.brands)
        and _within(narrow.tags, wide.tags)
        and _below(narrow.categories, wide.categories)
        and (
            wide.price_at_least is None
            or (
                narrow.price_at_least is not None
                and wide.price_at_least <= narrow.price_at_least
            )
        )
        and (
            wide.price_below is None
            or (
                narrow.price_below is not None
                and narrow.price_below <= wide.price_below
            )
        )
    )


def _within(narrow: tuple[str, ...] | None, wide: tuple[str, ...] | None) -> bool:
    return wide is None or (narrow is not None and set(narrow) <= set(wide))


def _below(narrow: tuple[str, ...] | None, wide: tuple[str, ...] | None) -> bool:
    return wide is None or (
        narrow is not None
        and all(
            any(path == top or path.startswith(f"{top}/") for top in wide)
            for path in narrow
        )
    )
