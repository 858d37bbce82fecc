"""Planning a campaign: asking for it, and how far it is."""

from flask.typing import ResponseReturnValue

from loyalty.admin.pages import blueprint, needs_all_stores, show
from loyalty.core.errors import Refused
from loyalty.core.jobs import enqueue
from loyalty.core.texts import gettext as _
from loyalty.offers import queries, service
from loyalty.offers.values import CampaignState
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.values.states import PromotionState
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to


class NotActive(Refused):
    """A campaign's promotion would not apply at the till."""

    code = "campaign_promotion_inactive"


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
