"""Rewards at the till: redeeming for the member, and handing over what waits."""

import secrets

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue

from loyalty.core.clock import utc_now
from loyalty.core.errors import LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.core.texts import pick
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.points.queries import standing
from loyalty.points.values import Request
from loyalty.rewards.queries import list_redemptions, open_rewards
from loyalty.rewards.rules import nearest_first
from loyalty.rewards.service import hand_over
from loyalty.rewards.values import RedemptionID, RedemptionState, RewardKind
from loyalty.sharing.queries import purse_of
from loyalty.staff.values import Permission
from loyalty.till.counter import current_counter, here
from loyalty.usecases.redeem_reward import cancel_redemption, redeem_reward
from loyalty.web.context import database
from loyalty.web.errors import STATUS_BY_KIND
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("rewards", __name__)


@blueprint.get("/rewards")
@requires(Permission.TILL_SERVE)
def show() -> ResponseReturnValue:
    """Show what the member can have, and what waits for them."""
    return _page()


@blueprint.post("/rewards/<code>/redeem")
@requires(Permission.TILL_SERVE)
def redeem(code: str) -> ResponseReturnValue:
    """Redeem a reward for the member who stands here."""
    customer_id = current_counter().customer_id
    if customer_id is None:
        return redirect_to("/till")
    try:
        with database().transaction() as db:
            made = redeem_reward(
                db,
                customer_id=customer_id,
                reward=code,
                request=Request(
                    key=request.form.get("key", "")[:40] or "-",
                    actor=current_staff().actor,
                    store_id=here(db).id,
                ),
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal)
    if made.coupon:
        flash(_("The code is %(code)s.", code=made.coupon))
    else:
        flash(_("Redeemed: hand it over."))
    return redirect_to("/till/rewards")


@blueprint.post("/redemptions/<int:number>/<act>")
@requires(Permission.TILL_SERVE)
def settle(number: int, act: str) -> ResponseReturnValue:
    """Hand over what waits, or cancel it."""
    customer_id = current_counter().customer_id
    if customer_id is None:
        return redirect_to("/till")
    try:
        with database().transaction() as db:
            change = hand_over if act == "hand-over" else cancel_redemption
            change(
                db,
                customer_id=customer_id,
                redemption_id=RedemptionID(number),
                actor=current_staff().actor,
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal)
    flash(_("Handed over.") if act == "hand-over" else _("Cancelled."))
    return redirect_to("/till/rewards")


def _page(refusal: LoyaltyError | None = None) -> ResponseReturnValue:
    customer_id: CustomerID | None = current_counter().customer_id
    if customer_id is None:
        return redirect_to("/till")
    now = utc_now()
    with database().transaction() as db:
        profile = get_profile(db, customer_id=customer_id)
        purse = purse_of(db, customer_id=customer_id)
        have = standing(db, customer_id=purse, now=now).spendable
        near = nearest_first(open_rewards(db, now=now), have=have)
        redeemed = list_redemptions(db, customer_id=customer_id, limit=20)
    waiting = [
        (one, pick(dict(one.name)))
        for one in redeemed
        if one.state is RedemptionState.WAITING and one.kind is RewardKind.ARTICLE
    ]
    status = 200
    if refusal is not None:
        status = next(s for k, s in STATUS_BY_KIND.items() if isinstance(refusal, k))
    return render(
        "till/rewards.html",
        status=status,
        problem=str(refusal) if refusal else None,
        name=profile.display_name or _("Member"),
        have=have,
        rewards=[(one, pick(dict(one.reward.name))) for one in near],
        waiting=waiting,
        key=secrets.token_urlsafe(12),
    )
