"""The pages of marketers, managers and administrators, below ``/admin``."""

from loyalty.admin import (
    campaigns,
    card_batches,
    cards,
    corrections,
    customers,
    deliveries,
    keys,
    merging,
    people,
    recommendations,
    tiers,
    today,
)
from loyalty.admin.pages import blueprint
from loyalty.admin.promotions import (
    actions,
    backtests,
    builder,
    codes,
    document,
    listing,
)
from loyalty.admin.trying import pages as trying

__all__ = [
    "actions",
    "backtests",
    "blueprint",
    "builder",
    "campaigns",
    "card_batches",
    "cards",
    "codes",
    "corrections",
    "customers",
    "deliveries",
    "document",
    "keys",
    "listing",
    "merging",
    "people",
    "recommendations",
    "tiers",
    "today",
    "trying",
]
