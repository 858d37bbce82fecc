"""Rules of campaigns: who is in them, when they run, and what they changed."""

from loyalty.offers.rules.assigning import is_held_out, variant_of
from loyalty.offers.rules.audiences import meets
from loyalty.offers.rules.calendars import first_hour, next_run
from loyalty.offers.rules.measuring import (
    FEWEST_MEMBERS,
    Difference,
    Moments,
    compare,
    difference_in_means,
    judge,
    moments_of,
)
from loyalty.offers.rules.telling import data_of, event_of

__all__ = [
    "FEWEST_MEMBERS",
    "Difference",
    "Moments",
    "compare",
    "data_of",
    "difference_in_means",
    "event_of",
    "first_hour",
    "is_held_out",
    "judge",
    "meets",
    "moments_of",
    "next_run",
    "variant_of",
]
