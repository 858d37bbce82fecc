"""Making campaigns and offers, and noting what became of them."""

from loyalty.offers.service.campaigns import CampaignExists, create_campaign
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
from loyalty.offers.service.runs import (
    CampaignHalted,
    CampaignPlannedAlready,
    add_members,
    begin_run,
    check_unplanned,
    hold,
    keep_nothing,
    mark_planned,
)

__all__ = [
    "CampaignExists",
    "CampaignHalted",
    "CampaignPlannedAlready",
    "OfferClosed",
    "add_members",
    "add_recipients",
    "add_redemptions",
    "begin_run",
    "check_unplanned",
    "create_campaign",
    "dismiss",
    "forget_reasons",
    "hold",
    "import_campaigns",
    "keep_nothing",
    "make_offers",
    "mark_planned",
    "mark_redeemed",
    "reopen",
    "restore",
]
