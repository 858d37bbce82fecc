"""Planning many messages once more: how many there are, and how far it is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import flash, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from loyalty.admin.deliveries.brakes import may_control
from loyalty.admin.deliveries.listing import known
from loyalty.admin.names import name_of_channel, name_of_reason, name_of_state
from loyalty.admin.pages import actor, blueprint, needs_all_stores, show
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.customers.values import Channel
from loyalty.delivery.queries.replays import (
    Replay,
    Wanted,
    count_replayable,
    get_replay,
    list_replays,
)
from loyalty.delivery.service import ask_replay, stop_replay
from loyalty.delivery.service.replaying_many import REPLAYABLE
from loyalty.delivery.values import MessageState, Reason
from loyalty.staff.queries import actor_names
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_PATH: Final = "/admin/deliveries/replays"
_DAYS: Final = ("1", "7", "30")
_FIELDS: Final = ("state", "reason", "channel", "days")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A replay in words."""

    replay: Replay
    what: str
    who: str


@blueprint.get("/deliveries/replays")
@requires(Permission.DELIVERIES_READ)
def replays() -> ResponseReturnValue:
    """Show the latest replays, and how many messages another one would plan."""
    wanted = _wanted(request.args) if request.args else None
    with database().transaction() as session:
        names = actor_names(session)
        found = None if wanted is None else count_replayable(session, wanted=wanted)
        latest = [_shown(one, names) for one in list_replays(session)]
    return show(
        "deliveries/replays.html",
        latest=latest,
        found=found,
        what=None if wanted is None else _words(wanted),
        typed={name: request.args.get(name, "") for name in _FIELDS},
        states=REPLAYABLE,
        reasons=list(Reason),
        channels=list(Channel),
        days=_DAYS,
        may_control=may_control(),
    )


@blueprint.post("/deliveries/replays")
@requires(Permission.DELIVERIES_CONTROL)
def start_replay() -> ResponseReturnValue:
    """Plan all of them once more, in the background."""
    needs_all_stores(Permission.DELIVERIES_CONTROL)
    try:
        with database().transaction() as session:
            ask_replay(
                session, wanted=_wanted(request.form), actor=actor(), now=utc_now()
            )
    except Invalid as refusal:
        flash(refusal.problems[0].message, "warn")
    else:
        flash(_("They are being planned once more; each is checked before it leaves."))
    return redirect_to(_PATH)


@blueprint.get("/deliveries/replays/<int:number>/progress")
@requires(Permission.DELIVERIES_READ)
def replay_progress(number: int) -> ResponseReturnValue:
    """Show how far a replay is, for a page that asks every second."""
    with database().transaction() as session:
        one = _shown(get_replay(session, replay_id=number), actor_names(session))
    return show("deliveries/replay.html", one=one, may_control=may_control())


@blueprint.post("/deliveries/replays/<int:number>/stop")
@requires(Permission.DELIVERIES_CONTROL)
def end_replay(number: int) -> ResponseReturnValue:
    """End a replay where it is."""
    needs_all_stores(Permission.DELIVERIES_CONTROL)
    with database().transaction() as session:
        stop_replay(session, replay_id=number, actor=actor(), now=utc_now())
    flash(_("Stopped. What was planned already stays planned."))
    return redirect_to(_PATH)


def _wanted(typed: MultiDict[str, str]) -> Wanted:
    """Return what was asked for; of what can't be read, the most careful reading."""
    now = utc_now()
    days = typed.get("days", "")
    return Wanted(
        state=known(MessageState, typed.get("state")) or MessageState.FAILED,
        reason=known(Reason, typed.get("reason")),
        channel=known(Channel, typed.get("channel")),
        since=now - timedelta(days=int(days) if days in _DAYS else 1),
        until=now,
    )


def _shown(one: Replay, names: dict[str, str]) -> Shown:
    return Shown(
        replay=one,
        what=_words(one.wanted),
        who=names.get(one.asked_by, one.asked_by),
    )


def _words(wanted: Wanted) -> str:
    parts = [name_of_state(wanted.state)]
    if wanted.reason is not None:
        parts.append(name_of_reason(wanted.reason))
    if wanted.channel is not None:
        parts.append(name_of_channel(wanted.channel))
    return ", ".join(parts)
