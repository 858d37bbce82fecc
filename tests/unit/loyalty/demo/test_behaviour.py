"""The simulated shoppers' model, and that a campaign measures what was planted."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

import pytest

from loyalty.core.periods import at_minute
from loyalty.demo.behaviour import (
    Candidate,
    Effect,
    Rhythm,
    candidate,
    comes,
    days_between,
    fit,
    opened_at,
    raised,
)
from loyalty.demo.dice import Dice
from loyalty.offers.rules import difference_in_means, is_held_out

MONDAY = date(2026, 11, 23)
EFFECT = Effect()
NEVER = Effect(opens_mail=0.0)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return at_minute(day, hour * 60 + minute)


class TestFit:
    def test_counts_days_with_a_visit_by_weekday(self) -> None:
        visits = [at(MONDAY, 9), at(MONDAY, 18), at(MONDAY + timedelta(days=7), 17)]

        rhythm = fit(visits, weeks=4)

        assert list(rhythm.daily) == [0.5, 0, 0, 0, 0, 0, 0]
        assert rhythm.minutes[0] == (540, 1080, 1020)

    def test_is_never_certain(self) -> None:
        visits = [at(MONDAY + timedelta(weeks=week), 9) for week in range(10)]

        assert fit(visits, weeks=10).daily[0] == 0.95


class TestCandidate:
    def test_comes_as_often_as_before_on_average(self) -> None:
        rhythm = Rhythm(daily=(0.3,) * 7, minutes=((600,),) * 7)
        days = list(days_between(MONDAY, MONDAY + timedelta(days=1999)))

        found = [candidate(rhythm, Dice("s"), day, EFFECT) for day in days]
        usual = [v for v in found if v and comes(v, exposed=False, effect=EFFECT)]
        more = [v for v in found if v and comes(v, exposed=True, effect=EFFECT)]

        assert len(usual) == pytest.approx(600, abs=60)
        assert len(more) == pytest.approx(780, abs=60)
        assert {v.at for v in usual} < {v.at for v in more}

    def test_keeps_to_the_quarter_of_an_hour_and_to_the_day(self) -> None:
        rhythm = Rhythm(daily=(0.95,) * 7, minutes=((2,),) * 7)

        found = [candidate(rhythm, Dice(str(n)), MONDAY, EFFECT) for n in range(300)]

        minutes = {visit.at.hour * 60 + visit.at.minute for visit in found if visit}
        assert {visit.at.date() for visit in found if visit} == {MONDAY}
        assert (min(minutes), max(minutes)) == (0, 17)

    def test_never_comes_on_a_day_without_visits(self) -> None:
        rhythm = fit([at(MONDAY, 9)], weeks=1)

        assert candidate(rhythm, Dice("s"), MONDAY + timedelta(days=1), EFFECT) is None


class TestComes:
    def test_is_decided_by_exposure_between_both_probabilities(self) -> None:
        visit = Candidate(at=at(MONDAY, 9), draw=0.6, usual=0.5)

        assert raised(0.5, EFFECT) == pytest.approx(0.65)
        assert not comes(visit, exposed=False, effect=EFFECT)
        assert comes(visit, exposed=True, effect=EFFECT)


class TestOpenedAt:
    def test_opens_so_many_mails_after_so_long(self) -> None:
        sent = at(MONDAY, 9)

        opened = [
            opened_at(Dice(str(n)), sent, mail=True, effect=EFFECT) for n in range(5000)
        ]

        seen = [moment for moment in opened if moment is not None]
        delays = [(moment - sent).total_seconds() / 3600 for moment in seen]
        assert len(seen) == pytest.approx(3000, abs=105)
        assert min(delays) > 0
        assert fmean(delays) == pytest.approx(2.0, abs=0.12)

    def test_opens_nothing_that_nobody_opens(self) -> None:
        assert opened_at(Dice("m"), at(MONDAY, 9), mail=True, effect=NEVER) is None


@dataclass(frozen=True)
class Outcome:
    """What a household did in the campaign's four weeks."""

    visits: int
    without: int
    """And what it would have done without any offer."""


def live(household: int, *, held_out: bool) -> Outcome:
    """Simulate one household from its own rhythm, as the demo does."""
    dice = Dice(f"household/{household}")
    daily = tuple(dice.share(f"rate/{day}") * 0.5 for day in range(7))
    rhythm = Rhythm(daily=daily, minutes=((600, 1080),) * 7)
    opened = opened_at(
        Dice(f"message/{household}"), at(MONDAY, 8), mail=True, effect=EFFECT
    )
    visits = without = 0
    for day in days_between(MONDAY, MONDAY + timedelta(days=27)):
        visit = candidate(rhythm, dice, day, EFFECT)
        if visit is None:
            continue
        exposed = not held_out and opened is not None and opened <= visit.at
        visits += comes(visit, exposed=exposed, effect=EFFECT)
        without += comes(visit, exposed=False, effect=EFFECT)
    return Outcome(visits=visits, without=without)


class TestResults:
    def test_recover_the_planted_uplift_within_their_interval(self) -> None:
        groups: dict[bool, list[Outcome]] = {True: [], False: []}
        for household in range(4000):
            held_out = is_held_out(
                key=b"k" * 32, campaign="autumn", customer=household, percent=30
            )
            groups[held_out].append(live(household, held_out=held_out))

        found = difference_in_means(
            [float(o.visits) for o in groups[False]],
            [float(o.visits) for o in groups[True]],
        )

        planted = fmean(o.visits - o.without for o in groups[False])
        assert found is not None
        assert found.low <= planted <= found.high
        assert found.is_clear
        usual = fmean(o.without for o in groups[False])
        # 30 % more visits of the 60 % who open, but for the hours until they do.
        assert planted / usual == pytest.approx(0.3 * 0.6, abs=0.01)

    def test_leave_those_held_out_as_they_were(self) -> None:
        outcomes = [live(household, held_out=True) for household in range(200)]

        assert all(outcome.visits == outcome.without for outcome in outcomes)
