"""The vocabulary of what a campaign changed."""

from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """What two groups are compared by; each is one figure for each customer."""

    SPENT = "spent"
    """Paid for goods, what came back taken off, in minor units."""

    BOUGHT = "bought"
    """1 for whoever bought anything, else 0."""

    MARGIN = "margin"
    """What was left of it to the shop, of goods whose cost is known."""

    LEFT = "left"
    """1 for whoever took back a consent to messages, else 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """What became of the offers that were made to some customers."""

    customers: int
    """Who got any."""

    offers: int
    redeemed: int
    redeemers: int
    """Customers who used one at least."""

    dismissed: int
