"""Rewards, causes, and what members may share."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from http import HTTPStatus
from typing import Final

from flask import flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    field,
    first_moment,
    needs_all_stores,
    number,
    problems_by_field,
    show,
    zone_of,
)
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, NotFound
from loyalty.core.texts import current_language, pick
from loyalty.core.texts import gettext as _
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.values import Trigger
from loyalty.rewards.queries import get_reward, list_causes, list_rewards
from loyalty.rewards.service import end_cause, save_cause, withdraw_reward
from loyalty.rewards.values import Cause, Reward, RewardKind
from loyalty.sharing.queries import get_policy
from loyalty.sharing.service import save_policy
from loyalty.sharing.values import SharingPolicy
from loyalty.staff.values import Permission
from loyalty.usecases.redeem_reward import offer_reward
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_HERE: Final = "/admin/rewards"


@blueprint.get("/rewards")
@requires(Permission.PROGRAMME_WRITE)
def rewards() -> ResponseReturnValue:
    """Show the catalogue, the causes, and what members may share."""
    return _show(FieldProblems())


@blueprint.post("/rewards")
@requires(Permission.PROGRAMME_WRITE)
def save_rewards() -> ResponseReturnValue:
    """Add a reward, or change the one with its code."""
    needs_all_stores(Permission.PROGRAMME_WRITE)
    try:
        with database().transaction() as session:
            reward = _typed_reward(session)
            offer_reward(session, reward=reward, actor=actor(), now=utc_now())
    except Invalid as error:
        return _show(problems_by_field(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(_("Saved: it stands in the wallets now."))
    return redirect_to(_HERE)


@blueprint.post("/rewards/<code>/withdraw")
@requires(Permission.PROGRAMME_WRITE)
def take_reward_out(code: str) -> ResponseReturnValue:
    """Let a reward be redeemed no more."""
    needs_all_stores(Permission.PROGRAMME_WRITE)
    with database().transaction() as session:
        withdraw_reward(session, code=code, actor=actor(), now=utc_now())
    flash(_("Withdrawn. Save it again to bring it back."))
    return redirect_to(_HERE)


@blueprint.post("/causes")
@requires(Permission.PROGRAMME_WRITE)
def save_causes() -> ResponseReturnValue:
    """Add a cause, or change the one with its code."""
    needs_all_stores(Permission.PROGRAMME_WRITE)
    try:
        with database().transaction() as session:
            known = {one.code: one for one in list_causes(session, ended=True)}
            before = known.get(field("cause"))
            cause = Cause(
                code=field("cause"),
                name=_texts("cause_name", before.name if before else {}),
                about=_texts("cause_about", before.about if before else {}),
            )
            save_cause(session, cause=cause, actor=actor(), now=utc_now())
    except Invalid as error:
        found = problems_by_field(error)
        names = {"code": "cause", "name": "cause_name", "about": "cause_about"}
        problems = FieldProblems({names[k]: v for k, v in found.items()})
        return _show(problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(_("Saved: points can be given to it."))
    return redirect_to(f"{_HERE}#causes")


@blueprint.post("/causes/<code>/end")
@requires(Permission.PROGRAMME_WRITE)
def end_the_cause(code: str) -> ResponseReturnValue:
    """Let no more be given to a cause."""
    needs_all_stores(Permission.PROGRAMME_WRITE)
    with database().transaction() as session:
        end_cause(session, code=code, actor=actor(), now=utc_now())
    flash(_("Ended. What was given stays."))
    return redirect_to(f"{_HERE}#causes")


@blueprint.post("/rewards/sharing")
@requires(Permission.PROGRAMME_WRITE)
def save_sharing() -> ResponseReturnValue:
    """Change what members may share, and what bringing a friend gives."""
    needs_all_stores(Permission.PROGRAMME_WRITE)
    try:
        values = {
            one.name: number(one.name, otherwise=0) for one in fields(SharingPolicy)
        }
        with database().transaction() as session:
            policy = SharingPolicy(**values)
            save_policy(session, policy=policy, actor=actor(), now=utc_now())
    except Invalid as error:
        return _show(problems_by_field(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(_("Saved."))
    return redirect_to(f"{_HERE}#sharing")


def _typed_reward(session: Session) -> Reward:
    zone = zone_of(session)
    now = utc_now()

    def day(name: str, *, after: bool = False) -> datetime | None:
        return first_moment(name, zone, day_after=after) if field(name) else None

    before = _known(session, field("code"))
    stock = field("stock")
    return Reward(
        code=field("code"),
        name=_texts("name", before.name if before else {}),
        about=_texts("about", before.about if before else {}),
        points=number("points", otherwise=0),
        kind=RewardKind.COUPON if field("kind") == "coupon" else RewardKind.ARTICLE,
        promotion=field("promotion") or None,
        coupon_days=number("coupon_days", otherwise=30),
        stock=number("stock", otherwise=0) if stock else None,
        valid_from=day("valid_from") or (before.valid_from if before else now),
        valid_until=day("valid_until", after=True),
    )


def _known(session: Session, code: str) -> Reward | None:
    try:
        return get_reward(session, code=code)
    except NotFound:
        return None


def _texts(name: str, before: Mapping[str, str]) -> dict[str, str]:
    typed = field(name)
    texts = dict(before) | {current_language(): typed}
    return {code: text for code, text in texts.items() if text or name.endswith("name")}


def _show(
    problems: FieldProblems, *, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    now = utc_now()
    with database().transaction() as session:
        catalogue = list_rewards(session)
        causes = list_causes(session, ended=True)
        policy = asdict(get_policy(session))
        promotions = [
            (stored.promotion.code, pick(dict(stored.promotion.name)))
            for stored in list_promotions(session)
            if stored.promotion.trigger is Trigger.CODE
        ]
    return show(
        "rewards.html",
        status=status,
        rewards=[(one, pick(dict(one.name)), one.open(now=now)) for one in catalogue],
        causes=[(one, pick(dict(one.name))) for one in causes],
        policy=policy | {k: v for k, v in request.form.items() if k in policy},
        promotions=[("", _("none")), *promotions],
        problems=problems,
        typed=request.form,
    )
