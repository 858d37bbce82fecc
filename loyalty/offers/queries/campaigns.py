"""Reading campaigns."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, any_, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.customers.values import CustomerID
from loyalty.offers.models import (
    CampaignMemberRow,
    CampaignPromotionRow,
    CampaignRow,
    CampaignRunRow,
    OfferRow,
)
from loyalty.offers.schema import load_audience, load_trigger, load_variants
from loyalty.offers.values import (
    Campaign,
    CampaignCounts,
    CampaignID,
    CampaignRun,
    CampaignRunID,
    Member,
    NothingBecause,
    OfferState,
)
from loyalty.promotions.models import PromotionRow


class CampaignNotFound(NotFound):
    """There is no such campaign."""

    code = "campaign_not_found"


def get_campaign(session: Session, *, code: str) -> Campaign:
    """
    Return a campaign.

    :raises CampaignNotFound: if there is none with this code
    """
    row = session.scalar(select(CampaignRow).where(CampaignRow.code == code))
    if row is None:
        message = f"There is no campaign {code!r}."
        raise CampaignNotFound(message)
    return _campaign(session, row)


def list_campaigns(session: Session) -> tuple[Campaign, ...]:
    """Return all campaigns, the latest first."""
    rows = session.scalars(
        select(CampaignRow).order_by(CampaignRow.starts_at.desc(), CampaignRow.id)
    )
    return tuple(_campaign(session, row) for row in rows)


def list_runs(session: Session, *, campaign_id: CampaignID) -> tuple[CampaignRun, ...]:
    """Return a campaign's runs, the first one first."""
    rows = session.scalars(
        select(CampaignRunRow)
        .where(CampaignRunRow.campaign_id == campaign_id)
        .order_by(CampaignRunRow.starts_at, CampaignRunRow.id)
    )
    return tuple(to_run(row) for row in rows)


def waiting_run(
    session: Session, *, campaign: Campaign, now: datetime
) -> CampaignRun | None:
    """Return the first run whose offers are still to be made, and make sense."""
    for run in list_runs(session, campaign_id=campaign.id):
        if run.planned_at is None and run.ends_at > now:
            return run
    return None


def members_of(
    session: Session,
    *,
    run_id: CampaignRunID,
    customer_ids: Collection[CustomerID] | None = None,
) -> dict[CustomerID, Member]:
    """Return how customers are in a run: all of them, or these."""
    statement = select(
        CampaignMemberRow.customer_id,
        CampaignMemberRow.occasion,
        CampaignMemberRow.holdout,
        CampaignMemberRow.variant,
    ).where(CampaignMemberRow.run_id == run_id)
    if customer_ids is not None:
        ids = literal(list(customer_ids), ARRAY(BigInteger))
        statement = statement.where(CampaignMemberRow.customer_id == any_(ids))
    return {
        who: Member(occasion=occasion, holdout=holdout, variant=variant)
        for who, occasion, holdout, variant in session.execute(statement)
    }


def counts(session: Session, *, campaign_id: CampaignID) -> CampaignCounts:
    """Return a campaign's members, each once, its offers and what became of them."""
    who = CampaignMemberRow.customer_id.distinct()
    members, held_out = session.execute(
        select(
            func.count(who), func.count(who).filter(CampaignMemberRow.holdout)
        ).where(CampaignMemberRow.campaign_id == campaign_id)
    ).one()
    offers, redeemed, dismissed = session.execute(
        select(
            func.count(),
            func.count().filter(OfferRow.state == OfferState.REDEEMED),
            func.count().filter(OfferRow.state == OfferState.DISMISSED),
        ).where(OfferRow.campaign_id == campaign_id)
    ).one()
    return CampaignCounts(
        members=members,
        holdout=held_out,
        offers=offers,
        redeemed=redeemed,
        dismissed=dismissed,
    )


def served_members(session: Session, *, run_id: CampaignRunID) -> set[CustomerID]:
    """
    Return the members of a run of whom it is settled what they get.

    They are held out, have an offer, or have none for a reason. A treated member of
    whom nothing is known is left from a run that was ended too early.
    """
    offered = exists().where(
        OfferRow.run_id == run_id,
        OfferRow.customer_id == CampaignMemberRow.customer_id,
    )
    return set(
        session.scalars(
            select(CampaignMemberRow.customer_id).where(
                CampaignMemberRow.run_id == run_id,
                or_(
                    CampaignMemberRow.holdout,
                    CampaignMemberRow.nothing_because.is_not(None),
                    offered,
                ),
            )
        )
    )


def unserved_members(
    session: Session, *, run_id: CampaignRunID
) -> tuple[CustomerID, ...]:
    """Return the treated members of a run whose offers are still to be made."""
    offered = exists().where(
        OfferRow.run_id == run_id,
        OfferRow.customer_id == CampaignMemberRow.customer_id,
    )
    return tuple(
        session.scalars(
            select(CampaignMemberRow.customer_id)
            .where(
                CampaignMemberRow.run_id == run_id,
                ~CampaignMemberRow.holdout,
                CampaignMemberRow.nothing_because.is_(None),
                ~offered,
            )
            .order_by(CampaignMemberRow.customer_id)
        )
    )


def nothing_because(
    session: Session, *, campaign_id: CampaignID
) -> dict[NothingBecause, int]:
    """Return how many treated members got no offer, by why."""
    rows = session.execute(
        select(CampaignMemberRow.nothing_because, func.count())
        .where(
            CampaignMemberRow.campaign_id == campaign_id,
            CampaignMemberRow.nothing_because.is_not(None),
        )
        .group_by(CampaignMemberRow.nothing_because)
    )
    return {cause: count for cause, count in rows if cause is not None}


def _campaign(session: Session, row: CampaignRow) -> Campaign:
    codes = session.scalars(
        select(PromotionRow.code)
        .join(
            CampaignPromotionRow, CampaignPromotionRow.promotion_id == PromotionRow.id
        )
        .where(CampaignPromotionRow.campaign_id == row.id)
        .order_by(PromotionRow.code)
    )
    return Campaign(
        id=row.id,
        code=row.code,
        name=row.name,
        state=row.state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        offers_per_customer=row.offers_per_customer,
        holdout_percent=row.holdout_percent,
        promotions=tuple(codes),
        planned_at=row.planned_at,
        discovery_percent=row.discovery_percent,
        budget=row.budget,
        most_offers=row.most_offers,
        redemption_value=row.redemption_value,
        explores=row.explores,
        audience=load_audience(row.audience),
        trigger=load_trigger(row.trigger),
        valid_days=row.valid_days,
        template=row.template,
        variants=load_variants(row.variants),
        next_run_at=row.next_run_at,
        stopped_at=row.stopped_at,
        withdrawn=row.withdrawn,
    )


def to_run(row: CampaignRunRow) -> CampaignRun:
    """Return a run as others see it."""
    return CampaignRun(
        id=row.id,
        campaign_id=row.campaign_id,
        occasion=row.occasion,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        planned_at=row.planned_at,
    )
