"""The last check of a campaign, its launch, and its kill switch."""

from collections.abc import Callable
from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import actor, blueprint, needs_all_stores, show
from loyalty.admin.recommendations.runs import Shown, shown
from loyalty.catalogue.queries import category_names
from loyalty.core.clock import utc_now
from loyalty.core.errors import LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.offers import queries, service
from loyalty.offers.queries.reaching import reach
from loyalty.offers.render import audience_lines, trigger_sentence
from loyalty.offers.values import Campaign
from loyalty.recommendations.queries import latest_run
from loyalty.recommendations.service.runs import RunGoing, ask
from loyalty.recommendations.values import NewRun, RunKind
from loyalty.staff.queries import actor_names
from loyalty.staff.values import Permission
from loyalty.stores.queries import list_stores
from loyalty.usecases.control_campaign import (
    check_active,
    launch_campaign,
    pause_campaign,
    resume_campaign,
    stop_campaign,
)
from loyalty.web.context import database, parts
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to


@blueprint.get("/campaigns/<code>/check")
@requires(Permission.CAMPAIGNS_WRITE)
def campaign_check(code: str) -> ResponseReturnValue:
    """Show what a draft is going to do, before it does."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    now = utc_now()
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
        counted = reach(
            session, audience=found.audience, channels=parts().channels, now=now
        )
        preview = _preview(session, code)
        lines = lines_of(session, found)
        problem = _problem(session, found)
        first = service.first_run(session, campaign=found, now=now)
    return show(
        "campaign_check.html",
        campaign=found,
        step="check",
        reach=counted,
        held_out=counted.agreed * found.holdout_percent // 100,
        preview=preview,
        lines=lines,
        when=trigger_sentence(found.trigger),
        first=first,
        problem=problem,
    )


def lines_of(session: Session, campaign: Campaign) -> list[str]:
    """Return whom a campaign is for, in words."""
    names = {store.code: store.name for store in list_stores(session)}
    return audience_lines(campaign.audience, {**category_names(session), **names})


@blueprint.post("/campaigns/<code>/preview")
@requires(Permission.CAMPAIGNS_WRITE)
def preview_campaign(code: str) -> ResponseReturnValue:
    """Ask the recommender what a run would come to, without making anything."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    run = NewRun(kind=RunKind.PREVIEW, subject=code, actor=actor())
    with database().transaction() as session:
        queries.get_campaign(session, code=code)
        try:
            ask(session, run=run, now=utc_now())
        except RunGoing:
            flash(_("It is being tried already."), "info")
    return redirect_to(f"/admin/campaigns/{code}/check")


@blueprint.get("/campaigns/<code>/preview")
@requires(Permission.CAMPAIGNS_READ)
def preview_progress(code: str) -> ResponseReturnValue:
    """Show how far trying a campaign has come, for a page that asks every second."""
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
        preview = _preview(session, code)
    return show("campaign_preview.html", campaign=found, preview=preview)


@blueprint.post("/campaigns/<code>/launch")
@requires(Permission.CAMPAIGNS_WRITE)
def launch_a_campaign(code: str) -> ResponseReturnValue:
    """Let a draft run by itself."""
    return _do(code, launch_campaign)


@blueprint.post("/campaigns/<code>/pause")
@requires(Permission.CAMPAIGNS_WRITE)
def pause_a_campaign(code: str) -> ResponseReturnValue:
    """Let nothing of a campaign leave until it is resumed."""
    return _do(code, pause_campaign)


@blueprint.post("/campaigns/<code>/resume")
@requires(Permission.CAMPAIGNS_WRITE)
def resume_a_campaign(code: str) -> ResponseReturnValue:
    """Let a paused or stopped campaign go on."""
    return _do(code, resume_campaign)


@blueprint.post("/campaigns/<code>/stop")
@requires(Permission.CAMPAIGNS_WRITE)
def stop_a_campaign(code: str) -> ResponseReturnValue:
    """Stop a campaign, with its offers or without."""
    return _do(code, stop_campaign, withdraw=request.form.get("withdraw") == "yes")


def _do(code: str, change: Callable[..., None], **how: Any) -> ResponseReturnValue:  # noqa: ANN401  # handed on
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        change(session, code=code, actor=actor(), now=utc_now(), **how)
    return redirect_to(f"/admin/campaigns/{code}")


def _preview(session: Session, code: str) -> Shown | None:
    run = latest_run(session, kind=RunKind.PREVIEW, subject=code)
    return None if run is None else shown(run, actor_names(session))


def _problem(session: Session, campaign: Campaign) -> str | None:
    """Return why a draft can't be launched, or None."""
    try:
        check_active(session, campaign)
    except LoyaltyError as error:
        return str(error)
    return None
