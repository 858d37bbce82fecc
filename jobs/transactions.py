"""Transactions of workers, done again when that is what helps."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from loyalty.core.database import Database

AWAY_SECONDS: Final = 40.0
"""For so long a database that is away is waited for: less than a lease of 60 s."""

_LOOK_AGAIN_SECONDS: Final = 0.2
_TRIES: Final = 3
_MOVED: Final = frozenset({"40001", "40P01"})
"""Serialization failure (a message moved to another month), deadlock."""

_AWAY: Final = ("08", "57P")
"""How the states begin that say: connection lost, server stopping or starting."""

_T = TypeVar("_T")


def again(database: Database, work: Callable[[Session], _T]) -> _T:
    """
    Do something in a transaction; once more when messages moved meanwhile.

    When the database is away it is waited for: what came of a hand-over is known here
    alone, and messages of which nobody knows it are never sent again. What is done
    must bear being done twice, because a commit may be lost after it was made.

    :raises DBAPIError: if that does not help
    """
    tries, until = 1, time.monotonic() + AWAY_SECONDS
    while True:
        try:
            with database.transaction() as session:
                return work(session)
        except DBAPIError as problem:
            state = getattr(problem.orig, "sqlstate", None)
            if state in _MOVED and tries < _TRIES:
                tries += 1
            elif _is_away(problem, state) and time.monotonic() < until:
                time.sleep(_LOOK_AGAIN_SECONDS)
            else:
                raise


def _is_away(problem: DBAPIError, state: str | None) -> bool:
    # A connection that was never made has no state.
    never_made = state is None and "connection" in str(problem.orig)
    return (
        problem.connection_invalidated
        or never_made
        or (state is not None and state.startswith(_AWAY))
    )
