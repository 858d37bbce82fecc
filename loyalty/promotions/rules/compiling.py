"""An index of promotions, so that a basket costs what touches it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from loyalty.promotions.rules import rewards
from loyalty.promotions.rules.eligibility import Situation
from loyalty.promotions.rules.goods import Goods, Key, narrowing
from loyalty.promotions.values import (
    Promotion,
    Quantity,
    Selector,
    Spend,
    Trigger,
)

_ANY: Key = ("any", "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """
    Promotions by age (the oldest first), indexed by what they are about.

    Made once for a version of the rule set and shared by all baskets. ``index`` has
    those that apply by themselves; ``offers`` those that need an offer, by code, with
    what they are filed under; ``coupons`` those that need a coupon code.
    """

    promotions: tuple[Promotion, ...]
    ages: Mapping[str, int]
    index: Mapping[Key, tuple[int, ...]]
    offers: Mapping[str, frozenset[Key]]
    coupons: frozenset[str]

    def concerning(self, situation: Situation) -> list[int]:
        """
        Return the ages of the promotions that may concern a basket.

        Those that need a coupon or an offer are among them only when it is there.
        """
        facts, ages = situation.facts, self.touching(situation.goods)
        for text in situation.basket.codes:
            code = facts.codes.get(text)
            if code is not None and code.promotion in self.coupons:
                ages.add(self.ages[code.promotion])
        for offered in facts.customer.offered if facts.customer else ():
            keys = self.offers.get(offered)
            if keys is not None and self._meets(keys, situation.goods):
                ages.add(self.ages[offered])
        return sorted(ages)

    def touching(self, goods: Goods) -> set[int]:
        """Return the ages of those that apply by themselves to one of the goods."""
        ages = set(self.index.get(_ANY, ()))
        for key in goods.keys:
            ages.update(self.index.get(key, ()))
        return ages

    @staticmethod
    def _meets(keys: frozenset[Key], goods: Goods) -> bool:
        return _ANY in keys or not keys.isdisjoint(goods.keys)


def compile_promotions(promotions: Sequence[Promotion]) -> Compiled:
    """
    Index promotions for many baskets.

    :param promotions: the oldest activation first; codes are unique
    """
    index: defaultdict[Key, list[int]] = defaultdict(list)
    offers: dict[str, frozenset[Key]] = {}
    coupons: set[str] = set()
    for age, promotion in enumerate(promotions):
        keys = _keys(promotion)
        if promotion.trigger is Trigger.CODE:
            coupons.add(promotion.code)
        elif promotion.trigger is Trigger.PERSONAL:
            offers[promotion.code] = keys
        else:
            for key in keys:
                index[key].append(age)
    return Compiled(
        promotions=tuple(promotions),
        ages={promotion.code: age for age, promotion in enumerate(promotions)},
        index={key: tuple(ages) for key, ages in index.items()},
        offers=offers,
        coupons=frozenset(coupons),
    )


def _keys(promotion: Promotion) -> frozenset[Key]:
    """
    Return the keys of which a basket that the promotion touches has one.

    They are those of what it rewards. What rewards any basket is filed under what it
    requires, as nobody expects it who bought nothing of that.
    """
    about = rewards.selectors(promotion.reward)
    if any(_key_of(selector) == [_ANY] for selector in about):
        required = [_key_of(selector) for selector in _required(promotion)]
        return frozenset(next((keys for keys in required if keys != [_ANY]), [_ANY]))
    return frozenset(key for selector in about for key in _key_of(selector))


def _required(promotion: Promotion) -> Iterator[Selector]:
    for requirement in promotion.requires:
        if isinstance(requirement, Spend):
            yield requirement.on
        elif isinstance(requirement, Quantity):
            yield requirement.of


def _key_of(selector: Selector) -> list[Key]:
    return next(narrowing(selector), [_ANY])
