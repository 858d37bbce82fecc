"""Whether a promotion may apply to a basket at all, and if not, why not.

Reasons are looked for in a fixed order: validity, place, trigger, audience,
requirements in their order, limits.
"""

from dataclasses import dataclass
from datetime import tzinfo

from loyalty.core.money import Money
from loyalty.core.periods import in_weekly_windows, local_moment
from loyalty.promotions.rules.audiences import meets
from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import Lacking
from loyalty.promotions.values import (
    Basket,
    Code,
    Counting,
    Facts,
    MissedReason,
    Promotion,
    Quantity,
    Requirement,
    Spend,
    Trigger,
    Used,
    Validity,
)


@dataclass(frozen=True, slots=True)
class NotExpected:
    """The promotion needs a code or an offer that nobody spoke of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """A basket with everything that decides which promotions may apply."""

    basket: Basket
    facts: Facts
    goods: Goods
    zone: tzinfo

    @classmethod
    def of(cls, basket: Basket, facts: Facts, zone: tzinfo) -> "Situation":
        """Return the situation of a basket at a place on this clock."""
        goods = Goods.of(basket, facts.catalogue)
        return cls(basket=basket, facts=facts, goods=goods, zone=zone)


def obstacle(
    promotion: Promotion, situation: Situation
) -> Lacking | NotExpected | None:
    """Return the first reason against the promotion, or None when it may apply."""
    lacking: Lacking | NotExpected | None = _when_and_where(promotion, situation)
    lacking = lacking or _triggered(promotion, situation)
    if lacking:
        return lacking
    customer = situation.facts.customer
    if promotion.audience is not None and not meets(
        promotion.audience, customer, at=situation.basket.at, zone=situation.zone
    ):
        reason = (
            MissedReason.FOR_MEMBERS
            if customer is None
            else MissedReason.NOT_FOR_THIS_CUSTOMER
        )
        return Lacking(reason=reason)
    for requirement in promotion.requires:
        lacking = _unmet(requirement, situation)
        if lacking:
            return lacking
    return _spent_limit(promotion, situation.facts.used.get(promotion.code, Used()))


def code_problem(code: Code | None, situation: Situation) -> MissedReason | None:
    """Return why a code that was given does not count, or None when it does."""
    if code is None:
        return MissedReason.CODE_UNKNOWN
    if code.problem is not None:
        return code.problem
    if code.expires is not None and code.expires <= situation.basket.at:
        return MissedReason.CODE_EXPIRED
    if code.uses is not None and code.used >= code.uses:
        return MissedReason.CODE_USED
    return None


def code_for(promotion: Promotion, situation: Situation) -> str | None:
    """Return the code of the basket that lets the promotion apply, if one does."""
    for text in situation.basket.codes:
        code = situation.facts.codes.get(text)
        if (
            code is not None
            and code.promotion == promotion.code
            and code_problem(code, situation) is None
        ):
            return text
    return None


def spend_lacking(spend: Spend, reached: int) -> Lacking | None:
    """Return how much is missing to the spend, given what was reached."""
    short = spend.at_least.amount - reached
    if short <= 0:
        return None
    return Lacking(
        reason=MissedReason.SPEND_SHORT,
        of=spend.on,
        short_by=Money(amount=short, currency=spend.at_least.currency),
    )


def _when_and_where(promotion: Promotion, situation: Situation) -> Lacking | None:
    basket, valid = situation.basket, promotion.valid
    reason = _outside(valid, situation)
    if reason is None and promotion.currency != basket.currency:
        reason = MissedReason.OTHER_CURRENCY
    if reason is None and valid.stores is not None and basket.store not in valid.stores:
        reason = MissedReason.NOT_AT_THIS_STORE
    if (
        reason is None
        and valid.sales_channels is not None
        and basket.sales_channel not in valid.sales_channels
    ):
        reason = MissedReason.NOT_IN_THIS_CHANNEL
    return None if reason is None else Lacking(reason=reason)


def _outside(valid: Validity, situation: Situation) -> MissedReason | None:
    at, zone = situation.basket.at, situation.zone
    if valid.start is not None and at < local_moment(valid.start, zone):
        return MissedReason.NOT_STARTED
    if valid.until is not None and at >= local_moment(valid.until, zone):
        return MissedReason.ENDED
    if valid.weekly is not None and not in_weekly_windows(valid.weekly, at, zone):
        return MissedReason.OUTSIDE_HOURS
    return None


def _triggered(promotion: Promotion, situation: Situation) -> NotExpected | None:
    if promotion.trigger is Trigger.CODE and code_for(promotion, situation) is None:
        return NotExpected()
    customer = situation.facts.customer
    if promotion.trigger is Trigger.PERSONAL and (
        customer is None or promotion.code not in customer.offered
    ):
        return NotExpected()
    return None


def _unmet(requirement: Requirement, situation: Situation) -> Lacking | None:
    goods = situation.goods
    if isinstance(requirement, Spend):
        # A spend after item discounts cannot be more than the spend before them;
        # whether it is reached depends on the combination and is checked there.
        return spend_lacking(requirement, goods.value_of(requirement.on))
    if isinstance(requirement, Quantity):
        missing = requirement.at_least - goods.count_of(requirement.of)
        if missing > 0:
            return Lacking(
                reason=MissedReason.QUANTITY_SHORT, of=requirement.of, missing=missing
            )
        return None
    if situation.basket.payment not in requirement.ways:
        return Lacking(reason=MissedReason.OTHER_PAYMENT)
    return None


def _spent_limit(promotion: Promotion, used: Used) -> Lacking | None:
    limits = promotion.limits
    for limit, count in (
        (limits.per_customer, used.by_customer),
        (limits.per_customer_per_day, used.today),
    ):
        if limit is not None and count >= limit:
            return Lacking(reason=MissedReason.ALREADY_USED)
    budget = limits.budget
    if (limits.total is not None and used.total >= limits.total) or (
        budget is not None and used.given >= budget.amount
    ):
        return Lacking(reason=MissedReason.USED_UP)
    return None


def after_item_spends(promotion: Promotion) -> list[Spend]:
    """Return the spends that are measured after item discounts."""
    return [
        requirement
        for requirement in promotion.requires
        if isinstance(requirement, Spend)
        and requirement.counting is Counting.AFTER_ITEM_DISCOUNTS
    ]
