"""Dates of the Persian (Jalali) calendar in Babel's patterns."""

import re
from datetime import date
from typing import Final

from persiantools.jdatetime import MONTH_NAMES_FA, JalaliDate

_NAMED: Final = {
    "short": "y/MM/dd",
    "medium": "d MMM y",
    "long": "d MMMM y",
    "full": "EEEE d MMMM y",
}
_FIELD = re.compile(r"'[^']*'|d+|M+|L+|y+|u+")
_NAME_FROM: Final = 3
"""A month of so many letters is a name; Persian does not shorten them."""


def jalali_pattern(pattern: str, day: date) -> str:
    """
    Return the pattern with its day, month and year set in, those of the Jalali day.

    Weekdays and times stay for Babel: they are the same in both calendars.

    :param pattern: of Babel, or the name of one of its lengths for dates
    """
    jalali = JalaliDate.to_jalali(day)
    figures = {"d": jalali.day, "M": jalali.month, "L": jalali.month, "y": jalali.year}

    def field(found: re.Match[str]) -> str:
        text = found[0]
        if text[0] in "ML" and len(text) >= _NAME_FROM:
            return f"'{MONTH_NAMES_FA[jalali.month]}'"
        if text[0] == "'":
            return text
        figure = figures[text[0].replace("u", "y")]
        return f"'{figure:0{len(text)}}'"

    return _FIELD.sub(field, _NAMED.get(pattern, pattern))
