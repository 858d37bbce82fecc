"""Giving points, sharing a balance, bringing a friend."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, flash, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.cards.queries import get_active_card
from loyalty.core.clock import utc_now
from loyalty.core.errors import LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.core.texts import normalise_digits
from loyalty.customers.queries import names_of
from loyalty.customers.values import CustomerID
from loyalty.points.values import Request
from loyalty.portal.rewards import status_of, whole_points, words
from loyalty.portal.views import here_profile, zone_of
from loyalty.sharing import queries
from loyalty.sharing.service import (
    answer,
    claim,
    code_of,
    give,
    invite,
    leave,
    note_device,
    undo,
)
from loyalty.sharing.values import GiftID, InvitationID
from loyalty.web.context import database, parts
from loyalty.web.guards import requires_customer
from loyalty.web.people import current_customer_id
from loyalty.web.protection import limiter
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("sharing", __name__)

HERE: Final = "/wallet/share"
_DEVICE: Final = "device"
_A_YEAR: Final = 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A gift as one of the two sees it."""

    id: GiftID
    who: str
    points: int
    """Negative when it was given away."""

    at: datetime
    undone: bool
    can_undo: bool


def _customer() -> str:
    return f"share:{current_customer_id()}"


@blueprint.get("/wallet/share")
@requires_customer
def show() -> ResponseReturnValue:
    """Show what can be shared, and remember this browser as the member's."""
    device = request.cookies.get(_DEVICE) or secrets.token_urlsafe(24)
    with database().transaction() as db:
        note_device(db, customer_id=current_customer_id(), device=device)
    response = make_response(_page())
    response.set_cookie(
        _DEVICE,
        device,
        max_age=_A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=parts().secure_cookies,
    )
    return response


@blueprint.post("/wallet/share/gift")
@requires_customer
@limiter.limit("20 per hour", key_func=_customer)
def give_points() -> ResponseReturnValue:
    """Give points to the holder of a card."""
    try:
        points = whole_points(request.form.get("points", ""))
        with database().transaction() as db:
            give(
                db,
                giver=current_customer_id(),
                receiver=_holder(db),
                points=points,
                request=Request(
                    key=request.form.get("key", "")[:40] or "-", actor=_actor()
                ),
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal, part="gift")
    flash(_("Given. For a while you can take it back below."))
    return redirect_to(HERE)


@blueprint.post("/wallet/share/gift/<int:number>/undo")
@requires_customer
def take_back(number: int) -> ResponseReturnValue:
    """Take a gift back."""
    try:
        with database().transaction() as db:
            undo(
                db,
                giver=current_customer_id(),
                gift_id=GiftID(number),
                actor=_actor(),
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal, part="gift")
    flash(_("Taken back."))
    return redirect_to(HERE)


@blueprint.post("/wallet/share/invite")
@requires_customer
@limiter.limit("20 per hour", key_func=_customer)
def invite_somebody() -> ResponseReturnValue:
    """Invite the holder of a card to share the balance."""
    try:
        with database().transaction() as db:
            invite(
                db,
                keeper=current_customer_id(),
                invited=_holder(db),
                actor=_actor(),
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal, part="invite")
    flash(_("Invited: it is answered in the other wallet, within a week."))
    return redirect_to(HERE)


@blueprint.post("/wallet/share/invitations/<int:number>")
@requires_customer
def answer_invitation(number: int) -> ResponseReturnValue:
    """Say yes or no to an invitation."""
    accept = request.form.get("answer") == "yes"
    try:
        with database().transaction() as db:
            answer(
                db,
                customer_id=current_customer_id(),
                invitation_id=InvitationID(number),
                accept=accept,
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal, part="invite")
    flash(_("You share one balance now.") if accept else _("Declined."))
    return redirect_to(HERE)


@blueprint.post("/wallet/share/leave")
@requires_customer
def leave_household() -> ResponseReturnValue:
    """Leave the shared balance."""
    try:
        with database().transaction() as db:
            leave(db, customer_id=current_customer_id(), actor=_actor(), now=utc_now())
    except LoyaltyError as refusal:
        return _page(refusal, part="invite")
    flash(_("You have a balance of your own again."))
    return redirect_to(HERE)


@blueprint.post("/wallet/share/friend")
@requires_customer
@limiter.limit("10 per hour", key_func=_customer)
def say_who_brought_me() -> ResponseReturnValue:
    """Note who brought this member."""
    try:
        with database().transaction() as db:
            claim(
                db,
                friend=current_customer_id(),
                code=request.form.get("code", "")[:40],
                device=request.cookies.get(_DEVICE),
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal, part="friend")
    flash(_("Noted: both of you get points after your first purchase."))
    return redirect_to(HERE)


def _holder(db: Session) -> CustomerID:
    number = normalise_digits(request.form.get("card", ""))[:40]
    return get_active_card(db, number=number).customer_id


def _actor() -> str:
    return f"customer:{current_customer_id()}"


def _page(
    refusal: LoyaltyError | None = None, *, part: str = ""
) -> ResponseReturnValue:
    now = utc_now()
    with database().transaction() as db:
        profile = here_profile(db)
        policy = queries.get_policy(db)
        household = queries.household_of(db, customer_id=profile.id)
        invitations = queries.invitations_for(db, customer_id=profile.id, now=now)
        people = {one.keeper for one in invitations}
        people |= set(household.members) if household else set()
        names = names_of(db, customer_ids=people)
        gifts = _gifts(db, now=now)
        code = code_of(db, customer_id=profile.id)
        friends = queries.list_referrals(db, referrer=profile.id)
        brought = queries.referral_of(db, friend=profile.id)
    return render(
        "portal/share.html",
        status=status_of(refusal),
        problem=words(refusal) if refusal else None,
        part=part,
        policy=policy,
        gifts=gifts,
        me=profile.id,
        household=household,
        names=names,
        invitations=invitations,
        code=f"{code[:4]} {code[4:]}",
        friends=friends,
        brought=brought,
        typed=request.form if refusal else {},
        key=secrets.token_urlsafe(12),
    )


def _gifts(db: Session, *, now: datetime) -> list[Given]:
    profile = here_profile(db)
    found = queries.list_gifts(db, customer_id=profile.id, limit=5)
    people = {one.giver for one in found} | {one.receiver for one in found}
    names = names_of(db, customer_ids=people)
    until = queries.get_policy(db).undo_time
    zone = zone_of(profile)
    return [
        Given(
            id=one.id,
            who=names.get(one.receiver if mine else one.giver, "") or _("Member"),
            points=-one.points if mine else one.points,
            at=one.at.astimezone(zone),
            undone=one.undone_at is not None,
            can_undo=mine and one.undone_at is None and now - one.at <= until,
        )
        for one in found
        for mine in [one.giver == profile.id]
    ]
