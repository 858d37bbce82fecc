"""Campaigns as they stand: the list, and one with its offers and results."""

from datetime import datetime
from typing import Final

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.campaigns.controlling import lines_of
from loyalty.admin.campaigns.planning import planning_of
from loyalty.admin.campaigns.results import results_of
from loyalty.admin.pages import blueprint, show
from loyalty.admin.recommendations.allocations import allocation_of
from loyalty.admin.recommendations.customer import made_why
from loyalty.admin.recommendations.wording import explained
from loyalty.catalogue.queries import category_names
from loyalty.core.clock import utc_now
from loyalty.core.texts import current_language, pick
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import names_of
from loyalty.offers import queries
from loyalty.offers.render import reason_sentence, trigger_sentence
from loyalty.offers.values import Campaign, CampaignState, Once
from loyalty.promotions.queries import list_promotions
from loyalty.purchases.queries import takings
from loyalty.staff.rules import scope_of
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff

TONES: Final = {
    CampaignState.DRAFT: "plain",
    CampaignState.SCHEDULED: "info",
    CampaignState.RUNNING: "good",
    CampaignState.PAUSED: "warn",
    CampaignState.STOPPED: "bad",
    CampaignState.FINISHED: "info",
}


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
        states=state_names(),
        tones=TONES,
        may_write=may_write(),
    )


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
        result = results_of(session, found, now=now)
        lines = lines_of(session, found)
        simulated = _simulated(session, found, now)
        categories = category_names(session)
        planning = planning_of(session, found)
        shared_out = allocation_of(session, campaign=found.code, names=promotion_names)
        runs = queries.list_runs(session, campaign_id=found.id)
        nothing = queries.nothing_because(session, campaign_id=found.id)
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
        lines=lines,
        when=trigger_sentence(found.trigger),
        runs=runs,
        once=isinstance(found.trigger, Once),
        simulated=simulated,
        begun=found.starts_at <= now,
        planning=planning,
        shared_out=shared_out,
        nothing=explained(nothing),
        odds=made_why(offers),
        states=state_names(),
        tones=TONES,
        may_write=may_write(),
    )


def _simulated(session: Session, campaign: Campaign, now: datetime) -> bool:
    """Test whether simulated shoppers bought anything in the campaign's period."""
    until = min(now, campaign.ends_at)
    if until <= campaign.starts_at:
        return False
    sold = takings(session, since=campaign.starts_at, until=until)
    return sold.simulated > 0


def state_names() -> dict[CampaignState, str]:
    """Return what states of campaigns are called."""
    return {
        CampaignState.DRAFT: _("Draft"),
        CampaignState.SCHEDULED: _("Scheduled"),
        CampaignState.RUNNING: _("Running"),
        CampaignState.PAUSED: _("Paused"),
        CampaignState.STOPPED: _("Stopped"),
        CampaignState.FINISHED: _("Finished"),
    }


def may_write() -> bool:
    """Test whether the reader may change campaigns."""
    return scope_of(current_staff(), Permission.CAMPAIGNS_WRITE).everywhere
