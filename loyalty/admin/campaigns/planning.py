"""Planning a campaign: asking for it, and how far it is."""

from flask import flash
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import actor, blueprint, needs_all_stores, show
from loyalty.admin.recommendations.runs import Shown, shown
from loyalty.core.clock import utc_now
from loyalty.core.texts import gettext as _
from loyalty.offers import queries, service
from loyalty.offers.values import Campaign, Once
from loyalty.recommendations.queries import latest_run
from loyalty.recommendations.service.runs import RunGoing, ask
from loyalty.recommendations.values import NewRun, RunKind, RunState
from loyalty.staff.queries import actor_names
from loyalty.staff.values import Permission
from loyalty.usecases.control_campaign import check_active
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to


@blueprint.post("/campaigns/<code>/plan")
@requires(Permission.CAMPAIGNS_WRITE)
def plan_campaign(code: str) -> ResponseReturnValue:
    """Ask the recommender to choose the offers and delivery to plan messages."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
        if found.planned_at is not None or not isinstance(found.trigger, Once):
            raise service.CampaignPlannedAlready(_("Its offers are made already."))
        check_active(session, found)
        _begin(session, code)
    return redirect_to(f"/admin/campaigns/{code}")


def _begin(session: Session, code: str) -> None:
    run = NewRun(kind=RunKind.ALLOCATE, subject=code, actor=actor())
    try:
        ask(session, run=run, now=utc_now())
    except RunGoing:
        flash(_("The recommender is choosing its offers already."), "info")


@blueprint.get("/campaigns/<code>/progress")
@requires(Permission.CAMPAIGNS_READ)
def campaign_progress(code: str) -> ResponseReturnValue:
    """Show how far planning has come, for a page that asks every second."""
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
        planning = planning_of(session, found)
    return show("campaign_progress.html", campaign=found, planning=planning)


def planning_of(session: Session, campaign: Campaign) -> Shown | None:
    """Return the run that chooses a campaign's offers, or the last that failed to."""
    run = latest_run(session, kind=RunKind.ALLOCATE, subject=campaign.code)
    if run is None or run.state is RunState.DONE:
        return None
    waits = queries.waiting_run(session, campaign=campaign, now=utc_now())
    if run.state is RunState.FAILED and campaign.planned_at and waits is None:
        return None
    return shown(run, actor_names(session))
