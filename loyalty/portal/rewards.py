"""What points can be given for: rewards, nearest first, and causes."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.core.texts import ngettext, normalise_digits, pick
from loyalty.points.queries import standing
from loyalty.points.values import Request
from loyalty.portal.views import here_profile, zone_of
from loyalty.rewards.queries import list_causes, list_redemptions, open_rewards
from loyalty.rewards.rules import nearest_first
from loyalty.rewards.service import give_to_cause
from loyalty.rewards.values import (
    Redemption,
    RedemptionID,
    RedemptionState,
    RewardKind,
)
from loyalty.sharing.queries import purse_of
from loyalty.usecases.redeem_reward import cancel_redemption, redeem_reward
from loyalty.web.context import database
from loyalty.web.errors import STATUS_BY_KIND
from loyalty.web.guards import requires_customer
from loyalty.web.people import current_customer_id
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("rewards", __name__)

_LONGEST_POINTS = len("10000000")


@dataclass(frozen=True, kw_only=True, slots=True)
class Redeemed:
    """Something that was redeemed, on the customer's clock."""

    id: RedemptionID
    name: str
    points: int
    at: datetime
    coupon: str | None
    state: RedemptionState
    article: bool


@blueprint.get("/wallet/rewards")
@requires_customer
def show() -> ResponseReturnValue:
    """Show what points can be given for."""
    return _page()


@blueprint.post("/wallet/rewards/<code>/redeem")
@requires_customer
def redeem(code: str) -> ResponseReturnValue:
    """Give points for a reward, once for each time the page was shown."""
    try:
        with database().transaction() as db:
            made = redeem_reward(
                db,
                customer_id=current_customer_id(),
                reward=code,
                request=_request(),
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal)
    if made.coupon:
        flash(_("Yours: the code %(code)s. Name it at the till.", code=made.coupon))
    else:
        flash(_("Yours: it is handed over at any till."))
    return redirect_to("/wallet/rewards")


@blueprint.post("/wallet/redemptions/<int:number>/cancel")
@requires_customer
def cancel(number: int) -> ResponseReturnValue:
    """Take a redemption back; the points come back as they were."""
    try:
        with database().transaction() as db:
            cancel_redemption(
                db,
                customer_id=current_customer_id(),
                redemption_id=RedemptionID(number),
                actor=_actor(),
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal)
    flash(_("Cancelled: the points are back."))
    return redirect_to("/wallet/rewards")


@blueprint.post("/wallet/causes/<code>/give")
@requires_customer
def give(code: str) -> ResponseReturnValue:
    """Give points to a cause."""
    try:
        points = whole_points(request.form.get("points", ""))
        with database().transaction() as db:
            given = give_to_cause(
                db,
                customer_id=current_customer_id(),
                cause=code,
                points=points,
                request=_request(),
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal, typed={code: request.form.get("points", "")})
    flash(
        ngettext(
            "Thank you: %(n)s point is given.",
            "Thank you: %(n)s points are given.",
            given.points,
        )
    )
    return redirect_to("/wallet/rewards")


def whole_points(typed: str) -> int:
    """
    Return the points in a field, digits of any script.

    :raises Invalid: if it is no whole number above 0
    """
    text = normalise_digits(typed).strip()
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_POINTS and int(text):
        return int(text)
    raise Invalid.field(pointer="/points", message=_("Type a number of points."))


def words(refusal: LoyaltyError) -> str:
    """Return what is wrong, for a person."""
    if isinstance(refusal, Invalid):
        return " ".join(problem.message for problem in refusal.problems)
    return str(refusal)


def status_of(refusal: LoyaltyError | None) -> HTTPStatus:
    """Return the status of a page that says why something was refused."""
    if refusal is None:
        return HTTPStatus.OK
    return next(
        status for kind, status in STATUS_BY_KIND.items() if isinstance(refusal, kind)
    )


def _page(
    refusal: LoyaltyError | None = None, *, typed: dict[str, str] | None = None
) -> ResponseReturnValue:
    now = utc_now()
    with database().transaction() as db:
        profile = here_profile(db)
        purse = purse_of(db, customer_id=profile.id)
        have = standing(db, customer_id=purse, now=now).spendable
        near = nearest_first(open_rewards(db, now=now), have=have)
        causes = list_causes(db, customer_id=profile.id)
        redeemed = _redeemed(db)
    return render(
        "portal/rewards.html",
        status=status_of(refusal),
        problem=words(refusal) if refusal else None,
        have=have,
        rewards=[
            (one, pick(dict(one.reward.name)), pick(dict(one.reward.about)))
            for one in near
        ],
        causes=[(one, pick(dict(one.name)), pick(dict(one.about))) for one in causes],
        redeemed=redeemed,
        typed=typed or {},
        key=secrets.token_urlsafe(12),
    )


def _redeemed(db: Session) -> list[Redeemed]:
    profile = here_profile(db)
    zone = zone_of(profile)
    found = list_redemptions(db, customer_id=profile.id, limit=10)

    def shown(one: Redemption) -> Redeemed:
        return Redeemed(
            id=one.id,
            name=pick(dict(one.name)),
            points=one.points,
            at=one.at.astimezone(zone),
            coupon=one.coupon,
            state=one.state,
            article=one.kind is RewardKind.ARTICLE,
        )

    return [shown(one) for one in found]


def _request() -> Request:
    return Request(key=request.form.get("key", "")[:40] or "-", actor=_actor())


def _actor() -> str:
    return f"customer:{current_customer_id()}"
