"""Reading campaigns that have begun, and what became of their offers."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import STANDING
from loyalty.customers.values import CustomerID
from loyalty.offers.models import (
    CampaignMemberRow,
    CampaignRow,
    OfferRow,
    PastCampaignRow,
    PastOfferRow,
    PastRecipientRow,
    PastRedemptionRow,
)
from loyalty.offers.queries.campaigns import list_campaigns, list_runs
from loyalty.offers.values import (
    Campaign,
    CampaignRun,
    CampaignRunID,
    CampaignState,
    MadeOffer,
    OfferState,
    PastCampaign,
    PastOffer,
    PastRedemption,
)
from loyalty.promotions.models import PromotionRow


def past_campaigns(
    session: Session,
    *,
    customer_ids: Collection[CustomerID] = (),
    with_offers: bool = True,
) -> tuple[PastCampaign, ...]:
    """
    Return the campaigns that were taken over, the earliest first.

    :param customer_ids: whose part in them is told; what came to a record that was
        merged is the standing record's
    :param with_offers: False leaves the offers out
    """
    offers = _offers(session) if with_offers else defaultdict(list)
    reached = _recipients(session, customer_ids)
    redemptions = _redemptions(session, customer_ids)
    rows = session.scalars(
        select(PastCampaignRow).order_by(PastCampaignRow.first_day, PastCampaignRow.id)
    )
    return tuple(
        PastCampaign(
            code=row.code,
            kind=row.kind,
            first_day=row.first_day,
            last_day=row.last_day,
            offers=tuple(offers[row.id]),
            reached=tuple(sorted(reached[row.id, False])),
            held_out=tuple(sorted(reached[row.id, True] - reached[row.id, False])),
            redemptions=tuple(redemptions[row.id]),
        )
        for row in rows
    )


def past_codes(session: Session) -> frozenset[str]:
    """Return the codes of all campaigns, past and own."""
    past = session.scalars(select(PastCampaignRow.code))
    return frozenset([*past, *session.scalars(select(CampaignRow.code))])


def past_outlines(session: Session) -> dict[str, PastCampaign]:
    """Return past campaigns by code, with all redemptions as they were recorded."""
    rows = session.execute(
        select(
            PastOfferRow.campaign_id,
            PastRedemptionRow.customer_id,
            PastOfferRow.code,
            PastRedemptionRow.day,
        ).join(PastOfferRow, PastOfferRow.id == PastRedemptionRow.offer_id)
    )
    redemptions: defaultdict[int, list[PastRedemption]] = defaultdict(list)
    for campaign_id, who, offer, day in rows:
        redemptions[campaign_id].append(PastRedemption(who, offer, day))
    offers = _offers(session)
    return {
        row.code: PastCampaign(
            code=row.code,
            kind=row.kind,
            first_day=row.first_day,
            last_day=row.last_day,
            offers=tuple(offers[row.id]),
            redemptions=tuple(redemptions[row.id]),
        )
        for row in session.scalars(select(PastCampaignRow))
    }


def known_recipients(
    session: Session,
) -> tuple[tuple[str, CustomerID, bool], ...]:
    """Return who is in which past campaign, as recorded; True: held out."""
    rows = session.execute(
        select(
            PastCampaignRow.code,
            PastRecipientRow.customer_id,
            PastRecipientRow.holdout,
        ).join(PastRecipientRow, PastRecipientRow.campaign_id == PastCampaignRow.id)
    )
    return tuple((code, who, holdout) for code, who, holdout in rows)


def begun_campaigns(
    session: Session, *, now: datetime
) -> tuple[tuple[Campaign, CampaignRun], ...]:
    """Return the runs of our own campaigns whose offers could be used, in order."""
    found = [
        (campaign, run)
        for campaign in list_campaigns(session)
        if campaign.state is not CampaignState.DRAFT
        for run in list_runs(session, campaign_id=campaign.id)
        if run.planned_at is not None and run.starts_at <= now
    ]
    return tuple(sorted(found, key=lambda one: (one[1].starts_at, one[1].id)))


def made_offers(
    session: Session, *, run_id: CampaignRunID, customer_ids: Collection[CustomerID]
) -> tuple[MadeOffer, ...]:
    """Return what was offered to these customers in a run, in a fixed order."""
    rows = session.execute(
        select(STANDING, PromotionRow.code, OfferRow.state, OfferRow.decided_at)
        .join(CustomerRow, CustomerRow.id == OfferRow.customer_id)
        .join(PromotionRow, PromotionRow.id == OfferRow.promotion_id)
        .where(
            OfferRow.run_id == run_id,
            OfferRow.state != OfferState.WITHDRAWN,
            _are(customer_ids),
        )
        .order_by(OfferRow.id)
    )
    return tuple(
        MadeOffer(
            customer_id=CustomerID(who), promotion=code, state=state, decided_at=at
        )
        for who, code, state, at in rows
    )


def held_out(
    session: Session, *, run_id: CampaignRunID, customer_ids: Collection[CustomerID]
) -> tuple[CustomerID, ...]:
    """Return which of these customers a run held out to compare with."""
    rows = session.scalars(
        select(STANDING)
        .join(CampaignMemberRow, CampaignMemberRow.customer_id == CustomerRow.id)
        .where(
            CampaignMemberRow.run_id == run_id,
            CampaignMemberRow.holdout,
            _are(customer_ids),
        )
    )
    return tuple(sorted({CustomerID(who) for who in rows}))


def _are(customer_ids: Collection[CustomerID]) -> ColumnElement[bool]:
    return any_(literal(list(customer_ids), ARRAY(BigInteger))) == STANDING


def _offers(session: Session) -> defaultdict[int, list[PastOffer]]:
    found: defaultdict[int, list[PastOffer]] = defaultdict(list)
    rows = session.scalars(select(PastOfferRow).order_by(PastOfferRow.id))
    for row in rows:
        found[row.campaign_id].append(
            PastOffer(
                code=row.code,
                skus=tuple(row.skus),
                categories=tuple(row.categories),
                reward=row.reward,
                percent=row.percent,
                price=row.price,
            )
        )
    return found


def _recipients(
    session: Session, customer_ids: Collection[CustomerID]
) -> defaultdict[tuple[int, bool], set[CustomerID]]:
    found: defaultdict[tuple[int, bool], set[CustomerID]] = defaultdict(set)
    rows = session.execute(
        select(PastRecipientRow.campaign_id, PastRecipientRow.holdout, STANDING)
        .join(CustomerRow, CustomerRow.id == PastRecipientRow.customer_id)
        .where(_are(customer_ids))
    )
    for campaign_id, holdout, who in rows:
        found[campaign_id, holdout].add(CustomerID(who))
    return found


def _redemptions(
    session: Session, customer_ids: Collection[CustomerID]
) -> defaultdict[int, list[PastRedemption]]:
    found: defaultdict[int, list[PastRedemption]] = defaultdict(list)
    rows = session.execute(
        select(
            PastOfferRow.campaign_id, STANDING, PastOfferRow.code, PastRedemptionRow.day
        )
        .join(PastOfferRow, PastOfferRow.id == PastRedemptionRow.offer_id)
        .join(CustomerRow, CustomerRow.id == PastRedemptionRow.customer_id)
        .where(_are(customer_ids))
        .order_by(PastRedemptionRow.day, STANDING, PastOfferRow.code)
    )
    for campaign_id, who, offer, day in rows:
        found[campaign_id].append(PastRedemption(CustomerID(who), offer, day))
    return found
