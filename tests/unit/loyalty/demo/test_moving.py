"""Moving the data's year."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from loyalty.demo.moving import week_shift

SUNDAY = date(2017, 12, 31)


class TestWeekShift:
    def test_ends_yesterday_when_that_is_the_same_weekday(self) -> None:
        monday = date(2026, 11, 23)

        assert SUNDAY + week_shift(SUNDAY, monday) == date(2026, 11, 22)

    def test_ends_six_days_before_yesterday_at_most(self) -> None:
        sunday = date(2026, 11, 22)

        assert SUNDAY + week_shift(SUNDAY, sunday) == date(2026, 11, 15)

    @given(today=st.dates(date(1990, 1, 1), date(2100, 1, 1)))
    def test_keeps_the_weekday_and_ends_in_the_last_seven_days(
        self, today: date
    ) -> None:
        moved = SUNDAY + week_shift(SUNDAY, today)

        assert moved.weekday() == SUNDAY.weekday()
        assert timedelta(days=1) <= today - moved <= timedelta(days=7)
