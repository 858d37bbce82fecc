"""How many messages a provider gets, and when it is left alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.delivery.rules.gate import (
    BREAKS_AFTER,
    PROBE_LASTS,
    Circuit,
    Gate,
    ask,
    closed_until,
    failed,
    give_back,
    succeeded,
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def limited(rate: float = 10.0, tokens: float = 10.0) -> Gate:
    return Gate(rate=rate, burst=10.0, tokens=tokens, refilled_at=NOW)


def broken(times: int = BREAKS_AFTER) -> Gate:
    gate = Gate(refilled_at=NOW)
    for _ in range(times):
        gate = failed(gate, now=NOW)
    return gate


class TestBucket:
    def test_without_a_rate_everything_goes(self) -> None:
        gate = Gate(refilled_at=NOW)

        assert ask(gate, wanted=500, now=NOW) == (500, gate)

    def test_gives_what_it_holds_and_fills_again(self) -> None:
        granted, after = ask(limited(), wanted=500, now=NOW)
        more, _ = ask(after, wanted=500, now=NOW + seconds(0.55))

        assert (granted, more) == (10, 5)

    def test_never_holds_more_than_a_burst(self) -> None:
        _, empty = ask(limited(), wanted=10, now=NOW)

        assert ask(empty, wanted=500, now=NOW + timedelta(days=1))[0] == 10

    def test_takes_back_what_was_not_needed(self) -> None:
        _, after = ask(limited(), wanted=10, now=NOW)

        assert ask(give_back(after, unused=4), wanted=10, now=NOW)[0] == 4

    def test_a_clock_that_went_back_gives_nothing_more(self) -> None:
        _, after = ask(limited(), wanted=10, now=NOW)

        assert ask(after, wanted=10, now=NOW - seconds(60))[0] == 0

    @given(
        rate=st.floats(0.5, 200.0),
        asks=st.lists(
            st.tuples(st.floats(0.0, 5.0), st.integers(0, 300)), min_size=1, max_size=30
        ),
    )
    def test_never_lets_more_through_than_burst_and_rate_allow(
        self, rate: float, asks: list[tuple[float, int]]
    ) -> None:
        gate = limited(rate)
        now, let_through = NOW, 0
        for wait, wanted in asks:
            now += seconds(wait)
            granted, gate = ask(gate, wanted=wanted, now=now)
            assert 0 <= granted <= wanted
            let_through += granted
        gone_by = (now - NOW).total_seconds()
        assert let_through <= gate.burst + gone_by * rate + 1e-6


class TestBreaker:
    def test_holds_through_a_few_failures(self) -> None:
        gate = broken(BREAKS_AFTER - 1)

        assert gate.circuit(NOW) is Circuit.CLOSED
        assert ask(gate, wanted=7, now=NOW)[0] == 7

    def test_opens_and_lets_one_message_try_later(self) -> None:
        gate = broken()
        later = NOW + seconds(5)

        assert ask(gate, wanted=7, now=NOW)[0] == 0
        assert closed_until(gate, now=NOW) == later
        granted, trying = ask(gate, wanted=7, now=later)
        assert granted == 1
        assert ask(trying, wanted=7, now=later)[0] == 0
        assert ask(trying, wanted=7, now=later + PROBE_LASTS)[0] == 1

    def test_closes_when_something_gets_through(self) -> None:
        _, trying = ask(broken(), wanted=7, now=NOW + seconds(5))
        gate = succeeded(trying)

        assert gate.circuit(NOW) is Circuit.CLOSED
        assert ask(gate, wanted=7, now=NOW + seconds(5))[0] == 7

    @pytest.mark.parametrize(
        ("times", "pause"), [(5, 5), (6, 10), (8, 40), (11, 300), (400, 300)]
    )
    def test_waits_longer_each_time(self, times: int, pause: int) -> None:
        assert closed_until(broken(times), now=NOW) == NOW + seconds(pause)

    def test_keeps_to_what_the_provider_asks_for(self) -> None:
        gate = failed(Gate(refilled_at=NOW), now=NOW, retry_after=30)

        assert gate.failures == 0
        assert ask(gate, wanted=7, now=NOW + seconds(29))[0] == 0
        assert ask(gate, wanted=7, now=NOW + seconds(30))[0] == 7

    def test_does_not_wait_for_ever_at_its_word(self) -> None:
        gate = failed(Gate(refilled_at=NOW), now=NOW, retry_after=1e9)

        assert closed_until(gate, now=NOW) == NOW + timedelta(hours=1)

    def test_a_limited_provider_still_has_its_tokens_while_it_is_broken(self) -> None:
        gate = replace(limited(), failures=BREAKS_AFTER, open_until=NOW + seconds(5))

        assert ask(gate, wanted=7, now=NOW) == (0, gate)
