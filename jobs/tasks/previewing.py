"""Trying a campaign: what a run of it would come to, without making anything."""

import logging
from datetime import datetime
from typing import Any

from jobs.context import worker
from jobs.tasks.choosing import Choice, Pick, explained, in_turn
from jobs.tasks.desks import Desk
from jobs.tasks.planning import Shop, choose, desk_for, score, shop_of
from jobs.tasks.reporting import report_of
from jobs.tasks.running import ANTICIPATED, Progress, running
from loyalty.core.clock import utc_now
from loyalty.recommendations.values import NewRun, RunKind
from loyalty.stores.queries import get_programme
from loyalty.usecases import plan_campaign as planning

_log = logging.getLogger(__name__)


def preview(
    shop: Shop, *, campaign: str, now: datetime
) -> tuple[planning.Opened, list[Pick], dict[str, Any]]:
    """
    Choose a campaign's offers without making anything of it.

    :returns: for whom was chosen, what, and the report
    """
    opened, desk, choice, report = _tried(shop, campaign, shop.progress, now=now)
    picks = [
        pick
        for people in in_turn(shop.database, opened.customers)
        for pick in explained(desk, people, choice)
    ]
    return opened, picks, report


def _tried(
    shop: Shop, campaign: str, progress: Progress, *, now: datetime
) -> tuple[planning.Opened, Desk, Choice, dict[str, Any]]:
    with shop.database.transaction() as session:
        tried = session.begin_nested()
        opened = planning.open_preview(session, code=campaign, now=now)
        tried.rollback()
        desk = desk_for(session, shop, opened, now=now)
    pool = score(shop, desk, opened, progress)
    with shop.database.transaction() as session:
        choice, limits = choose(session, desk, opened, pool, progress, now=now)
        currency = get_programme(session).currency
    report = report_of(desk, opened, choice, limits, currency=currency)
    return opened, desk, choice, report


def preview_campaign(*, campaign: str) -> None:
    """Say what a run of a campaign would come to, in the run's report."""
    shop, now = shop_of(worker.get()), utc_now()
    new = NewRun(kind=RunKind.PREVIEW, subject=campaign, only_asked=True)
    try:
        with running(shop.database, new, now=now) as run:
            _, desk, _, report = _tried(shop, campaign, run.tell, now=now)
            run.model_version, run.report = desk.version, report
    except ANTICIPATED as problem:
        _log.warning("The campaign %s was not tried: %s", campaign, problem)
