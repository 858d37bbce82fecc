"""When campaigns run, and how their customers are drawn."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.offers.rules import first_hour, is_held_out, next_run, variant_of
from loyalty.offers.values import Monthly, Once, Variant, Weekly

WARSAW = ZoneInfo("Europe/Warsaw")
FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=2200)).map(
    lambda past: datetime(2024, 1, 1, tzinfo=UTC) + past
)
minutes = st.integers(0, 1439)
triggers = st.one_of(
    st.builds(
        Weekly,
        days=st.lists(st.integers(0, 6), min_size=1, unique=True).map(tuple),
        minute=minutes,
    ),
    st.builds(
        Monthly,
        days=st.lists(st.integers(1, 31), min_size=1, unique=True).map(tuple),
        minute=minutes,
    ),
)


def on(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).astimezone(UTC)


class TestTheNextRun:
    @pytest.mark.parametrize(
        ("trigger", "after", "expected"),
        [
            (Weekly(days=(0, 3), minute=540), "2026-11-20T12:00", "2026-11-23T09:00"),
            (Weekly(days=(4,), minute=540), "2026-11-20T08:59", "2026-11-20T09:00"),
            (Weekly(days=(4,), minute=540), "2026-11-20T09:00", "2026-11-27T09:00"),
            (Monthly(days=(15,), minute=0), "2026-11-20T12:00", "2026-12-15T00:00"),
            (Monthly(days=(31,), minute=600), "2027-02-01T00:00", "2027-02-28T10:00"),
            # The clocks skip half past two, and show it twice in autumn.
            (Weekly(days=(6,), minute=150), "2027-03-27T12:00", "2027-03-28T03:00"),
            (Weekly(days=(6,), minute=150), "2026-10-24T12:00", "2026-10-25T02:30"),
        ],
    )
    def test_is_on_its_day_at_its_time_of_the_clock(
        self, trigger: Weekly | Monthly, after: str, expected: str
    ) -> None:
        found = next_run(trigger, after=on(after), until=FOREVER, zone=WARSAW)

        assert found == on(expected)

    @given(triggers, moments)
    def test_comes_later_and_leaves_none_out(
        self, trigger: Weekly | Monthly, after: datetime
    ) -> None:
        found = next_run(trigger, after=after, until=FOREVER, zone=WARSAW)
        assert found is not None
        assert after < found < after + timedelta(days=40)

        before = found - timedelta(microseconds=1)
        if before > after:
            again = next_run(trigger, after=before, until=FOREVER, zone=WARSAW)
            assert again == found

    @given(triggers, moments)
    def test_is_none_from_the_end_on(
        self, trigger: Weekly | Monthly, after: datetime
    ) -> None:
        found = next_run(trigger, after=after, until=FOREVER, zone=WARSAW)
        assert found is not None
        assert next_run(trigger, after=after, until=found, zone=WARSAW) is None

    def test_is_none_without_a_calendar(self) -> None:
        now = on("2026-11-20T12:00")
        assert next_run(Once(), after=now, until=FOREVER, zone=WARSAW) is None


class TestTheFirstHour:
    @settings(deadline=None)  # the first one reads the zone
    @given(st.integers(0, 23), moments)
    def test_is_within_a_day_at_that_hour(self, hour: int, after: datetime) -> None:
        found = first_hour(hour, after=after, zone=WARSAW)

        assert after <= found <= after + timedelta(days=1, hours=2)
        # A clock that is put forward may have no such hour.
        assert found.astimezone(WARSAW).hour in {hour, hour + 1}


class TestTheVariant:
    VARIANTS = (
        Variant(code="a", share=50),
        Variant(code="b", share=30, hour=9),
        Variant(code="c", share=20, hour=18),
    )

    def test_is_drawn_by_the_shares(self) -> None:
        drawn = [self.drawn(customer) for customer in range(20_000)]
        for variant in self.VARIANTS:
            share = drawn.count(variant.code) / 200
            assert share == pytest.approx(variant.share, abs=1.2)

    def test_knows_nothing_of_the_holdout(self) -> None:
        held = [
            self.drawn(customer)
            for customer in range(40_000)
            if is_held_out(key=b"h" * 32, campaign="c", customer=customer, percent=10)
        ]
        assert held.count("a") / len(held) == pytest.approx(0.5, abs=0.025)

    @given(st.integers(1, 2**53))
    def test_is_stable(self, customer: int) -> None:
        assert self.drawn(customer) == self.drawn(customer)

    def test_is_none_where_there_is_one_way(self) -> None:
        assert variant_of(key=b"v" * 32, campaign="c", customer=1, variants=()) is None

    def drawn(self, customer: int) -> str | None:
        return variant_of(
            key=b"v" * 32, campaign="c", customer=customer, variants=self.VARIANTS
        )
