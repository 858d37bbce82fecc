"""
What a promotion would give away.

Customers are sampled, each with all their baskets of the last eight weeks; the engine
prices those baskets with and without the draft beside what runs for everybody. The
interval is a bootstrap over customers. It assumes that people go on buying as they
did, and that everybody a personal promotion or a code is for has it: more buying than
before, or fewer people with the offer, change the cost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy.orm import Session

from loyalty.promotions.values import Promotion
from loyalty.usecases.estimate_promotion.material import DAYS, material
from loyalty.usecases.estimate_promotion.replay import Replay

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

    :param time_is_up: asked between shoppers; who was priced until then counts
    :returns: None when too few shoppers' baskets are recorded, or were priced in time
    """
    known = material(session, now=now)
    days, open_ended = _length(promotion)
    replay = Replay(session, promotion, known, window_days=min(days, DAYS))
    groups: list[tuple[int, int]] = []
    baskets = 0
    for group in known.groups:
        if time_is_up():
            break
        tried = [replay.try_on(recorded) for recorded in group]
        groups.append((sum(cost for cost, _use in tried), sum(u for _cost, u in tried)))
        baskets += len(tried)
    if len(groups) < FEWEST_SHOPPERS:
        return None
    share = days / DAYS * known.groups_in_all
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
        finished=len(groups) == len(known.groups),
    )


def _length(promotion: Promotion) -> tuple[int, bool]:
    valid = promotion.valid
    if valid.start is None or valid.until is None:
        return _OPEN_ENDED_DAYS, True
    return max(1, round((valid.until - valid.start) / _A_DAY)), False


def _bootstrap(
    groups: Sequence[tuple[int, int]],
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return low, mean and high of the cost and of the uses of one group."""
    draw = Random(0)  # noqa: S311  # a fixed seed: the same draft, the same answer
    size = len(groups)
    costs, uses = [], []
    for _at in range(_RESAMPLES):
        chosen = draw.choices(groups, k=size)
        costs.append(sum(cost for cost, _use in chosen) / size)
        uses.append(sum(use for _cost, use in chosen) / size)
    costs.sort()
    uses.sort()
    low, high = int(_LOW * _RESAMPLES), int(_HIGH * _RESAMPLES)
    return (
        (costs[low], sum(cost for cost, _use in groups) / size, costs[high]),
        (uses[low], sum(use for _cost, use in groups) / size, uses[high]),
    )


def _capped(promotion: Promotion, amount: int) -> int:
    budget = promotion.limits.budget
    return amount if budget is None else min(amount, budget.amount)
