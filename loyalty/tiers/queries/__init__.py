"""Reading tiers."""

from loyalty.tiers.queries.ladders import get_ladder, get_ladders
from loyalty.tiers.queries.measuring import (
    buyers_after,
    latest_steps,
    measure,
    measures,
)
from loyalty.tiers.queries.members import (
    count_by_tier,
    count_held,
    history,
    members_of,
    standing,
    tier_of,
)

__all__ = [
    "buyers_after",
    "count_by_tier",
    "count_held",
    "get_ladder",
    "get_ladders",
    "history",
    "latest_steps",
    "measure",
    "measures",
    "members_of",
    "standing",
    "tier_of",
]
