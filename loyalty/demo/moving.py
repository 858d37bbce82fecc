"""Moving the data's year so that it ends just now."""

from datetime import date, timedelta

_WEEK = 7


def week_shift(last_day: date, today: date) -> timedelta:
    """
    Return how far to move a history, in whole weeks, so that weekdays stay.

    Its last day becomes the latest day of the same weekday before today.
    """
    return timedelta(days=(today - timedelta(days=1) - last_day).days // _WEEK * _WEEK)
