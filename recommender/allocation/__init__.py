"""Who gets which offers: of most value, within every limit, with a certified gap."""

from recommender.allocation.allocating import allocate
from recommender.allocation.candidates import NO_PAIRS, Candidates, Pairs
from recommender.allocation.limits import Limits, discovery_places
from recommender.allocation.result import Allocation, Prices, Usage, WhyNothing

__all__ = [
    "NO_PAIRS",
    "Allocation",
    "Candidates",
    "Limits",
    "Pairs",
    "Prices",
    "Usage",
    "WhyNothing",
    "allocate",
    "discovery_places",
]
