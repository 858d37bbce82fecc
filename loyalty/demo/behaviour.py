"""
The model of the simulated shoppers: pure, seeded, with a planted effect of offers.

A household comes on a day with the probability with which it came on that weekday
before, at a minute at which it came before. Whoever has opened an offer comes, until
the offer ends and whether it was used or not, with a probability raised by
``Effect.more_visits``; while it is unused, a visit takes the offered product with
``Effect.buys_offered``. Nothing else depends on offers: what a campaign's results show
beyond chance is what was planted here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from loyalty.core.periods import MINUTES_A_DAY, at_minute
from loyalty.demo.dice import Dice

_DAYS: Final = 7
_HOUR: Final = 60
_GOLDEN: Final = (5**0.5 - 1) / 2
_MOST_CERTAIN: Final = 0.95
"""No household comes for certain, however regular."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """What offers do to simulated shoppers: the planted truth of the demo."""

    opens_mail: float = 0.6
    """The probability that a mail with an offer is opened at all."""

    opens_inbox: float = 0.4
    opens_after: timedelta = timedelta(hours=2)
    """The mean time until a message is opened; exponential."""

    more_visits: float = 0.3
    """By how much an opened, valid offer raises the probability of a visit."""

    buys_offered: float = 0.5
    """The probability that the offered product is bought on such a visit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """When a household comes, by weekday (0 is Monday)."""

    daily: tuple[float, ...]
    """The probability of a visit on each weekday."""

    minutes: tuple[tuple[int, ...], ...]
    """The minutes after midnight of its visits on each weekday."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A visit that happens, or would if an offer had been opened before."""

    at: datetime
    """Naive, on the shop's clock."""

    draw: float
    usual: float
    """It happens when the draw lies below the probability."""


def fit(visits: Sequence[datetime], *, weeks: float) -> Rhythm:
    """
    Return the rhythm of past visits on the shop's clock.

    :param visits: naive local moments; several on a day count once
    :param weeks: how long they were looked at, above 0
    """
    days = {visit.date() for visit in visits}
    counts = [sum(day.weekday() == weekday for day in days) for weekday in range(_DAYS)]
    return Rhythm(
        daily=tuple(min(count / weeks, _MOST_CERTAIN) for count in counts),
        minutes=tuple(
            tuple(
                visit.hour * _HOUR + visit.minute
                for visit in visits
                if visit.weekday() == weekday
            )
            for weekday in range(_DAYS)
        ),
    )


def candidate(
    rhythm: Rhythm, dice: Dice, day: date, effect: Effect
) -> Candidate | None:
    """Return the visit of a day that could happen, or None if none could."""
    usual = rhythm.daily[day.weekday()]
    # A household is more regular than a coin: over the weeks, the draws of a weekday
    # fill the space between 0 and 1 evenly (a rotation by the golden ratio).
    week, weekday = divmod(day.toordinal(), _DAYS)
    draw = (dice.share(f"{weekday}/visit") + week * _GOLDEN) % 1
    if draw >= raised(usual, effect):
        return None
    minute = dice.pick(f"{day}/minute", rhythm.minutes[day.weekday()])
    # Not to the minute as before: some minutes earlier or later, on the same day.
    minute += dice.whole(f"{day}/delay", -_HOUR // 4, _HOUR // 4)
    minute = min(max(minute, 0), MINUTES_A_DAY - 1)
    return Candidate(at=at_minute(day, minute), draw=draw, usual=usual)


def comes(visit: Candidate, *, exposed: bool, effect: Effect) -> bool:
    """Test whether the visit happens; ``exposed``: a valid offer was opened before."""
    return visit.draw < (raised(visit.usual, effect) if exposed else visit.usual)


def raised(usual: float, effect: Effect) -> float:
    """Return the probability of a visit with an opened, valid offer."""
    return min(usual * (1 + effect.more_visits), _MOST_CERTAIN)


def opened_at(
    message: Dice, sent_at: datetime, *, mail: bool, effect: Effect
) -> datetime | None:
    """
    Return when a message is opened, or None if never.

    :param message: the dice of this message
    :param mail: whether it is an e-mail; else it waits in the inbox
    """
    if not message.happens("opened", effect.opens_mail if mail else effect.opens_inbox):
        return None
    seconds = message.waiting("opens after", effect.opens_after.total_seconds())
    return sent_at + timedelta(seconds=seconds)


def days_between(start: date, until: date) -> Iterable[date]:
    """Give the days from the first (included) to the last (included)."""
    for ahead in range((until - start).days + 1):
        yield start + timedelta(days=ahead)
