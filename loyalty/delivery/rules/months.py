"""Calendar months in UTC, by which the tables of delivery are cut."""

from datetime import UTC, date, datetime

_A_YEAR = 12


def month_of(at: datetime) -> date:
    """Return the first day of the month, in UTC, that a moment lies in."""
    return at.astimezone(UTC).date().replace(day=1)


def months_from(first: date, count: int) -> tuple[date, ...]:
    """Return so many months in a row, each as its first day."""
    start = first.year * _A_YEAR + first.month - 1
    return tuple(
        date(place // _A_YEAR, place % _A_YEAR + 1, 1)
        for place in range(start, start + count)
    )


def months_between(earlier: date, later: date) -> int:
    """Return how many months the first lies before the second."""
    years = later.year - earlier.year
    return years * _A_YEAR + later.month - earlier.month
