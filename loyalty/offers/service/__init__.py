"""Making campaigns and offers, and noting what became of them."""

from loyalty.offers.service.campaigns import (
    CampaignExists,
    CampaignLaunched,
    change_draft,
    create_campaign,
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
from loyalty.offers.service.runs import (
    CampaignHalted,
    CampaignPlannedAlready,
    add_members,
    begin_run,
    check_unplanned,
    keep_nothing,
    mark_planned,
    mark_run_planned,
    mark_running,
)
from loyalty.offers.service.states import (
    CampaignOver,
    CampaignStateRefused,
    change_state,
    first_run,
    forget_stop,
    give_back_offers,
    launch,
    set_next_run,
    withdraw_offers,
)

__all__ = [
    "CampaignExists",
    "CampaignHalted",
    "CampaignLaunched",
    "CampaignOver",
    "CampaignPlannedAlready",
    "CampaignStateRefused",
    "OfferClosed",
    "add_members",
    "add_recipients",
    "add_redemptions",
    "begin_run",
    "change_draft",
    "change_state",
    "check_unplanned",
    "create_campaign",
    "dismiss",
    "first_run",
    "forget_reasons",
    "forget_stop",
    "give_back_offers",
    "import_campaigns",
    "keep_nothing",
    "launch",
    "make_offers",
    "mark_planned",
    "mark_redeemed",
    "mark_run_planned",
    "mark_running",
    "reopen",
    "restore",
    "set_next_run",
    "withdraw_offers",
]
