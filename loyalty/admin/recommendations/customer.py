"""One customer's recommendations and offers, with what each score is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import flash
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import blueprint, needs_all_stores
from loyalty.admin.recommendations.runs import start
from loyalty.admin.recommendations.wording import (
    aim_name,
    chance,
    nothing_advice,
    nothing_why,
    parts_of,
)
from loyalty.core.texts import current_language
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import get_profile
from loyalty.customers.service.changes import note_changes
from loyalty.customers.values import CustomerID
from loyalty.offers.render import reason_sentence
from loyalty.offers.values import Odds, Offer
from loyalty.recommendations.queries import (
    current_model,
    nothing_for,
    recommendations_of,
)
from loyalty.recommendations.values import Recommendation, RunKind
from loyalty.staff.values import Permission
from loyalty.web.charts import Part
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """What a score says and what it is made of, in words."""

    aim: str
    new: bool
    chance: str
    parts: list[Part]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A promotion that would be offered now."""

    rank: int
    promotion: str
    name: str
    reason: str
    value: float
    why: Why


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What would be offered to a customer now, or why nothing."""

    lines: list[Line]
    nothing: str
    advice: str
    model: str
    scored_at: datetime | None


def standing(
    session: Session,
    *,
    customer_id: CustomerID,
    promotions: Mapping[str, str],
    categories: Mapping[str, str],
) -> Standing:
    """
    Return what would be offered to a customer now.

    :param promotions: names by code; :param categories: names by path
    """
    found = recommendations_of(session, customer_id=customer_id)
    if found:
        return Standing(
            lines=[
                Line(
                    rank=one.rank,
                    promotion=one.promotion,
                    name=promotions.get(one.promotion, one.promotion),
                    reason=reason_sentence(one.reason, categories, current_language()),
                    value=one.value,
                    why=why_of(one),
                )
                for one in found
            ],
            nothing="",
            advice="",
            model=found[0].model_version,
            scored_at=found[0].scored_at,
        )
    return _nothing(session, customer_id)


def _nothing(session: Session, customer_id: CustomerID) -> Standing:
    cause = nothing_for(session, customer_id=customer_id)
    if cause is not None:
        return Standing(
            lines=[],
            nothing=nothing_why(cause.because),
            advice=nothing_advice(cause.because),
            model=cause.model_version,
            scored_at=cause.scored_at,
        )
    why = _("Nobody has looked yet")
    advice = _("Customers who are new are looked at within the hour.")
    if not get_profile(session, customer_id=customer_id).preferences.personalised:
        why = _("No personal offers are wanted")
        advice = _(
            "This customer has not agreed to offers chosen from purchases, so "
            "nothing is computed. They can agree in their wallet or at the till."
        )
    elif current_model(session) is None:
        why = _("There is no model yet")
        advice = _("The recommender has to be trained first.")
    return Standing(lines=[], nothing=why, advice=advice, model="", scored_at=None)


def made_why(offers: tuple[Offer, ...]) -> dict[int, Why]:
    """Return what the scores of offers that were made consist of, where it is known."""
    return {offer.id: why_of(offer.odds) for offer in offers if offer.odds is not None}


def why_of(one: Recommendation | Odds) -> Why:
    """Return what a score says, and what it is made of."""
    return Why(
        aim=aim_name(one.aim),
        new=one.aim.value == "discovery",
        chance=chance(one.probability),
        parts=parts_of(one.parts),
    )


@blueprint.post("/customers/<int:customer_id>/score")
@requires(Permission.RECOMMENDER_RUN)
def score_customer(customer_id: int) -> ResponseReturnValue:
    """Recommend to one customer anew."""
    needs_all_stores(Permission.RECOMMENDER_RUN)
    known = CustomerID(customer_id)
    with database().transaction() as session:
        get_profile(session, customer_id=known)
        note_changes(session, known)
    # One that goes already may have read this customer before: the row stays due.
    if start(RunKind.RESCORE) is not None:
        flash(_("It is being looked at: load this page again in a moment."))
    return redirect_to(f"/admin/customers/{customer_id}")
