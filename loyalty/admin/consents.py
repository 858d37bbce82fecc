"""Consents: what has to be confirmed, when and how often is written, the wordings."""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    field,
    needs_all_stores,
    number,
    problems_by_field,
    show,
)
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.periods import MINUTES_A_DAY, minutes_of, minutes_text
from loyalty.core.texts import LANGUAGES
from loyalty.core.texts import gettext as _
from loyalty.customers.render import WORDING_VERSION, consent_wording
from loyalty.customers.service.preferences import MOST_A_WEEK
from loyalty.customers.service.suppression import restore
from loyalty.customers.values import Channel, ContactID, CustomerID, Purpose
from loyalty.delivery.service.confirming import CONFIRMED_BY_MESSAGE
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.stores.service import save_programme
from loyalty.stores.values import Programme
from loyalty.web.context import database, parts
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_HERE: Final = "/admin/consents"


@blueprint.get("/consents")
@requires(Permission.PROGRAMME_WRITE)
def consents() -> ResponseReturnValue:
    """Show what holds for consents and messages, and the words agreed to."""
    needs_all_stores(Permission.PROGRAMME_WRITE)
    with database().transaction() as session:
        programme = get_programme(session)
    typed = {
        "quiet_from": minutes_text(programme.quiet_from_minute),
        "quiet_until": minutes_text(programme.quiet_until_minute),
        "max_per_week": str(programme.max_messages_per_week),
    }
    return _show(typed, programme.double_opt_in, FieldProblems())


@blueprint.post("/consents")
@requires(Permission.PROGRAMME_WRITE)
def save_consents() -> ResponseReturnValue:
    """Change what holds; what was agreed to before stays as it was said."""
    needs_all_stores(Permission.PROGRAMME_WRITE)
    asked = frozenset(request.form.getlist("double_opt_in")) & {*CONFIRMED_BY_MESSAGE}
    try:
        with database().transaction() as session:
            changed = _changed(get_programme(session), frozenset(asked))
            save_programme(session, programme=changed, actor=actor(), now=utc_now())
    except Invalid as refusal:
        typed = {name: field(name) for name in ("quiet_from", "quiet_until")}
        typed["max_per_week"] = field("max_per_week")
        return _show(typed, frozenset(asked), problems_by_field(refusal))
    flash(_("Saved. It holds from now on, also for what is planned already."))
    return redirect_to(_HERE)


@blueprint.post("/customers/<int:customer_id>/contacts/<int:contact_id>/restore")
@requires(Permission.CUSTOMERS_WRITE)
def restore_contact(customer_id: int, contact_id: int) -> ResponseReturnValue:
    """Use an address again to which nothing went, with a reason for the audit."""
    page = f"/admin/customers/{customer_id}"
    try:
        with database().transaction() as session:
            restore(
                session,
                customer_id=CustomerID(customer_id),
                contact_id=ContactID(contact_id),
                reason=field("reason"),
                actor=actor(),
                now=utc_now(),
            )
    except Invalid as refusal:
        flash(refusal.problems[0].message)
        return redirect_to(page)
    flash(_("The address is used again. What the customer agreed to is unchanged."))
    return redirect_to(page)


def _changed(programme: Programme, asked: frozenset[str]) -> Programme:
    most = number("max_per_week", otherwise=programme.max_messages_per_week)
    if not 0 <= most <= MOST_A_WEEK:
        message = _("Choose a number from 0 to %(n)s.", n=MOST_A_WEEK)
        raise Invalid.field(
            pointer="/max_per_week", message=message, code="out_of_range"
        )
    return replace(
        programme,
        double_opt_in=asked,
        quiet_from_minute=_minute("quiet_from"),
        quiet_until_minute=_minute("quiet_until"),
        max_messages_per_week=most,
    )


def _minute(name: str) -> int:
    try:
        return minutes_of(field(name)) % MINUTES_A_DAY
    except ValueError:
        message = _("Type a time, such as 21:00.")
        raise Invalid.field(pointer=f"/{name}", message=message, code="time") from None


def _show(
    typed: dict[str, str], asked: frozenset[str], problems: FieldProblems
) -> ResponseReturnValue:
    matters: list[tuple[Purpose, Channel | None]] = [
        (Purpose.PERSONALISATION, None),
        (Purpose.MEASUREMENT, None),
    ]
    matters += [(Purpose.MARKETING, one) for one in Channel if one in parts().channels]
    return show(
        "consents.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        typed=typed,
        asked=asked,
        problems=problems,
        version=WORDING_VERSION,
        confirmable=[one.value for one in CONFIRMED_BY_MESSAGE],
        wordings=[
            [consent_wording(purpose, channel, language) for language in LANGUAGES]
            for purpose, channel in matters
        ],
        tongues=LANGUAGES,
    )
