"""The list of templates, and a new one."""

from dataclasses import replace
from http import HTTPStatus

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    field,
    needs_all_stores,
    problems_by_field,
    show,
)
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.staff.rules import scope_of
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.stores.service import save_programme
from loyalty.templates import service
from loyalty.templates.queries import list_templates
from loyalty.templates.render import purpose_name, starting_words
from loyalty.templates.rules import missing_languages
from loyalty.templates.values import TemplatePurpose
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to

_LONGEST_ADDRESS = 200


@blueprint.get("/templates")
@requires(Permission.CAMPAIGNS_READ)
def templates() -> ResponseReturnValue:
    """Show all templates."""
    return _show(FieldProblems())


@blueprint.post("/templates")
@requires(Permission.CAMPAIGNS_WRITE)
def create_template() -> ResponseReturnValue:
    """Make a template that begins with the built-in words."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    chosen = field("purpose")
    purpose = TemplatePurpose(
        chosen if chosen in set(TemplatePurpose) else TemplatePurpose.OFFER
    )
    try:
        with database().transaction() as session:
            languages = get_programme(session).languages
            service.create_template(
                session,
                code=field("code"),
                name=request.form.get("name", ""),
                purpose=purpose,
                texts={one: starting_words(purpose, one) for one in languages},
                actor=actor(),
                now=utc_now(),
            )
    except Invalid as error:
        return _show(problems_by_field(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(_("Made, with the built-in words to begin with."))
    return redirect_to(f"/admin/templates/{field('code')}")


@blueprint.post("/templates/sender")
@requires(Permission.CAMPAIGNS_WRITE)
def save_sender() -> ResponseReturnValue:
    """Change the address that stands at the foot of every mail."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    address = " ".join(request.form.get("postal_address", "").split())
    if len(address) > _LONGEST_ADDRESS or not address.isprintable():
        problem = _("Write it in one line of at most 200 characters.")
        return _show(
            FieldProblems(postal_address=problem),
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    with database().transaction() as session:
        programme = replace(get_programme(session), postal_address=address)
        save_programme(session, programme=programme, actor=actor(), now=utc_now())
    flash(_("Saved: it stands at the foot of every message from now on."))
    return redirect_to("/admin/templates#sender")


def may_write() -> bool:
    """Test whether the reader may change templates."""
    return scope_of(current_staff(), Permission.CAMPAIGNS_WRITE).everywhere


def _show(
    problems: FieldProblems, *, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    with database().transaction() as session:
        found = list_templates(session)
        programme = get_programme(session)
    return show(
        "templates.html",
        status=status,
        templates=[
            (
                one,
                purpose_name(one.purpose),
                missing_languages(one.current.texts, programme.languages)
                if one.current
                else (),
            )
            for one in found
        ],
        purposes=[(one.value, purpose_name(one)) for one in TemplatePurpose],
        postal_address=programme.postal_address,
        typed=request.form,
        problems=problems,
        may_write=may_write(),
    )
