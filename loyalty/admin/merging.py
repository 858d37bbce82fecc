"""Making one record of two of the same person: look first, then do, or undo."""

from http import HTTPStatus

from flask import flash
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.customers import find
from loyalty.admin.pages import actor, blueprint, field, show
from loyalty.catalogue.queries import category_names
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.core.texts import ngettext
from loyalty.customers.render import channel_name
from loyalty.customers.rules import ConsentDecision
from loyalty.customers.values import CustomerID, MergeID, Purpose
from loyalty.staff.values import Permission
from loyalty.usecases.merge_customers import (
    merge_customers,
    preview_merge,
    undo_merge,
)
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to


@blueprint.post("/customers/<int:customer_id>/merge")
@requires(Permission.CUSTOMERS_WRITE)
def look_at_merge(customer_id: int) -> ResponseReturnValue:
    """
    Show what merging another record into this one would do.

    What was typed is personal, so it travels in the form and not in the address.
    """
    into = CustomerID(customer_id)
    try:
        with database().transaction() as session:
            preview = preview_merge(session, into=into, merged=_other(session))
            names = category_names(session)
    except LoyaltyError as refusal:
        message = refusal.problems[0].message if isinstance(refusal, Invalid) else None
        flash(message or str(refusal), "bad")
        return redirect_to(f"/admin/customers/{into}")
    return show(
        "merge.html",
        status=HTTPStatus.OK,
        preview=preview,
        topics=[names.get(path, path) for path in preview.topics],
        consents=[(matter_words(one), one) for one in preview.consents],
    )


@blueprint.post("/customers/<int:customer_id>/merge/<int:other_id>")
@requires(Permission.CUSTOMERS_WRITE)
def merge(customer_id: int, other_id: int) -> ResponseReturnValue:
    """Let this record stand for both."""
    try:
        with database().transaction() as session:
            merge_customers(
                session,
                into=CustomerID(customer_id),
                merged=CustomerID(other_id),
                actor=actor(),
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("This record stands for both. It can be undone for 30 days."))
    return redirect_to(f"/admin/customers/{customer_id}")


@blueprint.post("/merges/<int:merge_id>/undo")
@requires(Permission.CUSTOMERS_WRITE)
def undo(merge_id: int) -> ResponseReturnValue:
    """Give both records back what each had."""
    try:
        with database().transaction() as session:
            undone = undo_merge(
                session, merge_id=MergeID(merge_id), actor=actor(), now=utc_now()
            )
    except LoyaltyError as refusal:
        flash(str(refusal), "bad")
        return redirect_to("/admin/customers")
    flash(_("Both records stand for themselves again."))
    if undone.missing:
        missing = ngettext(
            "%(n)s point could not go back: it was spent or expired since.",
            "%(n)s points could not go back: they were spent or expired since.",
            undone.missing,
        )
        flash(missing, "warn")
    for money in undone.money_missing:
        missing = _(
            "%(amount)s %(currency)s of the stored money could not go back: it was "
            "spent or expired since.",
            amount=money,
            currency=money.currency,
        )
        flash(missing, "warn")
    return redirect_to(f"/admin/customers/{undone.into}")


def matter_words(decision: ConsentDecision) -> str:
    """Return what a consent is about."""
    if decision.purpose is Purpose.MEASUREMENT:
        return _("Counting which messages are opened")
    if decision.purpose is Purpose.PERSONALISATION or decision.channel is None:
        return _("Offers chosen from purchases")
    return _("Offers by %(channel)s", channel=channel_name(decision.channel))


def _other(session: Session) -> CustomerID:
    found = find(session, field("who"))
    if found is None:
        message = _("Nobody has this number or address.")
        raise Invalid.field(pointer="/who", message=message, code="nobody_found")
    return found
