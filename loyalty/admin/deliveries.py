"""Deliveries: whether messages leave, one message's story, and the brakes."""

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.names import TONES
from loyalty.admin.pages import actor, blueprint, needs_all_stores, show
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import names_of
from loyalty.customers.values import Channel
from loyalty.delivery.queries.messages import (
    Filter,
    count_by_state,
    list_deliveries,
    story,
)
from loyalty.delivery.queries.monitor import (
    count_due,
    list_heartbeats,
    oldest_due,
    sent_last_hour,
)
from loyalty.delivery.queries.pauses import list_pauses
from loyalty.delivery.service import cancel, pause, resume
from loyalty.delivery.values import MessageID, MessageState
from loyalty.staff.rules import scope_of
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to

_T = TypeVar("_T", bound=StrEnum)


@blueprint.get("/deliveries")
@requires(Permission.DELIVERIES_READ)
def deliveries() -> ResponseReturnValue:
    """Show how delivery does, and a page of messages."""
    state = _known(MessageState, request.args.get("state"))
    channel = _known(Channel, request.args.get("channel"))
    wanted = Filter(states=[state] if state else (), channel=channel)
    cursor = request.args.get("after")
    now = utc_now()
    with database().transaction() as session:
        page = list_deliveries(session, wanted=wanted, cursor=cursor)
        ids = {item.customer_id for item in page.items}
        return show(
            "deliveries.html",
            page=page,
            names=names_of(session, customer_ids=ids),
            first=cursor is None,
            state=state or "",
            channel=channel or "",
            counts=count_by_state(session, wanted=Filter(channel=channel)),
            by_channel={
                one: count_by_state(session, wanted=Filter(channel=one))
                for one in Channel
            },
            due=count_due(session, now=now),
            waiting=_minutes_since(oldest_due(session, now=now), now),
            sent=sent_last_hour(session, now=now),
            pauses={one.scope: one for one in list_pauses(session)},
            heartbeats=[
                (one, _minutes_since(one.at, machine_now()))
                for one in list_heartbeats(session)
            ],
            tones=TONES,
            channels=list(Channel),
            states=list(MessageState),
            may_control=_may_control(),
        )


@blueprint.get("/deliveries/<int:message_id>")
@requires(Permission.DELIVERIES_READ)
def delivery(message_id: int) -> ResponseReturnValue:
    """Show all that happened to one message."""
    with database().transaction() as session:
        found = story(session, message_id=MessageID(message_id))
        customer_id = found.delivery.customer_id
        names = names_of(session, customer_ids=[customer_id])
    return show(
        "delivery.html",
        story=found,
        name=names.get(customer_id, ""),
        tones=TONES,
        may_control=_may_control(),
    )


@blueprint.post("/deliveries/<int:message_id>/cancel")
@requires(Permission.DELIVERIES_CONTROL)
def cancel_delivery(message_id: int) -> ResponseReturnValue:
    """End a planned message without sending it."""
    needs_all_stores(Permission.DELIVERIES_CONTROL)
    with database().transaction() as session:
        cancel(session, message_id=MessageID(message_id), actor=actor(), now=utc_now())
    flash(_("Cancelled."))
    return redirect_to(f"/admin/deliveries/{message_id}")


@blueprint.post("/deliveries/pause")
@requires(Permission.DELIVERIES_CONTROL)
def pause_deliveries() -> ResponseReturnValue:
    """Let nothing of a scope leave."""
    needs_all_stores(Permission.DELIVERIES_CONTROL)
    scope = request.form.get("scope", "")
    with database().transaction() as session:
        pause(session, scope=scope, actor=actor(), now=utc_now())
    flash(_("Paused. What is being handed over just now still goes."), "warn")
    return redirect_to("/admin/deliveries")


@blueprint.post("/deliveries/resume")
@requires(Permission.DELIVERIES_CONTROL)
def resume_deliveries() -> ResponseReturnValue:
    """Let what was paused leave again."""
    needs_all_stores(Permission.DELIVERIES_CONTROL)
    scope = request.form.get("scope", "")
    with database().transaction() as session:
        resume(session, scope=scope, actor=actor(), now=utc_now())
    flash(_("Sending goes on."))
    return redirect_to("/admin/deliveries")


def _known(kind: type[_T], text: str | None) -> _T | None:
    return kind(text) if text in set(kind) else None


def _minutes_since(moment: datetime | None, now: datetime) -> int | None:
    if moment is None:
        return None
    return max(0, int((now - moment).total_seconds() // 60))


def _may_control() -> bool:
    return scope_of(current_staff(), Permission.DELIVERIES_CONTROL).everywhere
