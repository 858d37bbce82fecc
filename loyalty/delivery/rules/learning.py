"""Learning somebody's hours from when they buy, open and click."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from loyalty.core.periods import DAY_NAMES, WeeklyWindow

_Who = TypeVar("_Who", bound=Hashable)
HOURS_A_DAY = 24
HOURS_A_WEEK = HOURS_A_DAY * len(DAY_NAMES)
PRIOR_STRENGTH = 20.0
"""How many observations the programme's own habits weigh."""

CHOSEN_HOURS = 14
"""How many of the week's hours become windows: two a day on average."""

FEWEST = 5
"""With fewer observations nothing is called a habit."""


def shares(
    histogram: Sequence[int], prior: Sequence[int], *, strength: float = PRIOR_STRENGTH
) -> tuple[float, ...]:
    """
    Smooth a customer's counts towards the programme's (empirical Bayes).

    The posterior mean of a multinomial under a Dirichlet prior whose mean is the
    programme's own distribution: ``(count + strength * share) / (n + strength)``.
    Source: Efron and Hastie, Computer Age Statistical Inference, chapter 6.

    :param histogram: 168 counts, Monday 00:00 first
    :param prior: the same for everybody; one is added to each, so none is impossible
    :returns: 168 shares that sum to one
    :raises ValueError: if either has another length or a negative count
    """
    for counts in (histogram, prior):
        if len(counts) != HOURS_A_WEEK or min(counts) < 0:
            message = f"not {HOURS_A_WEEK} counts of hours"
            raise ValueError(message)
    everybody = sum(prior) + HOURS_A_WEEK
    own = sum(histogram) + strength
    return tuple(
        (count + strength * (common + 1) / everybody) / own
        for count, common in zip(histogram, prior, strict=True)
    )


def added_up(*weeks: Mapping[_Who, Sequence[int]]) -> dict[_Who, tuple[int, ...]]:
    """Return each customer's hours of every kind of observation together."""
    return {
        who: tuple(
            sum(hour)
            for hour in zip(*(week[who] for week in weeks if who in week), strict=True)
        )
        for who in set().union(*weeks)
    }


def learn_windows(
    histogram: Sequence[int], prior: Sequence[int], *, strength: float = PRIOR_STRENGTH
) -> tuple[WeeklyWindow, ...]:
    """
    Return the customer's best hours as windows; none when too little is known.

    :raises ValueError: if a histogram is not 168 counts
    """
    smoothed = shares(histogram, prior, strength=strength)
    if sum(histogram) < FEWEST:
        return ()
    ranked = sorted(range(HOURS_A_WEEK), key=lambda hour: (-smoothed[hour], hour))
    chosen = set(ranked[:CHOSEN_HOURS])
    windows = []
    for day in range(len(DAY_NAMES)):
        hours = [h for h in range(HOURS_A_DAY) if day * HOURS_A_DAY + h in chosen]
        windows += [
            WeeklyWindow(days=frozenset({day}), start=first * 60, until=last * 60)
            for first, last in _runs(hours)
        ]
    return tuple(windows)


def _runs(hours: Sequence[int]) -> list[tuple[int, int]]:
    """Join neighbouring hours: ``[9, 10, 14]`` becomes ``[(9, 11), (14, 15)]``."""
    runs: list[tuple[int, int]] = []
    for hour in hours:
        if runs and runs[-1][1] == hour:
            runs[-1] = (runs[-1][0], hour + 1)
        else:
            runs.append((hour, hour + 1))
    return runs
