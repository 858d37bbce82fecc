"""
What a promotion would give away.

Customers are sampled, each with all their baskets of the last eight weeks; the engine
prices those baskets with and without the draft beside what runs for everybody. The
interval is a bootstrap over customers. It assumes that people go on buying as they
did, and that everybody a personal promotion or a code is for has it: more buying than
before, or fewer people with the offer, change the cost.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy.orm import Session

from loyalty.promotions.queries.material import DAYS, material
from loyalty.promotions.queries.samples import RecordedBasket
from loyalty.promotions.values import Promotion
from loyalty.usecases.estimate_promotion.replay import Rehearsal

FEWEST_SHOPPERS: Final = 8
"""With fewer a range would say more than is known."""

_RESAMPLES: Final = 400
_LOW, _HIGH = 0.05, 0.95
_OPEN_ENDED_DAYS: Final = 28
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """
    A range of what the promotion gives away, in minor units, over ``days`` days.

    Nine of ten times the sample's mean would lie between ``low`` and ``high``.
    """

    low: int
    likely: int
    high: int
    uses_low: int
    uses_high: int
    days: int
    open_ended: bool
    baskets: int
    """How many recorded baskets were priced."""

    shoppers: int
    """Whose baskets they are; one without a card counts as somebody."""

    finished: bool
    """False when the time ran out before the whole sample was priced."""


def estimate_cost(
    session: Session,
    *,
    promotion: Promotion,
    now: datetime,
    time_is_up: Callable[[], bool],
) -> Cost | None:
    """
    Price recorded baskets with and without the promotion.

    :param time_is_up: asked between baskets; what was priced until then counts
    :returns: None when too few shoppers' baskets are recorded, or were priced in time
    """
    known = material(session, now=now)
    days, open_ended = _length(promotion)
    rehearsal = Rehearsal(session, promotion, known, window_days=min(days, DAYS))
    tried: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    baskets = 0
    for recorded in _in_turn(known.groups):
        if time_is_up():
            break
        for place, value in enumerate((*rehearsal.try_on(recorded), 1)):
            tried[recorded.group][place] += value
        baskets += 1
    groups = [(cost, uses, count) for cost, uses, count in tried.values()]
    if len(groups) < FEWEST_SHOPPERS:
        return None
    share = days / DAYS * known.baskets_in_all
    cost, uses = _bootstrap(groups)
    low, likely, high = (_capped(promotion, round(value * share)) for value in cost)
    fewest, _mean, most = (round(value * share) for value in uses)
    total = promotion.limits.total
    return Cost(
        low=low,
        likely=likely,
        high=high,
        uses_low=min(fewest, total or fewest),
        uses_high=min(most, total or most),
        days=days,
        open_ended=open_ended,
        baskets=baskets,
        shoppers=len(groups),
        finished=baskets == sum(map(len, known.groups)),
    )


def _length(promotion: Promotion) -> tuple[int, bool]:
    valid = promotion.valid
    if valid.start is None or valid.until is None:
        return _OPEN_ENDED_DAYS, True
    return max(1, round((valid.until - valid.start) / _A_DAY)), False


def _in_turn(
    groups: Sequence[Sequence[RecordedBasket]],
) -> Iterator[RecordedBasket]:
    """Return everybody's first basket, then the second: a fair part at any time."""
    longest = max(map(len, groups), default=0)
    for place in range(longest):
        yield from (group[place] for group in groups if place < len(group))


def _bootstrap(
    groups: Sequence[tuple[int, int, int]],
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """
    Return low, likely and high of the cost and of the uses of one basket.

    :param groups: of each shopper the cost, the uses and the number of baskets;
        drawn whole, because one shopper's baskets resemble each other
    """
    draw = Random(0)  # noqa: S311  # a fixed seed: the same draft, the same answer
    drawn = [_ratios(draw.choices(groups, k=len(groups))) for _at in range(_RESAMPLES)]
    costs, uses = (sorted(values) for values in zip(*drawn, strict=True))
    cost, use = _ratios(groups)
    low, high = int(_LOW * _RESAMPLES), int(_HIGH * _RESAMPLES)
    return (costs[low], cost, costs[high]), (uses[low], use, uses[high])


def _ratios(groups: Sequence[tuple[int, int, int]]) -> tuple[float, float]:
    costs, uses, counts = (sum(values) for values in zip(*groups, strict=True))
    return costs / counts, uses / counts


def _capped(promotion: Promotion, amount: int) -> int:
    budget = promotion.limits.budget
    return amount if budget is None else min(amount, budget.amount)
