"""Which weeks are which, after the data's year was moved."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from loyalty.demo.moving import week_shift
from loyalty.demo.weeks import moved_weeks

SUNDAY = date(2017, 12, 31)
FIRST_DAYS = {
    1: date(2017, 1, 1),
    **{week: date(2017, 1, 2) + timedelta(weeks=week - 2) for week in range(2, 54)},
}


class TestMovedWeeks:
    def test_are_those_of_2017_before_a_move(self) -> None:
        weeks = moved_weeks(FIRST_DAYS)
        assert weeks is not None
        assert weeks.reserved_from == date(2017, 9, 25)
        ends = (date(2017, 7, 9), date(2017, 8, 6), date(2017, 8, 27))
        assert weeks.tuning == tuple(end + timedelta(days=1) for end in ends)
        ends = (date(2017, 10, 1), date(2017, 10, 29), date(2017, 11, 26))
        assert weeks.reporting == tuple(end + timedelta(days=1) for end in ends)

    @given(
        today=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
        late=st.dictionaries(st.integers(2, 53), st.integers(0, 6)),
    )
    def test_move_with_the_dates_even_where_a_week_begins_without_purchases(
        self, today: date, late: dict[int, int]
    ) -> None:
        before = moved_weeks(FIRST_DAYS)
        shift = week_shift(SUNDAY, today)
        after = moved_weeks(
            {
                week: day + shift + timedelta(days=late.get(week, 0))
                for week, day in FIRST_DAYS.items()
            }
        )
        assert before is not None
        assert after is not None
        assert after.reserved_from == before.reserved_from + shift
        assert after.tuning == tuple(day + shift for day in before.tuning)
        assert after.reporting == tuple(day + shift for day in before.reporting)

    def test_are_unknown_where_a_week_is_missing(self) -> None:
        assert moved_weeks({}) is None
        assert moved_weeks({w: d for w, d in FIRST_DAYS.items() if w != 45}) is None
