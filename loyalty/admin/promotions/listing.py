"""The list of promotions, and the templates for a new one."""

from dataclasses import dataclass
from typing import Final

from flask import request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import blueprint, needs_all_stores, show
from loyalty.admin.promotions.starts import starts
from loyalty.admin.promotions.wording import in_words
from loyalty.core.texts import gettext as _
from loyalty.core.texts import pick
from loyalty.promotions.queries import display_names, list_promotions, totals_of
from loyalty.promotions.render import Segment
from loyalty.promotions.values import Promotion
from loyalty.promotions.values.states import PromotionState, StoredPromotion, Totals
from loyalty.staff.rules import scope_of
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff

TONES: Final = {
    PromotionState.DRAFT: "plain",
    PromotionState.ACTIVE: "good",
    PromotionState.PAUSED: "warn",
    PromotionState.ENDED: "info",
}
"""The colour of each state's badge."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A promotion as a line of the list; money in minor units."""

    code: str
    name: str
    state: PromotionState
    words: tuple[Segment, ...]
    totals: Totals
    budget: int | None


def state_names() -> dict[PromotionState, str]:
    """Return what each state is called."""
    return {
        PromotionState.DRAFT: _("Draft"),
        PromotionState.ACTIVE: _("Active"),
        PromotionState.PAUSED: _("Paused"),
        PromotionState.ENDED: _("Ended"),
    }


@blueprint.get("/promotions")
@requires(Permission.PROMOTIONS_READ)
def promotions() -> ResponseReturnValue:
    """Show the promotions, those of one state or all."""
    wanted = request.args.get("state", "")
    with database().transaction() as session:
        stored = list_promotions(session)
        totals = totals_of(session, promotion_ids=[one.id for one in stored])
        chosen = [one for one in stored if wanted in ("", one.state.value)]
        names = display_names(session, promotions=[one.promotion for one in chosen])
    rows = [
        _row(one, in_words(one.promotion, names), totals.get(one.id, Totals()))
        for one in reversed(chosen)
    ]
    counts = {
        state: sum(1 for one in stored if one.state is state)
        for state in PromotionState
    }
    return show(
        "promotions.html",
        rows=rows,
        counts=counts,
        wanted=wanted,
        states=state_names(),
        tones=TONES,
        starts=starts(),
        may_write=may_write(),
    )


@blueprint.get("/promotions/new")
@requires(Permission.PROMOTIONS_WRITE)
def new_promotion() -> ResponseReturnValue:
    """Show the templates to choose from."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    return show("promotion_new.html", starts=starts())


def may_write() -> bool:
    """Test whether the person signed in may change promotions."""
    return scope_of(current_staff(), Permission.PROMOTIONS_WRITE).everywhere


def _row(stored: StoredPromotion, words: tuple[Segment, ...], totals: Totals) -> Row:
    promotion: Promotion = stored.promotion
    budget = promotion.limits.budget
    return Row(
        code=promotion.code,
        name=pick(dict(promotion.name)),
        state=stored.state,
        words=words,
        totals=totals,
        budget=budget.amount if budget else None,
    )
