"""The pages of marketers, managers and administrators, below ``/admin``."""

from loyalty.admin import (
    card_batches,
    cards,
    consents,
    corrections,
    customers,
    giftcards,
    keys,
    letters,
    merging,
    people,
    rewards,
    tiers,
    today,
    webhooks,
)
from loyalty.admin.campaigns import controlling, planning, reading, steps, writing
from loyalty.admin.deliveries import brakes, monitor, replays, story
from loyalty.admin.deliveries import listing as messages
from loyalty.admin.pages import blueprint
from loyalty.admin.promotions import (
    actions,
    backtests,
    builder,
    codes,
    document,
    listing,
)
from loyalty.admin.recommendations import (
    coverage,
    customer,
    formats,
    overview,
    quality,
    runs,
    versions,
)
from loyalty.admin.trying import pages as trying
from loyalty.admin.wordings import editing, previewing
from loyalty.admin.wordings import listing as templates
from loyalty.admin.wordings import versions as template_versions

__all__ = [
    "actions",
    "backtests",
    "blueprint",
    "brakes",
    "builder",
    "card_batches",
    "cards",
    "codes",
    "consents",
    "controlling",
    "corrections",
    "coverage",
    "customer",
    "customers",
    "document",
    "editing",
    "formats",
    "giftcards",
    "keys",
    "letters",
    "listing",
    "merging",
    "messages",
    "monitor",
    "overview",
    "people",
    "planning",
    "previewing",
    "quality",
    "reading",
    "replays",
    "rewards",
    "runs",
    "steps",
    "story",
    "template_versions",
    "templates",
    "tiers",
    "today",
    "trying",
    "versions",
    "webhooks",
    "writing",
]
