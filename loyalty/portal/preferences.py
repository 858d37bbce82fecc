"""What reaches the customer, when and how: one form, and two taps to stop it all."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Final
from zoneinfo import available_timezones

from flask import Blueprint, Response, flash, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.periods import DAY_NAMES, MINUTES_A_DAY, WeeklyWindow
from loyalty.core.texts import format_date
from loyalty.core.texts import gettext as _
from loyalty.customers.rules.confirming import waiting
from loyalty.customers.service.codes import TooManyCodes
from loyalty.customers.values import Channel, Profile, Speaker
from loyalty.delivery.queries.recipients import recipients
from loyalty.delivery.rules.planning import order_of
from loyalty.delivery.rules.policy import policy_of
from loyalty.portal.views import here_profile, zone_of
from loyalty.portal.ways import WAYS
from loyalty.portal.week import PARTS, cells_of
from loyalty.portal.wishes import (
    channel_lines,
    from_form,
    moved,
    standing,
    title_of,
    topic_lines,
)
from loyalty.stores.queries import get_programme
from loyalty.usecases.change_preferences import Wishes, change_preferences
from loyalty.web.context import database, parts
from loyalty.web.guards import requires_customer
from loyalty.web.language import COOKIE as LANGUAGE_COOKIE
from loyalty.web.people import drop_cookie
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("preferences", __name__, url_prefix="/wallet/preferences")

_MOST_LEARNED: Final = 3
PAUSE: Final = timedelta(days=30)
_HERE: Final = "/wallet/preferences"


@blueprint.get("")
@requires_customer
def show() -> ResponseReturnValue:
    """Show what stands."""
    with database().transaction() as db:
        profile = here_profile(db)
        return _page(db, profile, standing(profile, utc_now()))


@blueprint.post("")
@requires_customer
def save() -> ResponseReturnValue:
    """Save the whole form; the arrows move a channel and save nothing yet."""
    with database().transaction() as db:
        profile = here_profile(db)
        wishes = from_form(request.form, profile, providers=parts().channels)
        arrow = request.form.get("move")
        if arrow:
            channels = moved(wishes.channels, arrow)
            return _page(db, profile, replace(wishes, channels=channels), unsaved=True)
    try:
        with database().transaction() as db:
            _change(db, profile, wishes)
    except TooManyCodes as refusal:
        problems = {"channels": str(refusal)}
        with database().transaction() as db:
            return _page(db, profile, wishes, problems=problems)
    except Invalid as refusal:
        problems = {_place(p.pointer): p.message for p in refusal.problems}
        with database().transaction() as db:
            return _page(db, profile, wishes, problems=problems)
    flash(_("Saved. It counts from now on, also for what was planned already."))
    response = make_response(redirect_to(_HERE))
    # The profile's language speaks from now on, not what the browser once chose.
    drop_cookie(response, LANGUAGE_COOKIE)
    return response


@blueprint.post("/any-hour")
@requires_customer
def any_hour() -> ResponseReturnValue:
    """Let messages come at any hour instead of the learned ones: one tap."""
    always = WeeklyWindow(
        days=frozenset(range(len(DAY_NAMES))), start=0, until=MINUTES_A_DAY
    )
    with database().transaction() as db:
        profile = here_profile(db)
        _change(db, profile, replace(standing(profile, utc_now()), windows=(always,)))
    flash(_("Saved: at any hour of the day."))
    return redirect_to(_HERE)


@blueprint.post("/first")
@requires_customer
def first() -> ResponseReturnValue:
    """Put one channel first, whatever was learned: one tap."""
    name = request.form.get("first", "")
    with database().transaction() as db:
        profile = here_profile(db)
        wishes = standing(profile, utc_now())
        _whose, order = _standing_order(db, profile)
        if name not in order:
            flash(_("Choose a channel to which you agreed."))
            return redirect_to(_HERE)
        chosen = Channel(name)
        channels = tuple(dict.fromkeys((chosen, *order)))
        _change(db, profile, replace(wishes, channels=channels))
    flash(_("Saved: %(name)s comes first.", name=title_of(chosen)))
    return redirect_to(_HERE)


@blueprint.post("/pause")
@requires_customer
def pause() -> ResponseReturnValue:
    """Pause all offers for thirty days."""
    now = utc_now()
    with database().transaction() as db:
        profile = here_profile(db)
        until = now + PAUSE
        _change(db, profile, replace(standing(profile, utc_now()), pause_until=until))
        day = format_date(until.astimezone(zone_of(profile)))
    flash(_("Paused until %(day)s. At the till everything goes on.", day=day))
    return redirect_to(_HERE)


@blueprint.post("/resume")
@requires_customer
def resume() -> ResponseReturnValue:
    """End a pause."""
    with database().transaction() as db:
        profile = here_profile(db)
        _change(db, profile, replace(standing(profile, utc_now()), pause_until=None))
    flash(_("The pause is over."))
    return redirect_to(_HERE)


@blueprint.get("/stop")
@requires_customer
def ask_to_stop() -> ResponseReturnValue:
    """Show what stopping everything means: the first tap."""
    return render("portal/stop.html")


@blueprint.post("/stop")
@requires_customer
def stop() -> ResponseReturnValue:
    """Withdraw every consent to offers, on all channels: the second tap."""
    with database().transaction() as db:
        profile = here_profile(db)
        stands = standing(profile, utc_now())
        nothing = replace(
            stands, marketing=frozenset(), personalised=False, measured=False
        )
        _change(db, profile, nothing)
    flash(_("Stopped. No offers reach you any more, and none are chosen for you."))
    return redirect_to(_HERE)


def _place(pointer: str) -> str:
    """Return the part of the page that a problem belongs to."""
    name = pointer.split("/")[1]
    return "channels" if name == "marketing" else name


def _change(db: Session, profile: Profile, wishes: Wishes) -> None:
    change_preferences(
        db,
        customer_id=profile.id,
        wishes=wishes,
        speaker=Speaker(actor=f"customer:{profile.id}", source="page"),
        policy=policy_of(get_programme(db), parts().channels),
        now=utc_now(),
    )


def _page(
    db: Session,
    profile: Profile,
    wishes: Wishes,
    *,
    problems: dict[str, str] | None = None,
    unsaved: bool = False,
) -> Response:
    whose, order = _standing_order(db, profile)
    shown = replace(wishes, channels=wishes.channels or order)
    return render(
        "portal/preferences.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        problems=problems or {},
        unsaved=unsaved,
        wishes=wishes,
        channels=channel_lines(
            shown, profile, providers=parts().channels, now=utc_now()
        ),
        undeclared=() if wishes.channels else shown.channels,
        usual=whose == "learned" and not wishes.channels,
        waiting=bool(waiting(profile, now=utc_now())),
        learned=_learned(db, profile),
        zones=zones(),
        topics=topic_lines(db, wishes.topics),
        parts=PARTS,
        cells=cells_of(wishes.windows),
        shop_most=get_programme(db).max_messages_per_week,
        paused=_paused(profile),
        ways=bool(parts().channels & set(WAYS)),
    )


def _learned(db: Session, profile: Profile) -> tuple[WeeklyWindow, ...]:
    """Return the hours that were learned, for who declared none."""
    if profile.preferences.windows:
        return ()
    found = recipients(db, customer_ids=[profile.id], now=utc_now())
    return found[profile.id].learned[:_MOST_LEARNED]


def _standing_order(db: Session, profile: Profile) -> tuple[str, tuple[Channel, ...]]:
    """Return whose order of channels counts, and the order."""
    found = recipients(db, customer_ids=[profile.id], now=utc_now())
    policy = policy_of(get_programme(db), parts().channels)
    whose, order = order_of(found[profile.id], policy)
    return whose, tuple(one for one in order if one in parts().channels)


@cache
def zones() -> tuple[str, ...]:
    """Return the zones of places; the other names stand for the same ones."""
    return tuple(
        sorted(
            name
            for name in available_timezones()
            if "/" in name and not name.startswith("Etc/")
        )
    )


def _paused(profile: Profile) -> datetime | None:
    """Return until when offers pause, on the customer's clock."""
    until = profile.preferences.pause_until
    if until is None or until <= utc_now():
        return None
    return until.astimezone(zone_of(profile))
