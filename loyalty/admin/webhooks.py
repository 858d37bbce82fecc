"""Webhooks: who is told of events, whether it gets through, and sending it again."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    needs_all_stores,
    problems_by_field,
    show,
)
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.core.texts import ngettext
from loyalty.staff.values import Permission
from loyalty.web.context import database, parts
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to
from loyalty.webhooks import service
from loyalty.webhooks.queries import (
    get_delivery,
    get_endpoint,
    health_of,
    list_attempts,
    list_deliveries,
    list_endpoints,
)
from loyalty.webhooks.values import (
    DeliveryID,
    DeliveryState,
    DisabledWhy,
    EndpointID,
    EndpointState,
    EndpointTerms,
    EventType,
)

_PATH: Final = "/admin/webhooks"
_EVENTS: Final = tuple(kind for kind in EventType if kind is not EventType.PING)
_TONES: Final = {
    EndpointState.ACTIVE: "good",
    EndpointState.PAUSED: "warn",
    EndpointState.DISABLED: "bad",
    DeliveryState.DUE: "info",
    DeliveryState.SENDING: "info",
    DeliveryState.DELIVERED: "good",
    DeliveryState.FAILED: "bad",
}
_VERBS: Final = {
    "pause": service.pause,
    "resume": service.resume,
    "disable": service.disable,
    "ping": service.ping,
}


@blueprint.get("/webhooks")
@requires(Permission.WEBHOOKS_WRITE)
def webhooks() -> ResponseReturnValue:
    """Show every endpoint and how it does."""
    needs_all_stores(Permission.WEBHOOKS_WRITE)
    return _show_all(FieldProblems())


@blueprint.post("/webhooks")
@requires(Permission.WEBHOOKS_WRITE)
def create_webhook() -> ResponseReturnValue:
    """Add an endpoint and show its secret, once."""
    needs_all_stores(Permission.WEBHOOKS_WRITE)
    try:
        with database().transaction() as session:
            made = service.create_endpoint(
                session,
                terms=_typed(),
                allow_private=parts().webhook_allow_private,
                actor=actor(),
                now=machine_now(),
            )
    except Invalid as error:
        problems = problems_by_field(error)
        return _show_all(problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _show_one(made.endpoint_id, FieldProblems(), secret=made.secret)


@blueprint.get("/webhooks/<int:endpoint_id>")
@requires(Permission.WEBHOOKS_WRITE)
def webhook(endpoint_id: int) -> ResponseReturnValue:
    """Show one endpoint and what was sent to it."""
    needs_all_stores(Permission.WEBHOOKS_WRITE)
    return _show_one(EndpointID(endpoint_id), FieldProblems())


@blueprint.post("/webhooks/<int:endpoint_id>")
@requires(Permission.WEBHOOKS_WRITE)
def revise_webhook(endpoint_id: int) -> ResponseReturnValue:
    """Change an endpoint."""
    needs_all_stores(Permission.WEBHOOKS_WRITE)
    try:
        with database().transaction() as session:
            service.revise_endpoint(
                session,
                endpoint_id=EndpointID(endpoint_id),
                terms=_typed(),
                allow_private=parts().webhook_allow_private,
                actor=actor(),
                now=machine_now(),
            )
    except Invalid as error:
        return _show_one(
            EndpointID(endpoint_id),
            problems_by_field(error),
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    flash(_("Saved."))
    return redirect_to(f"{_PATH}/{endpoint_id}")


@blueprint.post("/webhooks/<int:endpoint_id>/<any(pause,resume,disable,ping):verb>")
@requires(Permission.WEBHOOKS_WRITE)
def move_webhook(endpoint_id: int, verb: str) -> ResponseReturnValue:
    """Pause, resume or disable an endpoint, or send it a test."""
    needs_all_stores(Permission.WEBHOOKS_WRITE)
    with database().transaction() as session:
        _VERBS[verb](
            session,
            endpoint_id=EndpointID(endpoint_id),
            actor=actor(),
            now=machine_now(),
        )
    said = {
        "pause": _("Paused: what happens meanwhile waits."),
        "resume": _("It is sent to again, beginning with what waits."),
        "disable": _("Disabled: nothing is kept for it from now on."),
        "ping": _("A test is on its way: look at the log below in a moment."),
    }
    flash(said[verb])
    return redirect_to(f"{_PATH}/{endpoint_id}")


@blueprint.post("/webhooks/<int:endpoint_id>/rotate")
@requires(Permission.WEBHOOKS_WRITE)
def rotate_webhook(endpoint_id: int) -> ResponseReturnValue:
    """Make another secret and show it, once."""
    needs_all_stores(Permission.WEBHOOKS_WRITE)
    with database().transaction() as session:
        made = service.rotate_secret(
            session,
            endpoint_id=EndpointID(endpoint_id),
            actor=actor(),
            now=machine_now(),
        )
    return _show_one(made.endpoint_id, FieldProblems(), secret=made.secret)


@blueprint.post("/webhooks/<int:endpoint_id>/replay")
@requires(Permission.WEBHOOKS_WRITE)
def replay_webhook(endpoint_id: int) -> ResponseReturnValue:
    """Send everything again that failed in the last so many days."""
    needs_all_stores(Permission.WEBHOOKS_WRITE)
    days = request.form.get("days", "")
    since = utc_now() - timedelta(days=int(days) if days in {"1", "7"} else 30)
    with database().transaction() as session:
        count = service.replay_failed(
            session,
            endpoint_id=EndpointID(endpoint_id),
            since=since,
            actor=actor(),
            now=machine_now(),
        )
    flash(ngettext("%(n)s event is sent again.", "%(n)s events are sent again.", count))
    return redirect_to(f"{_PATH}/{endpoint_id}")


@blueprint.get("/webhooks/deliveries/<int:delivery_id>")
@requires(Permission.WEBHOOKS_WRITE)
def webhook_delivery(delivery_id: int) -> ResponseReturnValue:
    """Show what was sent and what was answered, attempt by attempt."""
    needs_all_stores(Permission.WEBHOOKS_WRITE)
    with database().transaction() as session:
        found = get_delivery(session, delivery_id=DeliveryID(delivery_id))
        endpoint = get_endpoint(session, endpoint_id=found.endpoint_id)
        attempts = list_attempts(session, delivery_id=found.id)
    return show(
        "webhook_delivery.html",
        delivery=found,
        endpoint=endpoint,
        attempts=attempts[::-1],
        states=_states(),
        tones=_TONES,
    )


@blueprint.post("/webhooks/deliveries/<int:delivery_id>/replay")
@requires(Permission.WEBHOOKS_WRITE)
def replay_webhook_delivery(delivery_id: int) -> ResponseReturnValue:
    """Send one delivery again."""
    needs_all_stores(Permission.WEBHOOKS_WRITE)
    try:
        with database().transaction() as session:
            service.replay(
                session,
                delivery_id=DeliveryID(delivery_id),
                actor=actor(),
                now=machine_now(),
            )
    except service.DeliveryUnderWay as refusal:
        flash(str(refusal), "warn")
    else:
        flash(_("It is sent again, with the same identifier and the same bytes."))
    return redirect_to(f"{_PATH}/deliveries/{delivery_id}")


def _typed() -> EndpointTerms:
    chosen = request.form.getlist("events")
    return EndpointTerms(
        url=request.form.get("url", "").strip(),
        description=request.form.get("description", ""),
        events=frozenset(kind for kind in _EVENTS if kind.value in chosen),
    )


def _show_all(
    problems: FieldProblems, *, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    with database().transaction() as session:
        endpoints = list_endpoints(session)
        health = health_of(session)
    return show(
        "webhooks.html",
        status=status,
        endpoints=[(one, health[one.id]) for one in endpoints],
        problems=problems,
        typed=request.form,
        chosen=request.form.getlist("events"),
        events=_EVENTS,
        states=_states(),
        whys=_whys(),
        tones=_TONES,
    )


def _show_one(
    endpoint_id: EndpointID,
    problems: FieldProblems,
    *,
    secret: str | None = None,
    status: int = HTTPStatus.OK,
) -> ResponseReturnValue:
    state = request.args.get("state", "")
    cursor = request.args.get("after")
    with database().transaction() as session:
        endpoint = get_endpoint(session, endpoint_id=endpoint_id)
        health = health_of(session)[endpoint_id]
        page = list_deliveries(
            session,
            endpoint_id=endpoint_id,
            state=DeliveryState(state) if state in set(DeliveryState) else None,
            cursor=cursor,
        )
    wrong = bool(problems)
    return show(
        "webhook.html",
        status=status,
        endpoint=endpoint,
        health=health,
        page=page,
        state=state,
        first=cursor is None,
        secret=secret,
        problems=problems,
        typed=request.form if wrong else {},
        chosen=request.form.getlist("events") if wrong else endpoint.events,
        events=_EVENTS,
        states=_states(),
        delivery_states=list(DeliveryState),
        whys=_whys(),
        tones=_TONES,
    )


def _states() -> dict[EndpointState | DeliveryState, str]:
    return {
        EndpointState.ACTIVE: _("active"),
        EndpointState.PAUSED: _("paused"),
        EndpointState.DISABLED: _("disabled"),
        DeliveryState.DUE: _("waits"),
        DeliveryState.SENDING: _("being sent"),
        DeliveryState.DELIVERED: _("delivered"),
        DeliveryState.FAILED: _("given up"),
    }


def _whys() -> dict[DisabledWhy, str]:
    return {
        DisabledWhy.ASKED: _("by somebody"),
        DisabledWhy.GONE: _("it answered that it is gone (410)"),
        DisabledWhy.FAILING: _("nothing got through for five days"),
    }
