"""Small facts of the shop that layouts and macros show."""

from datetime import time

from sqlalchemy.exc import SQLAlchemyError

from loyalty.core.errors import LoyaltyError
from loyalty.core.texts import current_language, format_time
from loyalty.stores.queries import get_programme, get_store_by_id
from loyalty.stores.values import StoreID
from loyalty.web.context import database
from loyalty.web.people import current_store

_MINUTES_A_DAY = 24 * 60
_SATURDAY = 5


def shop_name() -> str:
    """Return the programme's name; a page about a failure must not fail for it."""
    try:
        with database().transaction() as session:
            return get_programme(session).name
    except (LoyaltyError, SQLAlchemyError):
        return "Loyalty"


def store_name() -> str | None:
    """Return the name of the store that the signed-in person works in, if set."""
    store_id = current_store()
    if store_id is None:
        return None
    with database().transaction() as session:
        return get_store_by_id(session, store_id=StoreID(store_id)).name


def week() -> tuple[int, ...]:
    """Return the days in the order of the reader's week, 0 being Monday."""
    first = _SATURDAY if current_language() == "fa" else 0
    return tuple((first + day) % 7 for day in range(7))


def minutes(of_day: int) -> str:
    """Write a minute of the day as a time; the day's end is midnight."""
    hour, minute = divmod(of_day % _MINUTES_A_DAY, 60)
    return format_time(time(hour, minute))
