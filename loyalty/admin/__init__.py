"""The pages of marketers, managers and administrators, below ``/admin``."""

from loyalty.admin import (
    card_batches,
    cards,
    corrections,
    customers,
    deliveries,
    giftcards,
    keys,
    merging,
    people,
    rewards,
    tiers,
    today,
    webhooks,
)
from loyalty.admin.campaigns import planning, reading, writing
from loyalty.admin.pages import blueprint
from loyalty.admin.promotions import (
    actions,
    backtests,
    builder,
    codes,
    document,
    listing,
)
from loyalty.admin.recommendations import versions
from loyalty.admin.trying import pages as trying

__all__ = [
    "actions",
    "backtests",
    "blueprint",
    "builder",
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
    "planning",
    "reading",
    "rewards",
    "tiers",
    "today",
    "trying",
    "versions",
    "webhooks",
    "writing",
]
