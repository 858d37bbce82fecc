"""Whom the recommendations reach, with what, and who gets nothing and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask.typing import ResponseReturnValue

from loyalty.admin.pages import blueprint, show
from loyalty.admin.recommendations.allocations import allocations
from loyalty.admin.recommendations.customer import why_of
from loyalty.admin.recommendations.wording import (
    aim_name,
    explained,
    nothing_advice,
    nothing_why,
)
from loyalty.catalogue.queries import category_names
from loyalty.core.errors import NotFound
from loyalty.core.texts import current_language, pick
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import names_of
from loyalty.offers.render import reason_sentence
from loyalty.offers.values import Aim, NothingBecause
from loyalty.promotions.queries import get_promotion, list_promotions
from loyalty.recommendations import queries
from loyalty.recommendations.values import Coverage
from loyalty.staff.values import Permission
from loyalty.web.charts import Share
from loyalty.web.context import database
from loyalty.web.guards import requires


class NoSuchReason(NotFound):
    """Nobody gets nothing for such a reason."""

    code = "no_such_reason"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recommended:
    """A promotion, and to how many customers it is recommended."""

    code: str
    name: str
    customers: int
    share: float
    """Of the customers to whom anything is recommended."""

    expected: float
    """Redemptions, if all of it were offered now."""


@blueprint.get("/recommendations/coverage")
@requires(Permission.RECOMMENDER_READ)
def coverage() -> ResponseReturnValue:
    """Show how many customers get something, what, and why others get nothing."""
    with database().transaction() as session:
        found = queries.coverage(session)
        names = {
            stored.promotion.code: pick(dict(stored.promotion.name))
            for stored in list_promotions(session)
        }
        shared_out = allocations(session, names=names)
    return show(
        "recommender/coverage.html",
        found=found,
        reach=_reach(found),
        aims=[
            Share(
                label=aim_name(aim),
                count=found.by_aim.get(aim, 0),
                tone="good" if aim is Aim.REWARD else "info",
            )
            for aim in Aim
        ],
        promotions=_promotions(found, names),
        nothing=explained(found.because),
        allocations=shared_out,
    )


@blueprint.get("/recommendations/coverage/promotions/<code>")
@requires(Permission.RECOMMENDER_READ)
def to_whom(code: str) -> ResponseReturnValue:
    """Show some of the customers to whom a promotion is recommended, and why."""
    with database().transaction() as session:
        promotion = get_promotion(session, code=code).promotion
        found = queries.customers_with(session, promotion=code)
        names = names_of(session, customer_ids={one.customer_id for one in found})
        categories = category_names(session)
        count = queries.coverage(session).by_promotion.get(code, 0)
    return show(
        "recommender/to_whom.html",
        code=code,
        name=pick(dict(promotion.name)),
        lines=[
            (
                one,
                why_of(one),
                reason_sentence(one.reason, categories, current_language()),
            )
            for one in found
        ],
        names=names,
        count=count,
    )


@blueprint.get("/recommendations/coverage/<because>")
@requires(Permission.RECOMMENDER_READ)
def without(because: str) -> ResponseReturnValue:
    """Show some of the customers who get nothing for one reason."""
    try:
        cause = NothingBecause(because)
    except ValueError:
        raise NoSuchReason(_("There is no such reason.")) from None
    with database().transaction() as session:
        found = queries.customers_without(session, because=cause)
        names = names_of(session, customer_ids={one.customer_id for one in found})
        count = queries.coverage(session).because.get(cause, 0)
    return show(
        "recommender/without.html",
        found=found,
        names=names,
        count=count,
        why=nothing_why(cause),
        advice=nothing_advice(cause),
    )


def _promotions(found: Coverage, names: Mapping[str, str]) -> list[Recommended]:
    return [
        Recommended(
            code=code,
            name=names.get(code, code),
            customers=count,
            share=count / found.served,
            expected=found.expected.get(code, 0.0),
        )
        for code, count in found.by_promotion.items()
    ]


def _reach(found: Coverage) -> list[Share]:
    return [
        Share(label=_("get personal offers"), count=found.served, tone="good"),
        Share(
            label=_("nothing for them"), count=sum(found.because.values()), tone="warn"
        ),
        Share(label=_("not looked at yet"), count=max(0, found.unscored), tone="plain"),
    ]
