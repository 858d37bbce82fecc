"""Who is in a run of a campaign, and who of them is held out."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.core.periods import business_day
from loyalty.core.vault import vault_of
from loyalty.customers.values import CustomerID
from loyalty.offers import queries, service
from loyalty.offers.queries.audiences import in_audience
from loyalty.offers.queries.happenings import happened
from loyalty.offers.rules import is_held_out, variant_of
from loyalty.offers.values import (
    GOING,
    Campaign,
    CampaignRun,
    CampaignState,
    Member,
    Once,
)
from loyalty.promotions.queries import get_promotion
from loyalty.stores.queries import get_programme
from loyalty.usecases.plan_campaign.values import Opened


class CampaignNotRunning(Refused):
    """The campaign has not begun, or is over."""

    code = "campaign_not_running"


def open_campaign(session: Session, *, code: str, now: datetime) -> Opened:
    """
    Put everybody of its audience into the campaign's first run that waits.

    A keyed hash holds some of them out, so that what the offers change can be
    measured. Doing it again adds only those who came since.

    :raises CampaignNotFound: if there is no such campaign
    :raises CampaignPlannedAlready: if no run waits
    """
    campaign = queries.get_campaign(session, code=code)
    run = queries.waiting_run(session, campaign=campaign, now=now)
    if run is None:
        service.check_unplanned(campaign)
        run = service.begin_run(session, campaign=campaign)
    people = in_audience(session, audience=campaign.audience, now=now)
    return _with_members(session, campaign, run, dict.fromkeys(people, run.occasion))


def open_preview(session: Session, *, code: str, now: datetime) -> Opened:
    """
    Return what a run of the campaign at this moment would choose for whom.

    It puts people into a run: to be rolled back.

    :raises CampaignNotFound: if there is no such campaign
    """
    campaign = queries.get_campaign(session, code=code)
    run = service.begin_run(
        session,
        campaign=campaign,
        occasion="preview",
        starts_at=now,
        ends_at=now + timedelta(days=campaign.valid_days),
    )
    people = in_audience(session, audience=campaign.audience, now=now)
    return _with_members(session, campaign, run, dict.fromkeys(people, run.occasion))


def open_for_newcomers(session: Session, *, code: str, now: datetime) -> Opened:
    """
    Put those into a running campaign who came into its audience since it was made.

    The same keyed hash holds some of them out, so that they are compared like all
    others. A campaign that runs more than once meets them at its next run.

    :raises CampaignNotFound: if there is no such campaign
    :raises CampaignNotRunning: if its offers are not made yet, or it is over
    """
    campaign = queries.get_campaign(session, code=code)
    if (
        campaign.state is not CampaignState.RUNNING
        or campaign.ends_at <= now
        or not isinstance(campaign.trigger, Once)
    ):
        message = f"The campaign {code!r} is not running."
        raise CampaignNotRunning(message)
    run = service.begin_run(session, campaign=campaign)
    served = queries.served_members(session, run_id=run.id)
    people = in_audience(session, audience=campaign.audience, now=now)
    new = [who for who in people if who not in served]
    return _with_members(session, campaign, run, dict.fromkeys(new, run.occasion))


def open_for_events(
    session: Session, *, code: str, now: datetime
) -> tuple[Opened, ...]:
    """
    Put those into a campaign to whom has happened what sets it off.

    :returns: today's run, and earlier ones that were ended before everybody was served
    :raises CampaignNotFound: if there is no such campaign
    """
    campaign = queries.get_campaign(session, code=code)
    if campaign.state not in GOING or not campaign.starts_at <= now < campaign.ends_at:
        return ()
    found = happened(session, campaign=campaign, now=now)
    if found:
        day = business_day(now, get_programme(session).time_zone)
        run = service.begin_run(
            session,
            campaign=campaign,
            occasion=day.isoformat(),
            starts_at=now,
            ends_at=now + timedelta(days=campaign.valid_days),
        )
        met = {one.customer_id: one.occasion for one in found}
        _with_members(session, campaign, run, met)
    waiting = {
        run: queries.unserved_members(session, run_id=run.id)
        for run in queries.list_runs(session, campaign_id=campaign.id)
        if run.ends_at > now
    }
    return tuple(
        _opened(session, campaign, run, people)
        for run, people in waiting.items()
        if people
    )


def _with_members(
    session: Session,
    campaign: Campaign,
    run: CampaignRun,
    occasions: Mapping[CustomerID, str],
) -> Opened:
    vault = vault_of(session)
    lots, ways = vault.derive("campaign holdout"), vault.derive("campaign variant")
    members = {
        who: Member(
            occasion=occasion,
            holdout=is_held_out(
                key=lots,
                campaign=campaign.code,
                customer=who,
                percent=campaign.holdout_percent,
            ),
            variant=variant_of(
                key=ways,
                campaign=campaign.code,
                customer=who,
                variants=campaign.variants,
            ),
        )
        for who, occasion in occasions.items()
    }
    service.add_members(session, campaign=campaign, run=run, groups=members)
    treated = sorted(who for who, member in members.items() if not member.holdout)
    held_out = len(members) - len(treated)
    return _opened(session, campaign, run, treated, held_out=held_out)


def _opened(
    session: Session,
    campaign: Campaign,
    run: CampaignRun,
    customers: Iterable[CustomerID],
    *,
    held_out: int = 0,
) -> Opened:
    return Opened(
        campaign=campaign,
        run=run,
        customers=tuple(customers),
        promotions={
            promotion: get_promotion(session, code=promotion)
            for promotion in campaign.promotions
        },
        held_out=held_out,
    )
