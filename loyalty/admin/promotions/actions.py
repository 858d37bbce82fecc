"""Moving a promotion through its life."""

from flask import flash
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import actor, blueprint, needs_all_stores
from loyalty.admin.promotions.findings import activate as let_run
from loyalty.admin.promotions.findings import refusal
from loyalty.core.clock import utc_now
from loyalty.core.errors import LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.promotions import service
from loyalty.promotions.queries import get_promotion
from loyalty.promotions.rules.compiling import compile_promotions
from loyalty.promotions.values.states import PromotionState
from loyalty.staff.values import Permission
from loyalty.usecases.check_promotion import FindingsStand
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to


@blueprint.post("/promotions/<code>/activate")
@requires(Permission.PROMOTIONS_WRITE)
def activate(code: str) -> ResponseReturnValue:
    """Let a draft or a paused promotion apply."""
    return _move(code, PromotionState.ACTIVE, _("Activated."))


@blueprint.post("/promotions/<code>/pause")
@requires(Permission.PROMOTIONS_WRITE)
def pause(code: str) -> ResponseReturnValue:
    """Let a promotion rest."""
    return _move(code, PromotionState.PAUSED, _("Paused."))


@blueprint.post("/promotions/<code>/end")
@requires(Permission.PROMOTIONS_WRITE)
def end(code: str) -> ResponseReturnValue:
    """End a promotion for ever."""
    return _move(code, PromotionState.ENDED, _("Ended."))


def move_promotion(session: Session, code: str, to: PromotionState) -> None:
    """
    Move a promotion; what the engine would not run is not activated.

    :raises FindingsStand: if errors, or warnings that are not ticked, stand
    :raises WrongState: if that is not possible from where it stands
    """
    if to is PromotionState.ACTIVE:
        compile_promotions([get_promotion(session, code=code).promotion])
        let_run(session, code)
        return
    service.move(session, code=code, to=to, actor=actor(), now=utc_now())


def _move(code: str, to: PromotionState, done: str) -> ResponseReturnValue:
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    try:
        with database().transaction() as session:
            move_promotion(session, code, to)
    except FindingsStand:
        flash(refusal(), "bad")
    except LoyaltyError as error:
        flash(str(error), "bad")
    else:
        flash(done)
    return redirect_to(f"/admin/promotions/{code}")
