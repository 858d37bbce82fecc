"""The pages of marketers, managers and administrators, below ``/admin``."""

from loyalty.admin import (
    campaigns,
    card_batches,
    cards,
    corrections,
    customers,
    deliveries,
    giftcards,
    keys,
    merging,
    people,
    recommendations,
    rewards,
    tiers,
    today,
    webhooks,
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
    "giftcards",
    "keys",
    "listing",
    "merging",
    "people",
    "recommendations",
    "rewards",
    "tiers",
    "today",
    "trying",
    "webhooks",
]
