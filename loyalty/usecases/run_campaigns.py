"""What campaigns do by themselves: begin, run on their days, and end."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.periods import business_day
from loyalty.offers import queries, service
from loyalty.offers.queries.happenings import happened
from loyalty.offers.rules import next_run
from loyalty.offers.values import (
    FIRST,
    GOING,
    Campaign,
    CampaignState,
    Once,
    OnEvent,
)
from loyalty.recommendations.queries import latest_run
from loyalty.recommendations.service.runs import RunGoing, ask
from loyalty.recommendations.values import NewRun, RunKind, RunState
from loyalty.stores.queries import get_programme

AGAIN_AFTER: Final = timedelta(minutes=10)
"""When a run that failed is tried again."""


def begin_due(session: Session, *, campaign: Campaign, now: datetime) -> None:
    """
    Begin a campaign whose time has come, and the run whose moment has.

    Of several moments that nobody was there for, only the last one is made up for.
    """
    if campaign.state is CampaignState.SCHEDULED and campaign.starts_at <= now:
        service.change_state(
            session,
            campaign=campaign,
            among=[CampaignState.SCHEDULED],
            to=CampaignState.RUNNING,
            actor="system",
            now=now,
        )
    due = campaign.next_run_at
    if due is not None and due <= now and campaign.state in GOING:
        _begin_run(session, campaign, due, now=now)


def ask_waiting(session: Session, *, campaign: Campaign, now: datetime) -> bool:
    """
    Ask the recommender for the offers of a run that waits, unless it is at it.

    :returns: whether it was asked
    """
    if (
        campaign.state not in GOING
        or queries.waiting_run(session, campaign=campaign, now=now) is None
    ):
        return False
    last = latest_run(session, kind=RunKind.ALLOCATE, subject=campaign.code)
    failed = last is not None and last.state is RunState.FAILED
    if failed and last and last.finished_at and now < last.finished_at + AGAIN_AFTER:
        return False
    try:
        ask(session, run=NewRun(kind=RunKind.ALLOCATE, subject=campaign.code), now=now)
    except RunGoing:
        return False
    return True


def meets_somebody(session: Session, *, campaign: Campaign, now: datetime) -> bool:
    """Test whether something has happened that sets a campaign off."""
    if campaign.state not in GOING or not isinstance(campaign.trigger, OnEvent):
        return False
    if not campaign.starts_at <= now < campaign.ends_at:
        return False
    return bool(happened(session, campaign=campaign, now=now, at_most=1)) or any(
        queries.unserved_members(session, run_id=run.id)
        for run in queries.list_runs(session, campaign_id=campaign.id)
        if run.ends_at > now
    )


def _begin_run(
    session: Session, campaign: Campaign, due: datetime, *, now: datetime
) -> None:
    if isinstance(campaign.trigger, Once):
        service.begin_run(session, campaign=campaign, occasion=FIRST)
        service.set_next_run(session, campaign_id=campaign.id, at=None)
        return
    zone = get_programme(session).time_zone
    until = campaign.ends_at
    following = next_run(campaign.trigger, after=due, until=until, zone=zone)
    while following is not None and following <= now:
        due = following
        following = next_run(campaign.trigger, after=due, until=until, zone=zone)
    service.set_next_run(session, campaign_id=campaign.id, at=following)
    service.begin_run(
        session,
        campaign=campaign,
        occasion=business_day(due, zone).isoformat(),
        starts_at=due,
        ends_at=due + timedelta(days=campaign.valid_days),
    )
