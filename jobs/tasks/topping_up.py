"""Offers of running campaigns for those who agreed to them since."""

import logging
from datetime import datetime

from jobs.context import worker
from jobs.tasks.planning import Shop, make, shop_of
from jobs.tasks.running import ANTICIPATED, running
from loyalty.core.clock import utc_now
from loyalty.offers.queries import list_campaigns
from loyalty.offers.values import CampaignState, Once
from loyalty.recommendations.values import NewRun, RunKind
from loyalty.usecases import plan_campaign as planning

_log = logging.getLogger(__name__)


def top_up(shop: Shop, *, campaign: str, now: datetime) -> planning.Outcome | None:
    """
    Make offers for those who agreed to them since the campaign was planned.

    :returns: None if there is nobody
    """
    with shop.database.transaction() as session:
        opened = planning.open_for_newcomers(session, code=campaign, now=now)
    if not opened.customers:
        return None
    new = NewRun(kind=RunKind.TOP_UP, subject=campaign)
    with running(shop.database, new, now=now, also=shop.progress) as run:
        return make(shop, run, opened, now=now)


def top_up_campaigns() -> None:
    """Make offers of running campaigns for those who agreed to them since."""
    shop, now = shop_of(worker.get()), utc_now()
    with shop.database.transaction() as session:
        going = [
            campaign.code
            for campaign in list_campaigns(session)
            if campaign.state is CampaignState.RUNNING
            and now < campaign.ends_at
            and isinstance(campaign.trigger, Once)
        ]
    for campaign in going:
        try:
            outcome = top_up(shop, campaign=campaign, now=now)
        except ANTICIPATED as problem:
            _log.warning("The campaign %s was not topped up: %s", campaign, problem)
        else:
            if outcome is not None:
                _log.info("The campaign %s, newcomers: %s", campaign, outcome)
