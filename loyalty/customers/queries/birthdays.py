"""Finding birthdays, which are stored sealed, by their marks."""

import calendar
from collections.abc import Iterable
from datetime import date

from loyalty.core.vault import Vault

_LEAP_YEAR = 2000


def birthday_mark(vault: Vault, month: int, day: int) -> bytes:
    """Return the blind index of a day of the year."""
    return vault.blind_index("birthday", f"{month:02d}-{day:02d}")


def birthday_marks(vault: Vault, months: Iterable[int]) -> list[bytes]:
    """Return the marks of every day of these months."""
    return [
        birthday_mark(vault, month, day)
        for month in months
        for day in range(1, calendar.monthrange(_LEAP_YEAR, month)[1] + 1)
    ]


def marks_on(vault: Vault, day: date) -> list[bytes]:
    """
    Return the marks of birthdays that are kept on a day.

    Who was born on 29 February keeps it on the 28th in years without one.
    """
    marks = [birthday_mark(vault, day.month, day.day)]
    if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
        marks.append(birthday_mark(vault, 2, 29))
    return marks
