"""
What a promotion would have done to purchases that were recorded.

Purchases come in windows, in the order of time. A window is priced in parts by
customer, in as many processes as the executor has; then it is put together so that
the promotion's total and budget hold in the order of time, exactly as if one process
had priced one basket after the other. It assumes unchanged behaviour: that people
would have bought the same.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from loyalty.promotions.rules.backtesting.merging import merge, split
from loyalty.promotions.rules.backtesting.pricing import (
    Priced,
    Task,
    price_part,
    pricer_of,
)
from loyalty.promotions.rules.backtesting.replaying import Reach, Replay, as_if_it_ran
from loyalty.promotions.rules.backtesting.tallying import NO_CARD, NO_SEGMENT, Tally
from loyalty.promotions.rules.backtesting.uses import Uses
from loyalty.promotions.values.backtests import Backtest, Effect, Scene, Window

__all__ = [
    "NO_CARD",
    "NO_SEGMENT",
    "Reach",
    "Replay",
    "Workforce",
    "as_if_it_ran",
    "backtest",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Workforce:
    """Who prices: an executor of processes, and into how many parts to split."""

    executor: Executor | None = None
    parts: int = 1


ALONE = Workforce()
"""This process, by itself."""


def backtest(
    scene: Scene,
    windows: Iterable[Window],
    *,
    workforce: Workforce = ALONE,
    tell: Callable[[int], None] = lambda _seen: None,
) -> Backtest:
    """
    Price recorded purchases with and without a draft.

    :param windows: the purchases in the order of time; read ahead by one
    :param tell: is told after each window how many purchases are done
    """
    task = Task(scene)
    pricer = pricer_of(task)
    uses = Uses(scene.draft.limits)
    tally = Tally(scene)
    coming = iter(windows)
    window = next(coming, None)
    while window is not None:
        pricing = _begin(task, window, uses, workforce)
        ahead = next(coming, None)
        for effect in merge(window, _collect(pricing), uses, pricer):
            tally.note(effect, _segments(window, effect))
        tally.see(window)
        tell(tally.baskets)
        window = ahead
    return tally.result(limit_reached=uses.limit_reached)


def _begin(
    task: Task, window: Window, uses: Uses, workforce: Workforce
) -> Sequence[Future[list[Priced]] | list[Priced]]:
    """Let the parts of a window be priced."""
    parts = split(window, uses, workforce.parts)
    if workforce.executor is None:
        return [price_part(task, part) for part in parts]
    return [workforce.executor.submit(price_part, task, part) for part in parts]


def _collect(
    pricing: Iterable[Future[list[Priced]] | list[Priced]],
) -> list[Priced]:
    return [priced for one in pricing for priced in _done(one)]


def _done(one: Future[list[Priced]] | list[Priced]) -> Iterator[Priced]:
    yield from one if isinstance(one, list) else one.result()


def _segments(window: Window, effect: Effect) -> tuple[str, ...] | None:
    if effect.customer is None:
        return None
    known = window.customers.get(effect.customer)
    return known.segments if known else ()
