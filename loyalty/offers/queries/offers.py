"""Reading offers."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Select, any_, func, literal, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.customers.queries import records_of, select_records
from loyalty.customers.values import CustomerID
from loyalty.offers.models import CampaignRow, OfferRow
from loyalty.offers.values import (
    CampaignID,
    CampaignRunID,
    Odds,
    Offer,
    OfferID,
    OfferState,
)
from loyalty.promotions.models import PromotionRow


class OfferNotFound(NotFound):
    """There is no such offer, or not for this customer."""

    code = "offer_not_found"


def valid_offers(
    session: Session, *, customer_id: CustomerID, now: datetime
) -> tuple[Offer, ...]:
    """
    Return the offers that the customer could redeem now, the best first.

    Those of a record merged into this one count too, unless it has the same itself.
    """
    found = _offers(
        session,
        _select_offers().where(
            OfferRow.customer_id.in_(select_records(customer_id)),
            OfferRow.valid_from <= now,
            OfferRow.valid_until > now,
            OfferRow.state == OfferState.OFFERED,
        ),
    )
    own = {offer.promotion for offer in found if offer.customer_id == customer_id}
    return tuple(
        offer
        for offer in found
        if offer.customer_id == customer_id or offer.promotion not in own
    )


def list_offers(
    session: Session, *, customer_id: CustomerID, limit: int = 50
) -> tuple[Offer, ...]:
    """Return all offers ever made to the customer, the latest first."""
    records = records_of(session, customer_id=customer_id)
    statement = _select_offers().where(OfferRow.customer_id.in_(records))
    return _offers(
        session, statement.order_by(None).order_by(OfferRow.id.desc()).limit(limit)
    )


def best_served(session: Session, *, now: datetime) -> CustomerID | None:
    """Return a customer with the most offers that count now, or None."""
    return session.scalar(
        select(OfferRow.customer_id)
        .where(
            OfferRow.valid_from <= now,
            OfferRow.valid_until > now,
            OfferRow.state == OfferState.OFFERED,
        )
        .group_by(OfferRow.customer_id)
        .order_by(func.count().desc(), func.max(OfferRow.score).desc())
        .limit(1)
    )


def campaign_offers(
    session: Session,
    *,
    campaign_id: CampaignID,
    customer_ids: Collection[CustomerID] | None = None,
) -> tuple[Offer, ...]:
    """Return every offer of a campaign (to some customers), the best first."""
    statement = _select_offers().where(OfferRow.campaign_id == campaign_id)
    if customer_ids is not None:
        ids = literal(list(customer_ids), ARRAY(BigInteger))
        statement = statement.where(OfferRow.customer_id == any_(ids))
    return _offers(session, statement)


def run_offers(
    session: Session, *, run_id: CampaignRunID, customer_ids: Collection[CustomerID]
) -> tuple[Offer, ...]:
    """Return what these customers are offered in a run, the best first."""
    ids = literal(list(customer_ids), ARRAY(BigInteger))
    return _offers(
        session,
        _select_offers().where(
            OfferRow.run_id == run_id, OfferRow.customer_id == any_(ids)
        ),
    )


def dismissed_offers(session: Session) -> tuple[Offer, ...]:
    """Return every offer that its customer did not want."""
    dismissed = OfferRow.state == OfferState.DISMISSED
    return _offers(session, _select_offers().where(dismissed))


def offers_by_id(
    session: Session, *, offer_ids: Collection[OfferID]
) -> dict[OfferID, Offer]:
    """Return the offers among these that exist."""
    found = _offers(session, _select_offers().where(OfferRow.id.in_(offer_ids)))
    return {offer.id: offer for offer in found}


def get_offer(session: Session, *, offer_id: OfferID, customer_id: CustomerID) -> Offer:
    """
    Return one offer of a customer.

    :raises OfferNotFound: if there is none, or it is someone else's
    """
    offer = offers_by_id(session, offer_ids=[offer_id]).get(offer_id)
    records = records_of(session, customer_id=customer_id)
    if offer is None or offer.customer_id not in records:
        message = f"There is no offer {offer_id} for this customer."
        raise OfferNotFound(message)
    return offer


def sample_of_campaign(
    session: Session, *, campaign_id: CampaignID, limit: int = 12
) -> tuple[Offer, ...]:
    """Return some of a campaign's offers: those with the highest scores."""
    statement = _select_offers().where(OfferRow.campaign_id == campaign_id)
    return _offers(session, statement.limit(limit))


def made_at(
    session: Session, *, offer_ids: Collection[OfferID]
) -> dict[OfferID, datetime]:
    """Return when each of these offers was made."""
    rows = session.execute(
        select(OfferRow.id, OfferRow.created_at).where(OfferRow.id.in_(offer_ids))
    )
    return {offer_id: moment for offer_id, moment in rows}  # noqa: C416  # no pairs


def _select_offers() -> Select[OfferRow, str, str]:
    return (
        select(OfferRow, CampaignRow.code, PromotionRow.code)
        .join(CampaignRow, CampaignRow.id == OfferRow.campaign_id)
        .join(PromotionRow, PromotionRow.id == OfferRow.promotion_id)
        .order_by(OfferRow.score.desc(), OfferRow.id)
    )


def _offers(
    session: Session, statement: Select[OfferRow, str, str]
) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            id=row.id,
            customer_id=row.customer_id,
            campaign_id=row.campaign_id,
            campaign=campaign,
            promotion=promotion,
            score=row.score,
            reason=row.reason,
            model_version=row.model_version,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            state=row.state,
            decided_at=row.decided_at,
            purchase_id=row.purchase_id,
            odds=_odds(row),
        )
        for row, campaign, promotion in session.execute(statement)
    )


def _odds(row: OfferRow) -> Odds | None:
    if row.probability is None or row.value is None or row.aim is None:
        return None
    return Odds(
        probability=row.probability,
        value=row.value,
        aim=row.aim,
        parts=row.parts or {},
        propensity=row.propensity,
        rank=row.rank or 1,
    )
