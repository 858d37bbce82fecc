"""When a schedule rings next."""

from datetime import UTC, datetime, timedelta

import pytest

from loyalty.delivery.rules.schedules import Schedule, next_ring

NOON = datetime(2026, 10, 24, 12, tzinfo=UTC)
NIGHTLY = Schedule(name="train", job="train", at_minute=180, time_zone="Europe/Berlin")


class TestNextRing:
    def test_of_an_interval_counts_from_now(self) -> None:
        hourly = Schedule(name="plan", job="plan", every=timedelta(hours=1))

        assert next_ring(hourly, now=NOON) == NOON + timedelta(hours=1)

    def test_of_a_time_is_the_next_wall_time(self) -> None:
        # Three o'clock on the day the clocks go back is at 02:00 UTC.
        assert next_ring(NIGHTLY, now=NOON) == datetime(2026, 10, 25, 2, tzinfo=UTC)

    def test_is_always_later(self) -> None:
        at = datetime(2026, 10, 26, 2, tzinfo=UTC)

        assert next_ring(NIGHTLY, now=at) == at + timedelta(days=1)

    def test_refuses_a_schedule_that_never_rings(self) -> None:
        with pytest.raises(ValueError, match="never"):
            next_ring(Schedule(name="idle", job="idle"), now=NOON)
