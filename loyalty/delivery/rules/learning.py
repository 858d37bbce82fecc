"""Learning somebody's hours and channel from when they buy, and what they open."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from loyalty.core.periods import DAY_NAMES, WeeklyWindow
from loyalty.customers.values import Channel

_Who = TypeVar("_Who", bound=Hashable)
HOURS_A_DAY = 24
HOURS_A_WEEK = HOURS_A_DAY * len(DAY_NAMES)
PRIOR_STRENGTH = 20.0
"""How many observations the programme's own habits weigh."""

CHOSEN_HOURS = 14
"""How many of the week's hours become windows: two a day on average."""

FEWEST = 5
"""With fewer observations nothing is called a habit."""

CHANNEL_STRENGTH = 10.0
"""How many messages the programme's own share of a channel weighs."""

LOOKED_AT: Final = frozenset(
    {Channel.EMAIL, Channel.SMS, Channel.PUSH, Channel.TELEGRAM, Channel.INBOX}
)
"""Channels on which an opening or a click can be seen at all."""


@dataclass(frozen=True, slots=True)
class Looks:
    """How many messages of a channel were sent, and opened or followed."""

    looked: int
    sent: int

    def __post_init__(self) -> None:
        """Refuse more that were looked at than sent."""
        if not 0 <= self.looked <= self.sent:
            message = f"{self.looked} of {self.sent} messages can't be looked at"
            raise ValueError(message)

    def __add__(self, other: "Looks") -> "Looks":
        """Return both together."""
        return Looks(self.looked + other.looked, self.sent + other.sent)


def everybodys(each: Iterable[Mapping[Channel, Looks]]) -> dict[Channel, Looks]:
    """Return the programme's own messages on each channel."""
    found: dict[Channel, Looks] = {}
    for looks in each:
        for channel, some in looks.items():
            found[channel] = found.get(channel, Looks(0, 0)) + some
    return found


def channel_shares(
    own: Mapping[Channel, Looks],
    everybody: Mapping[Channel, Looks],
    *,
    strength: float = CHANNEL_STRENGTH,
) -> dict[Channel, float]:
    """
    Smooth the share of messages looked at towards the programme's, for each channel.

    The posterior mean of a binomial under a Beta prior whose mean is the programme's
    share: ``(looked + strength * share) / (sent + strength)``. Of a channel on which
    the programme has sent hardly anything, nothing is known.
    Source: Robinson, Introduction to Empirical Bayes, chapter 3.
    """
    found = {}
    for channel, all_ in everybody.items():
        if channel in LOOKED_AT and all_.sent >= FEWEST:
            mine = own.get(channel, Looks(0, 0))
            prior = (all_.looked + 1) / (all_.sent + 2)
            found[channel] = (mine.looked + strength * prior) / (mine.sent + strength)
    return found


def learn_channels(
    own: Mapping[Channel, Looks],
    everybody: Mapping[Channel, Looks],
    *,
    strength: float = CHANNEL_STRENGTH,
) -> tuple[Channel, ...]:
    """
    Return the channels, the one where a message is likeliest looked at first.

    None when the customer was sent too little, or never looked at anything: no
    "you usually open" is true of them, and the programme's order stands.
    """
    mine = [some for channel, some in own.items() if channel in LOOKED_AT]
    if sum(some.sent for some in mine) < FEWEST or not any(s.looked for s in mine):
        return ()
    smoothed = channel_shares(own, everybody, strength=strength)
    place = {channel: at for at, channel in enumerate(Channel)}
    return tuple(sorted(smoothed, key=lambda one: (-smoothed[one], place[one])))


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
