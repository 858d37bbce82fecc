"""Making campaigns and offers, and noting what became of them."""

from loyalty.offers.service.campaigns import (
    CampaignExists,
    CampaignPlannedAlready,
    add_members,
    check_unplanned,
    create_campaign,
    keep_nothing,
    mark_planned,
)
from loyalty.offers.service.deciding import (
    OfferClosed,
    dismiss,
    forget_reasons,
    mark_redeemed,
    reopen,
    restore,
)
from loyalty.offers.service.imports import (
    add_recipients,
    add_redemptions,
    import_campaigns,
)
from loyalty.offers.service.making import make_offers

__all__ = [
    "CampaignExists",
    "CampaignPlannedAlready",
    "OfferClosed",
    "add_members",
    "add_recipients",
    "add_redemptions",
    "check_unplanned",
    "create_campaign",
    "dismiss",
    "forget_reasons",
    "import_campaigns",
    "keep_nothing",
    "make_offers",
    "mark_planned",
    "mark_redeemed",
    "reopen",
    "restore",
]
