"""When a delivery is tried again, and when it is given up."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between one try and the next, as Standard Webhooks proposes: three days in all."""

MOST_TRIES: Final = len(WAITS) + 1
LONGEST_WAIT: Final = timedelta(hours=24)
"""More is not granted to ``Retry-After``."""

JITTER: Final = 0.2
DISABLE_AFTER: Final = timedelta(days=5)
"""An endpoint to which nothing got through for so long is disabled."""


def got_through(status: int | None) -> bool:
    """Test whether an answer says that the event arrived: any 2xx."""
    return status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def next_try(
    tries: int, *, chance: float, retry_after: int | None = None
) -> timedelta | None:
    """
    Return how long to wait after so many tries, or None to give up.

    :param chance: evenly spread from 0 to 1; adds up to a fifth, so that what failed
        together does not come back together
    :param retry_after: seconds that the endpoint asked for; never tried sooner
    """
    if tries >= MOST_TRIES:
        return None
    asked = timedelta(seconds=max(0, min(retry_after or 0, 86_400)))
    return max(WAITS[tries - 1] * (1 + JITTER * chance), min(asked, LONGEST_WAIT))
