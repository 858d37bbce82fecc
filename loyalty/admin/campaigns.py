"""Campaigns: who gets which personal promotions, and what it changed."""

import re
from datetime import datetime
from http import HTTPStatus
from typing import Final

from flask import request
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
from loyalty.catalogue.queries import category_names
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, LoyaltyError, Refused
from loyalty.core.jobs import enqueue
from loyalty.core.texts import current_language, pick
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import names_of
from loyalty.offers import queries, service
from loyalty.offers.render import reason_sentence
from loyalty.offers.rules import Difference, compare_spending
from loyalty.offers.values import Campaign, CampaignState, NewCampaign
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.values import Trigger
from loyalty.promotions.values.states import PromotionState
from loyalty.purchases.queries import takings
from loyalty.staff.rules import scope_of
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to

_CODE: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
_MOST_OFFERS: Final = 10
_MOST_HOLDOUT: Final = 50
_LONGEST_NAME: Final = 200
TONES: Final = {
    CampaignState.DRAFT: "plain",
    CampaignState.PLANNED: "good",
    CampaignState.ENDED: "info",
}


class NotActive(Refused):
    """A campaign's promotion would not apply at the till."""

    code = "campaign_promotion_inactive"


@blueprint.get("/campaigns")
@requires(Permission.CAMPAIGNS_READ)
def campaigns() -> ResponseReturnValue:
    """Show all campaigns."""
    with database().transaction() as session:
        found = queries.list_campaigns(session)
        counts = {
            campaign.id: queries.counts(session, campaign_id=campaign.id)
            for campaign in found
        }
    return show(
        "campaigns.html",
        campaigns=found,
        counts=counts,
        states=_state_names(),
        tones=TONES,
        may_write=_may_write(),
    )


@blueprint.get("/campaigns/new")
@requires(Permission.CAMPAIGNS_WRITE)
def new_campaign() -> ResponseReturnValue:
    """Show an empty campaign."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    return _show_form(FieldProblems())


@blueprint.post("/campaigns/new")
@requires(Permission.CAMPAIGNS_WRITE)
def create_campaign() -> ResponseReturnValue:
    """Keep a campaign as a draft."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    try:
        with database().transaction() as session:
            campaign = _typed_campaign(session)
            service.create_campaign(
                session, campaign=campaign, actor=actor(), now=utc_now()
            )
    except Invalid as error:
        return _show_form(
            problems_by_field(error), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    except LoyaltyError as error:
        return _show_form(FieldProblems(code=str(error)), status=HTTPStatus.CONFLICT)
    return redirect_to(f"/admin/campaigns/{campaign.code}")


@blueprint.get("/campaigns/<code>")
@requires(Permission.CAMPAIGNS_READ)
def campaign(code: str) -> ResponseReturnValue:
    """Show one campaign with its offers and results."""
    now = utc_now()
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
        counts = queries.counts(session, campaign_id=found.id)
        offers = queries.sample_of_campaign(session, campaign_id=found.id)
        names = names_of(session, customer_ids={offer.customer_id for offer in offers})
        promotion_names = {
            stored.promotion.code: pick(dict(stored.promotion.name))
            for stored in list_promotions(session)
            if stored.promotion.code in found.promotions
        }
        result = _result(session, found, now)
        simulated = _simulated(session, found, now)
        categories = category_names(session)
    return show(
        "campaign.html",
        campaign=found,
        counts=counts,
        offers=offers,
        why={
            offer.id: reason_sentence(offer.reason, categories, current_language())
            for offer in offers
        },
        names=names,
        promotion_names=promotion_names,
        result=result,
        simulated=simulated,
        begun=found.starts_at <= now,
        planning=request.args.get("planning") == "1",
        states=_state_names(),
        tones=TONES,
        may_write=_may_write(),
    )


@blueprint.post("/campaigns/<code>/plan")
@requires(Permission.CAMPAIGNS_WRITE)
def plan_campaign(code: str) -> ResponseReturnValue:
    """Ask the recommender to choose the offers and delivery to plan messages."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
        if found.state is not CampaignState.DRAFT:
            raise service.CampaignPlannedAlready(_("Its offers are made already."))
        active = {
            stored.promotion.code
            for stored in list_promotions(session, states=[PromotionState.ACTIVE])
        }
        idle = sorted(set(found.promotions) - active)
        if idle:
            message = _(
                "Activate its promotions first: %(codes)s", codes=", ".join(idle)
            )
            raise NotActive(message)
        enqueue(session, "plan_campaign", campaign=code)
    return redirect_to(f"/admin/campaigns/{code}?planning=1")


@blueprint.get("/campaigns/<code>/progress")
@requires(Permission.CAMPAIGNS_READ)
def campaign_progress(code: str) -> ResponseReturnValue:
    """Show how far planning has come, for a page that asks every second."""
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
        counts = queries.counts(session, campaign_id=found.id)
    return show("campaign_progress.html", campaign=found, counts=counts)


def _typed_campaign(session: Session) -> NewCampaign:
    zone = zone_of(session)
    code, name = field("code"), request.form.get("name", "").strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise Invalid.field(
            pointer="/name", message=_("Give it a name, up to 200 letters.")
        )
    if not _CODE.fullmatch(code):
        message = _("1 to 64 of: small letters a-z, digits, hyphen.")
        raise Invalid.field(pointer="/code", message=message)
    offers = number("offers_per_customer", otherwise=3)
    if not 1 <= offers <= _MOST_OFFERS:
        raise Invalid.field(pointer="/offers_per_customer", message=_("From 1 to 10."))
    holdout = number("holdout_percent", otherwise=10)
    if not 0 <= holdout <= _MOST_HOLDOUT:
        raise Invalid.field(pointer="/holdout_percent", message=_("From 0 to 50."))
    promotions = tuple(request.form.getlist("promotions"))
    if not promotions:
        raise Invalid.field(
            pointer="/promotions", message=_("Choose at least one promotion.")
        )
    return NewCampaign(
        code=code,
        name=name,
        starts_at=first_moment("starts_at", zone),
        ends_at=first_moment("ends_at", zone, day_after=True),
        promotions=promotions,
        offers_per_customer=offers,
        holdout_percent=holdout,
    )


def _show_form(
    problems: FieldProblems, *, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    with database().transaction() as session:
        personal = [
            stored
            for stored in list_promotions(
                session, states=[PromotionState.ACTIVE, PromotionState.DRAFT]
            )
            if stored.promotion.trigger is Trigger.PERSONAL
        ]
    return show(
        "campaign_new.html",
        status=status,
        problems=problems,
        typed=request.form,
        chosen=request.form.getlist("promotions"),
        personal=[
            (stored.promotion.code, pick(dict(stored.promotion.name)), stored.state)
            for stored in personal
        ],
    )


def _result(session: Session, campaign: Campaign, now: datetime) -> Difference | None:
    if campaign.state is CampaignState.DRAFT or campaign.starts_at > now:
        return None
    treated, held_out = queries.spending(session, campaign=campaign, until=now)
    return compare_spending(treated, held_out)


def _simulated(session: Session, campaign: Campaign, now: datetime) -> bool:
    """Test whether simulated shoppers bought anything in the campaign's period."""
    until = min(now, campaign.ends_at)
    if until <= campaign.starts_at:
        return False
    sold = takings(session, since=campaign.starts_at, until=until)
    return sold.simulated > 0


def _state_names() -> dict[CampaignState, str]:
    return {
        CampaignState.DRAFT: _("Draft"),
        CampaignState.PLANNED: _("Planned"),
        CampaignState.ENDED: _("Ended"),
    }


def _may_write() -> bool:
    return scope_of(current_staff(), Permission.CAMPAIGNS_WRITE).everywhere
