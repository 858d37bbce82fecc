"""Campaigns that run by themselves: on their days, and when something happens."""

import logging
from datetime import datetime

from jobs.context import worker
from jobs.tasks.planning import Shop, make, shop_of
from jobs.tasks.running import ANTICIPATED, running
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.core.jobs import enqueue
from loyalty.customers.service.birthdays import mark_birthdays
from loyalty.offers.queries import get_campaign, list_campaigns
from loyalty.offers.values import CampaignState, OnEvent
from loyalty.recommendations.values import NewRun, RunKind
from loyalty.usecases import control_campaign
from loyalty.usecases import plan_campaign as planning
from loyalty.usecases import run_campaigns as due

_BLOCK = 5_000
_IDLE = (CampaignState.DRAFT, CampaignState.FINISHED)

_log = logging.getLogger(__name__)


def run_campaigns() -> None:
    """Begin and end campaigns and their runs, and finish what stopping has left."""
    keep_running(worker.get().database, now=utc_now())


def meet_events() -> None:
    """Make offers for those to whom has happened what a campaign waits for."""
    shop, now = shop_of(worker.get()), utc_now()
    for code in _codes(shop.database, events=True):
        try:
            meet(shop, campaign=code, now=now)
        except ANTICIPATED as problem:
            _log.warning("The campaign %s met nobody: %s", code, problem)


def keep_running(database: Database, *, now: datetime) -> None:
    """Do for every campaign what its time has come for, each in a transaction."""
    while _marked(database) == _BLOCK:
        pass
    for code in _codes(database):
        while _settled(database, code, now=now):
            pass
        with database.transaction() as session:
            campaign = get_campaign(session, code=code)
            if control_campaign.finish_campaign(session, campaign=campaign, now=now):
                continue
            due.begin_due(session, campaign=campaign, now=now)
        with database.transaction() as session:
            campaign = get_campaign(session, code=code)
            due.ask_waiting(session, campaign=campaign, now=now)
            if due.meets_somebody(session, campaign=campaign, now=now):
                enqueue(session, "meet_events")


def meet(shop: Shop, *, campaign: str, now: datetime) -> planning.Outcome:
    """
    Make offers for those to whom has happened what the campaign waits for.

    :raises RunGoing: if another process does it
    """
    outcome = planning.Outcome()
    with shop.database.transaction() as session:
        opened = planning.open_for_events(session, code=campaign, now=now)
    for one in opened:
        new = NewRun(kind=RunKind.TOP_UP, subject=campaign)
        with running(shop.database, new, now=now, also=shop.progress) as run:
            outcome += make(shop, run, one, now=now)
    return outcome


def _codes(database: Database, *, events: bool = False) -> list[str]:
    with database.transaction() as session:
        return [
            campaign.code
            for campaign in list_campaigns(session)
            if campaign.state not in _IDLE
            and (not events or isinstance(campaign.trigger, OnEvent))
        ]


def _marked(database: Database) -> int:
    with database.transaction() as session:
        return mark_birthdays(session, at_most=_BLOCK)


def _settled(database: Database, code: str, *, now: datetime) -> bool:
    with database.transaction() as session:
        return control_campaign.settle_campaign(
            session, code=code, actor="system", now=now, at_most=_BLOCK
        )
