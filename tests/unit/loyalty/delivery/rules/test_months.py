"""Months in UTC."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from loyalty.delivery.rules.months import month_of, months_between, months_from


class TestMonths:
    def test_a_moment_belongs_to_the_month_it_has_in_utc(self) -> None:
        in_warsaw = datetime(2026, 12, 1, 0, 30, tzinfo=ZoneInfo("Europe/Warsaw"))

        assert month_of(in_warsaw) == date(2026, 11, 1)
        assert month_of(datetime(2026, 12, 1, tzinfo=UTC)) == date(2026, 12, 1)

    def test_go_on_over_the_end_of_a_year(self) -> None:
        assert months_from(date(2026, 11, 1), 3) == (
            date(2026, 11, 1),
            date(2026, 12, 1),
            date(2027, 1, 1),
        )

    @given(first=st.dates(date(2000, 1, 1), date(2900, 1, 1)), count=st.integers(1, 40))
    def test_are_counted_as_they_are_listed(self, first: date, count: int) -> None:
        months = months_from(first.replace(day=1), count)

        assert [months_between(months[0], one) for one in months] == list(range(count))
