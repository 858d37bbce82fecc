"""Pausing and resuming: everything, a channel or a campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.names import name_of_scope
from loyalty.admin.pages import actor, blueprint, needs_all_stores
from loyalty.core.clock import utc_now
from loyalty.core.texts import gettext as _
from loyalty.customers.values import Channel
from loyalty.delivery.queries.pauses import Pause, list_pauses
from loyalty.delivery.service import pause, resume
from loyalty.offers.queries import list_campaigns
from loyalty.offers.values import CampaignState
from loyalty.staff.queries import actor_names
from loyalty.staff.rules import scope_of
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to

_PATH: Final = "/admin/deliveries"


@dataclass(frozen=True, kw_only=True, slots=True)
class Brake:
    """Something that can be paused, and by whom it is if it is."""

    scope: str
    name: str
    pause: Pause | None = None
    who: str = ""


def may_control() -> bool:
    """Test whether the reader may pause, cancel and plan anew."""
    return scope_of(current_staff(), Permission.DELIVERIES_CONTROL).everywhere


def brakes(session: Session) -> Sequence[Brake]:
    """Return everything, each channel, each campaign that runs, and what is paused."""
    names = actor_names(session)
    paused = {one.scope: one for one in list_pauses(session)}
    words = {"all": _("Everything")}
    words |= {
        f"channel:{one.value}": name_of_scope(f"channel:{one}") for one in Channel
    }
    words |= {
        f"campaign:{one.id}": one.name
        for one in list_campaigns(session)
        if one.state is CampaignState.RUNNING or f"campaign:{one.id}" in paused
    }
    words |= {scope: name_of_scope(scope) for scope in paused if scope not in words}
    return [
        Brake(
            scope=scope,
            name=name,
            pause=paused.get(scope),
            who=_who(paused[scope].paused_by, names) if scope in paused else "",
        )
        for scope, name in words.items()
    ]


def _who(actor_name: str, names: dict[str, str]) -> str:
    return names.get(actor_name, actor_name)


@blueprint.post("/deliveries/pause")
@requires(Permission.DELIVERIES_CONTROL)
def pause_deliveries() -> ResponseReturnValue:
    """Let nothing of a scope leave."""
    needs_all_stores(Permission.DELIVERIES_CONTROL)
    scope = request.form.get("scope", "")
    with database().transaction() as session:
        pause(session, scope=scope, actor=actor(), now=utc_now())
    flash(_("Paused. What is being handed over just now still goes."), "warn")
    return redirect_to(_PATH)


@blueprint.post("/deliveries/resume")
@requires(Permission.DELIVERIES_CONTROL)
def resume_deliveries() -> ResponseReturnValue:
    """Let what was paused leave again."""
    needs_all_stores(Permission.DELIVERIES_CONTROL)
    scope = request.form.get("scope", "")
    with database().transaction() as session:
        resume(session, scope=scope, actor=actor(), now=utc_now())
    flash(_("Sending goes on."))
    return redirect_to(_PATH)
