"""
Launching, pausing, stopping and resuming a campaign.

What takes effect at once is a row: nothing of a paused campaign leaves from the next
group of messages on. What takes long is done in blocks by a job, again and again until
nothing is left to do, so that it may be ended at any time.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.core.jobs import enqueue
from loyalty.core.texts import gettext as _
from loyalty.delivery import service as delivery
from loyalty.offers import queries, service
from loyalty.offers.values import GOING, Campaign, CampaignState
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.values.states import PromotionState

AT_ONCE: Final = 1_000
"""How many messages and offers a request turns itself."""

_HALTABLE: Final = (*GOING, CampaignState.PAUSED)
_HALTED: Final = (CampaignState.PAUSED, CampaignState.STOPPED)


class NotActive(Refused):
    """A campaign's promotion would not apply at the till."""

    code = "campaign_promotion_inactive"


def launch_campaign(session: Session, *, code: str, actor: str, now: datetime) -> None:
    """
    Let a draft run by itself from its beginning on.

    :raises CampaignNotFound: if there is no such campaign
    :raises CampaignOver: if no run of it is still to come
    :raises CampaignStateRefused: if it is no draft any more
    :raises NotActive: if a promotion of it is not active
    """
    campaign = queries.get_campaign(session, code=code)
    check_active(session, campaign)
    service.launch(session, campaign=campaign, actor=actor, now=now)
    enqueue(session, "run_campaigns")


def check_active(session: Session, campaign: Campaign) -> None:
    """
    Refuse a campaign whose promotions would not apply at the till.

    :raises NotActive: naming those that are not active
    """
    found = list_promotions(session, states=[PromotionState.ACTIVE])
    idle = sorted(set(campaign.promotions) - {one.promotion.code for one in found})
    if idle:
        message = _("Activate its promotions first: %(codes)s", codes=", ".join(idle))
        raise NotActive(message)


def pause_campaign(session: Session, *, code: str, actor: str, now: datetime) -> None:
    """
    Let nothing of a campaign leave, and begin no run of it, until it is resumed.

    :raises CampaignStateRefused: if it is not going
    """
    campaign = queries.get_campaign(session, code=code)
    delivery.pause(session, scope=_scope(campaign), actor=actor, now=now)
    service.change_state(
        session,
        campaign=campaign,
        among=GOING,
        to=CampaignState.PAUSED,
        actor=actor,
        now=now,
    )


def stop_campaign(
    session: Session, *, code: str, withdraw: bool, actor: str, now: datetime
) -> None:
    """
    Stop a campaign: nothing planned leaves any more, and what was planned is cancelled.

    :param withdraw: take back the offers that were not used, too
    :raises CampaignStateRefused: if it is not going
    """
    campaign = queries.get_campaign(session, code=code)
    delivery.pause(session, scope=_scope(campaign), actor=actor, now=now)
    service.change_state(
        session,
        campaign=campaign,
        among=_HALTABLE,
        to=CampaignState.STOPPED,
        actor=actor,
        now=now,
        stopped_at=now,
        withdrawn=withdraw,
    )
    _settle_soon(session, code=code, actor=actor, now=now)


def resume_campaign(session: Session, *, code: str, actor: str, now: datetime) -> None:
    """
    Let a paused or stopped campaign go on; what still makes sense is planned again.

    :raises CampaignOver: if its time is over
    :raises CampaignStateRefused: if it is neither paused nor stopped
    """
    campaign = queries.get_campaign(session, code=code)
    if is_over(session, campaign, now=now):
        raise service.CampaignOver(_("Its time is over: nothing of it can go on."))
    service.change_state(
        session,
        campaign=campaign,
        among=_HALTED,
        to=CampaignState.RUNNING
        if campaign.starts_at <= now
        else CampaignState.SCHEDULED,
        actor=actor,
        now=now,
    )
    delivery.resume(session, scope=_scope(campaign), actor=actor, now=now)
    _settle_soon(session, code=code, actor=actor, now=now)


def settle_campaign(
    session: Session, *, code: str, actor: str, now: datetime, at_most: int = AT_ONCE
) -> bool:
    """
    Do a block of what stopping or resuming a campaign has left to do.

    :returns: whether there may be more
    """
    campaign = queries.get_campaign(session, code=code)
    if campaign.stopped_at is None:
        return False
    if campaign.state is CampaignState.STOPPED:
        turned = delivery.cancel_campaign(
            session, campaign_id=campaign.id, actor=actor, now=now, at_most=at_most
        )
        if campaign.withdrawn:
            turned += service.withdraw_offers(
                session, campaign_id=campaign.id, now=now, at_most=at_most
            )
        return turned > 0
    turned = service.give_back_offers(
        session, campaign_id=campaign.id, now=now, at_most=at_most
    )
    turned += delivery.revive_campaign(
        session,
        campaign_id=campaign.id,
        since=campaign.stopped_at,
        actor=actor,
        now=now,
        at_most=at_most,
    )
    if not turned:
        service.forget_stop(session, campaign_id=campaign.id)
    return turned > 0


def is_over(session: Session, campaign: Campaign, *, now: datetime) -> bool:
    """Test whether a campaign's time is over, that of its last offers too."""
    runs = queries.list_runs(session, campaign_id=campaign.id)
    last = max([campaign.ends_at, *(run.ends_at for run in runs if run.planned_at)])
    return last <= now


def finish_campaign(session: Session, *, campaign: Campaign, now: datetime) -> bool:
    """End a campaign whose time is over; False if it is not, or had ended."""
    if campaign.state not in _HALTABLE or not is_over(session, campaign, now=now):
        return False
    service.change_state(
        session,
        campaign=campaign,
        among=_HALTABLE,
        to=CampaignState.FINISHED,
        actor="system",
        now=now,
        next_run_at=None,
    )
    return True


def _settle_soon(session: Session, *, code: str, actor: str, now: datetime) -> None:
    """Do the first block now, so that little is done at once, and ring for the rest."""
    if settle_campaign(session, code=code, actor=actor, now=now):
        enqueue(session, "run_campaigns")


def _scope(campaign: Campaign) -> str:
    return f"campaign:{campaign.id}"
