"""Building a campaign step by step: for whom, when, how it is told, and the check."""

from http import HTTPStatus
from typing import Any, Final

from babel.dates import get_day_names, get_month_names
from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.campaigns.typed import (
    VARIANTS,
    Row,
    audience_document,
    audience_rows,
    trigger_document,
    trigger_fields,
    typed_rows,
    variant_documents,
)
from loyalty.admin.campaigns.writing import within
from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    needs_all_stores,
    problems_by_field,
    show,
)
from loyalty.catalogue.queries import category_names
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.periods import DAY_NAMES
from loyalty.core.texts import current_language, format_language, pick
from loyalty.core.texts import gettext as _
from loyalty.offers import queries, service
from loyalty.offers.queries.audiences import known_segments
from loyalty.offers.queries.reaching import reach
from loyalty.offers.schema import load_audience, load_trigger, load_variants
from loyalty.offers.values import BUILT_IN, Campaign
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme, list_stores
from loyalty.templates.queries import list_templates
from loyalty.templates.values import WITH_OFFER, VersionState, own_name
from loyalty.tiers.queries import get_ladder
from loyalty.web.context import database, parts
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_LONGEST_VALID: Final = 365
_KIND: Final = 3
"""Where a problem of an audience names the condition: ``/audience/all/0/points``."""


@blueprint.get("/campaigns/<code>/audience")
@requires(Permission.CAMPAIGNS_WRITE)
def campaign_audience(code: str) -> ResponseReturnValue:
    """Show for whom a draft is."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
    return _show_audience(found, audience_rows(found.audience), FieldProblems())


@blueprint.post("/campaigns/<code>/audience")
@requires(Permission.CAMPAIGNS_WRITE)
def save_audience(code: str) -> ResponseReturnValue:
    """Keep for whom a draft is."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
    try:
        audience = load_audience(audience_document(request.form))
    except Invalid as error:
        problems = _by_condition(error)
        return _show_audience(
            found,
            typed_rows(request.form),
            problems,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    _keep(found, audience=audience)
    return redirect_to(f"/admin/campaigns/{code}/when")


@blueprint.post("/campaigns/count")
@requires(Permission.CAMPAIGNS_READ)
def count_audience() -> ResponseReturnValue:
    """Count the audience that is being typed, for a form that asks as it changes."""
    try:
        audience = load_audience(audience_document(request.form))
    except Invalid:
        return show("campaign_count.html", reach=None)
    with database().transaction() as session:
        found = reach(
            session, audience=audience, channels=parts().channels, now=utc_now()
        )
    return show("campaign_count.html", reach=found)


@blueprint.get("/campaigns/<code>/when")
@requires(Permission.CAMPAIGNS_WRITE)
def campaign_when(code: str) -> ResponseReturnValue:
    """Show when a draft runs."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
    typed = {**trigger_fields(found.trigger), "valid_days": found.valid_days}
    return _show_when(found, typed, FieldProblems())


@blueprint.post("/campaigns/<code>/when")
@requires(Permission.CAMPAIGNS_WRITE)
def save_when(code: str) -> ResponseReturnValue:
    """Keep when a draft runs."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
    try:
        trigger = load_trigger(trigger_document(request.form))
        valid = within("valid_days", 1, _LONGEST_VALID, usual=14)
    except Invalid as error:
        typed = {**request.form, "week_days": request.form.getlist("week_days")}
        problems = problems_by_field(error)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _show_when(found, typed, problems, status=status)
    _keep(found, trigger=trigger, valid_days=valid)
    return redirect_to(f"/admin/campaigns/{code}/message")


@blueprint.get("/campaigns/<code>/message")
@requires(Permission.CAMPAIGNS_WRITE)
def campaign_message(code: str) -> ResponseReturnValue:
    """Show how a draft is told."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
    typed: dict[str, Any] = {"template": found.template}
    for place, one in enumerate(found.variants):
        typed[f"share_{place}"] = one.share
        typed[f"template_{place}"] = one.template or ""
        typed[f"hour_{place}"] = "" if one.hour is None else one.hour
    return _show_message(found, typed, FieldProblems())


@blueprint.post("/campaigns/<code>/message")
@requires(Permission.CAMPAIGNS_WRITE)
def save_message(code: str) -> ResponseReturnValue:
    """Keep how a draft is told."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
        known = {name for name, _ in _templates(session)}
    template = request.form.get("template", BUILT_IN)
    try:
        variants = load_variants(variant_documents(request.form))
        named = {template, *(one.template or BUILT_IN for one in variants)}
        if not named <= known:
            message = _("Choose a template of the list.")
            raise Invalid.field(pointer="/template", message=message)
    except Invalid as error:
        problems = problems_by_field(error)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _show_message(found, dict(request.form), problems, status=status)
    _keep(found, template=template, variants=variants)
    return redirect_to(f"/admin/campaigns/{code}/check")


def _keep(campaign: Campaign, **changes: object) -> None:
    with database().transaction() as session:
        service.change_draft(
            session, campaign=campaign, changes=changes, actor=actor(), now=utc_now()
        )


def _by_condition(error: Invalid) -> FieldProblems:
    found = FieldProblems()
    for problem in error.problems:
        steps = problem.pointer.strip("/").split("/")
        kind = steps[_KIND] if len(steps) > _KIND else "audience"
        found.setdefault(kind, problem.message)
    return found


def _show_audience(
    campaign: Campaign,
    rows: dict[str, Row],
    problems: FieldProblems,
    *,
    status: int = HTTPStatus.OK,
) -> ResponseReturnValue:
    with database().transaction() as session:
        programme = get_programme(session)
        options = {
            "segments": [(one, one) for one in known_segments(session)],
            "stores": [(one.code, one.name) for one in list_stores(session)],
            "languages": [(one, format_language(one)) for one in programme.languages],
            "tiers": [
                (one.code, pick(dict(one.name))) for one in get_ladder(session).tiers
            ],
            "categories": sorted(category_names(session).items()),
        }
    months = get_month_names("wide", locale=current_language())
    options["months"] = [(str(month), str(months[month])) for month in range(1, 13)]
    options["topics"] = [one for one in options["categories"] if "/" not in one[0]]
    return show(
        "campaign_audience.html",
        status=status,
        campaign=campaign,
        step="audience",
        rows=rows,
        none_row=Row(),
        options=options,
        problems=problems,
    )


def _show_when(
    campaign: Campaign,
    typed: dict[str, Any],
    problems: FieldProblems,
    *,
    status: int = HTTPStatus.OK,
) -> ResponseReturnValue:
    named = get_day_names("wide", locale=current_language())
    return show(
        "campaign_when.html",
        status=status,
        campaign=campaign,
        step="when",
        typed=typed,
        weekdays=[(name, str(named[day])) for day, name in enumerate(DAY_NAMES)],
        problems=problems,
    )


def _show_message(
    campaign: Campaign,
    typed: dict[str, Any],
    problems: FieldProblems,
    *,
    status: int = HTTPStatus.OK,
) -> ResponseReturnValue:
    with database().transaction() as session:
        templates = _templates(session)
    return show(
        "campaign_message.html",
        status=status,
        campaign=campaign,
        step="message",
        typed=typed,
        templates=templates,
        places=range(VARIANTS),
        problems=problems,
    )


def _templates(session: Session) -> list[tuple[str, str]]:
    """Return what messages may be written with: name and how it is called."""
    own = [
        (
            own_name(template.code, version.number),
            _("%(name)s, version %(n)s", name=template.name, n=version.number),
        )
        for template in list_templates(session, purposes=WITH_OFFER)
        for version in template.versions
        if version.state is VersionState.PUBLISHED
    ]
    return [(BUILT_IN, _("The built-in one")), *own]
