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
from loyalty.offers.service.making import make_offers

__all__ = [
    "CampaignExists",
    "CampaignPlannedAlready",
    "OfferClosed",
    "add_members",
    "check_unplanned",
    "create_campaign",
    "dismiss",
    "forget_reasons",
    "keep_nothing",
    "make_offers",
    "mark_planned",
    "mark_redeemed",
    "reopen",
    "restore",
]
