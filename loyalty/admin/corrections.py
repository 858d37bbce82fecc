"""Corrections of points by hand: with a reason, above one's limit by two people."""

from http import HTTPStatus
from uuid import uuid4

from flask import flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    number,
    problems_by_field,
    show,
)
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.points.queries import standing, waiting_adjustments
from loyalty.points.rules.adjusting import limit_of
from loyalty.points.service import (
    Correction,
    NotEnoughPoints,
    SecondPersonNeeded,
    adjust,
    approve,
    refuse,
)
from loyalty.points.values import Adjustment, AdjustmentID, Moved, Request
from loyalty.staff.queries import actor_names
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to


@blueprint.get("/customers/<int:customer_id>/points")
@requires(Permission.CUSTOMERS_WRITE)
def correction(customer_id: int) -> ResponseReturnValue:
    """Show the form that corrects somebody's points."""
    return _show(CustomerID(customer_id), FieldProblems())


@blueprint.post("/customers/<int:customer_id>/points")
@requires(Permission.CUSTOMERS_WRITE)
def correct(customer_id: int) -> ResponseReturnValue:
    """Correct somebody's points, or ask a second person to."""
    known = CustomerID(customer_id)
    try:
        with database().transaction() as session:
            get_profile(session, customer_id=known)
            done = _adjust(session, known)
    except Invalid as error:
        return _show(known, problems_by_field(error))
    except NotEnoughPoints:
        message = _("The member has not so many points.")
        return _show(known, FieldProblems(points=message))
    if isinstance(done, Moved):
        flash(_("The points are corrected."))
        return redirect_to(f"/admin/customers/{customer_id}")
    flash(_("That is above your limit: it waits for a second person."))
    return redirect_to("/admin/corrections")


@blueprint.get("/corrections")
@requires(Permission.CUSTOMERS_WRITE)
def corrections() -> ResponseReturnValue:
    """Show the corrections that wait for a second person."""
    with database().transaction() as session:
        waiting = waiting_adjustments(session)
        names = {
            one.customer_id: get_profile(
                session, customer_id=one.customer_id
            ).display_name
            for one in waiting
        }
        people = actor_names(session)
    return show(
        "corrections.html", waiting=waiting, names=names, people=people, me=actor()
    )


@blueprint.post("/corrections/<int:adjustment_id>/approve")
@requires(Permission.CUSTOMERS_WRITE)
def approve_correction(adjustment_id: int) -> ResponseReturnValue:
    """Let a correction happen that somebody else asked for."""
    try:
        with database().transaction() as session:
            approve(
                session,
                adjustment_id=AdjustmentID(adjustment_id),
                actor=actor(),
                now=utc_now(),
            )
    except SecondPersonNeeded:
        flash(_("Another person must approve what you asked for."), "bad")
    except NotEnoughPoints:
        flash(_("The member has not so many points any more: refuse it."), "bad")
    else:
        flash(_("Approved: the points are corrected."))
    return redirect_to("/admin/corrections")


@blueprint.post("/corrections/<int:adjustment_id>/refuse")
@requires(Permission.CUSTOMERS_WRITE)
def refuse_correction(adjustment_id: int) -> ResponseReturnValue:
    """Say no to a correction, or take back what one asked for oneself."""
    with database().transaction() as session:
        refuse(
            session,
            adjustment_id=AdjustmentID(adjustment_id),
            actor=actor(),
            now=utc_now(),
        )
    flash(_("Refused: nothing has moved."))
    return redirect_to("/admin/corrections")


def _limit() -> int:
    return limit_of(post.role for post in current_staff().posts)


def _adjust(session: Session, customer_id: CustomerID) -> Moved | Adjustment:
    points = number("points", otherwise=0)
    reason = request.form.get("reason", "").strip()
    if not points:
        message = _("Name how many points, above zero.")
        raise Invalid.field(pointer="/points", message=message)
    if not reason:
        message = _("Say why: the member and the audit see it.")
        raise Invalid.field(pointer="/reason", message=message)
    sign = -1 if request.form.get("direction") == "take" else 1
    key = request.form.get("key") or uuid4().hex
    return adjust(
        session,
        customer_id=customer_id,
        correction=Correction(
            points=sign * points,
            reason=reason,
            request=Request(key=f"correction:{key}", actor=actor()),
        ),
        limit=_limit(),
        now=utc_now(),
    )


def _show(customer_id: CustomerID, problems: FieldProblems) -> ResponseReturnValue:
    with database().transaction() as session:
        profile = get_profile(session, customer_id=customer_id)
        has = standing(session, customer_id=customer_id, now=utc_now())
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return show(
        "correction.html",
        status=status,
        profile=profile,
        standing=has,
        limit=_limit(),
        problems=problems,
        typed=request.form,
        key=request.form.get("key") or uuid4().hex,
    )
