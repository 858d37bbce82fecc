"""Reading campaigns."""

from datetime import datetime, timedelta

from sqlalchemy import Integer, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.customers.values import CustomerID
from loyalty.offers.models import (
    CampaignMemberRow,
    CampaignPromotionRow,
    CampaignRow,
    OfferRow,
)
from loyalty.offers.rules import Spending
from loyalty.offers.values import (
    Campaign,
    CampaignCounts,
    CampaignID,
    NothingBecause,
    OfferState,
)
from loyalty.promotions.models import PromotionRow
from loyalty.purchases.models import PurchaseRow

BEFORE = timedelta(weeks=12)
"""The time before a campaign against which its members are compared."""


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


def counts(session: Session, *, campaign_id: CampaignID) -> CampaignCounts:
    """Return a campaign's members, offers and what became of them."""
    members, held_out = session.execute(
        select(func.count(), func.count().filter(CampaignMemberRow.holdout)).where(
            CampaignMemberRow.campaign_id == campaign_id
        )
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


def served_members(session: Session, *, campaign_id: CampaignID) -> set[CustomerID]:
    """
    Return the members of whom it is settled what they get.

    They are held out, have an offer, or have none for a reason. A treated member of
    whom nothing is known is left from a run that was ended too early.
    """
    offered = exists().where(
        OfferRow.campaign_id == campaign_id,
        OfferRow.customer_id == CampaignMemberRow.customer_id,
    )
    return set(
        session.scalars(
            select(CampaignMemberRow.customer_id).where(
                CampaignMemberRow.campaign_id == campaign_id,
                or_(
                    CampaignMemberRow.holdout,
                    CampaignMemberRow.nothing_because.is_not(None),
                    offered,
                ),
            )
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


def spending(
    session: Session, *, campaign: Campaign, until: datetime
) -> tuple[list[Spending], list[Spending]]:
    """
    Return what each member paid for goods in the campaign and in the time before.

    :returns: the treated and the held-out members' figures, one for each member
    """
    began = campaign.starts_at
    during = PurchaseRow.net * cast(PurchaseRow.at >= began, Integer)
    before = PurchaseRow.net * cast(PurchaseRow.at < began, Integer)
    paid = (
        select(
            PurchaseRow.customer_id,
            func.sum(before).label("before"),
            func.sum(during).label("during"),
        )
        .where(
            PurchaseRow.at >= began - BEFORE,
            PurchaseRow.at < min(until, campaign.ends_at),
        )
        .group_by(PurchaseRow.customer_id)
        .subquery()
    )
    rows = session.execute(
        select(
            CampaignMemberRow.holdout,
            func.coalesce(paid.c.before, 0),
            func.coalesce(paid.c.during, 0),
        )
        .outerjoin(paid, paid.c.customer_id == CampaignMemberRow.customer_id)
        .where(CampaignMemberRow.campaign_id == campaign.id)
    )
    groups: tuple[list[Spending], list[Spending]] = ([], [])
    for held_out, earlier, now in rows:
        one = Spending(before=float(earlier), during=float(now))
        groups[1 if held_out else 0].append(one)
    return groups


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
    )
