"""Which stretch of time is counted next."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from loyalty.delivery.rules.tallies import (
    AGAIN,
    MINUTES_LAST,
    Counted,
    Stretch,
    end_of,
    next_stretch,
    start_of,
)
from loyalty.delivery.values import TallySpan

NOW = datetime(2026, 11, 24, 14, 37, 25, tzinfo=UTC)
HOUR = timedelta(hours=1)


class TestNextStretch:
    def test_counts_minutes_up_to_the_last_full_one(self) -> None:
        found = next_stretch(
            counted=Counted(), first_event=NOW - timedelta(minutes=5), now=NOW
        )

        assert found == Stretch(
            span=TallySpan.MINUTE,
            since=datetime(2026, 11, 24, 14, 32, tzinfo=UTC),
            until=datetime(2026, 11, 24, 14, 37, tzinfo=UTC),
        )

    def test_counts_the_last_few_minutes_again(self) -> None:
        edge = start_of(TallySpan.HOUR, NOW - MINUTES_LAST)
        counted = Counted(minute=NOW.replace(minute=36, second=0), hour=edge)

        found = next_stretch(counted=counted, first_event=NOW - 99 * HOUR, now=NOW)

        assert found is not None
        assert found.since == NOW.replace(minute=36, second=0) - AGAIN
        assert found.until == NOW.replace(minute=37, second=0)

    def test_counts_hours_first_that_are_past_keeping_by_the_minute(self) -> None:
        counted = Counted(
            minute=NOW.replace(minute=36, second=0),
            hour=datetime(2026, 11, 24, 7, tzinfo=UTC),
        )

        found = next_stretch(counted=counted, first_event=NOW - 99 * HOUR, now=NOW)

        assert found == Stretch(
            span=TallySpan.HOUR,
            since=datetime(2026, 11, 24, 7, tzinfo=UTC),
            until=datetime(2026, 11, 24, 8, tzinfo=UTC),
        )

    def test_counts_nothing_before_the_first_minute_is_over(self) -> None:
        first = NOW.replace(second=0)

        assert next_stretch(counted=Counted(), first_event=first, now=NOW) is None

    @given(
        age=st.timedeltas(timedelta(0), timedelta(days=40)),
        now=st.datetimes(
            datetime(2026, 1, 1),  # noqa: DTZ001  # the strategy adds the zone
            datetime(2027, 1, 1),  # noqa: DTZ001  # too
            timezones=st.just(UTC),
        ),
    )
    def test_leaves_no_gap_and_ends(self, age: timedelta, now: datetime) -> None:
        first = now - age
        counted, reached, turns = Counted(), start_of(TallySpan.HOUR, first), 0
        while found := next_stretch(counted=counted, first_event=first, now=now):
            turns += 1
            if found.span is TallySpan.HOUR:
                assert found.since == reached
                assert start_of(TallySpan.HOUR, found.since) == found.since
                whole_days = start_of(TallySpan.DAY, found.until) == found.until
                assert whole_days or now - found.until < MINUTES_LAST + HOUR
                reached = found.until
                counted = Counted(hour=reached)
            else:
                assert found.since <= max(reached, start_of(TallySpan.MINUTE, first))
                reached = found.until
                break

        assert turns <= 22
        assert reached == start_of(TallySpan.MINUTE, now) or age < end_of(
            TallySpan.MINUTE, now
        ) - start_of(TallySpan.MINUTE, now)
