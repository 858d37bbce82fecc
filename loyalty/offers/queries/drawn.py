"""Reading offers that were drawn with a known probability, and what came of them."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.offers.models import OfferRow
from loyalty.offers.values import CampaignRunID, OfferState
from loyalty.promotions.models import PromotionRow


class Drawn(NamedTuple):
    """An offer that was drawn; ``rank`` from 1 in the order of drawing."""

    customer_id: CustomerID
    promotion: str
    rank: int
    propensity: float
    redeemed: bool


def drawn_offers(session: Session, *, run_id: CampaignRunID) -> tuple[Drawn, ...]:
    """Return a run's offers by customer and rank, as far as both are known."""
    rows = session.execute(
        select(
            OfferRow.customer_id,
            PromotionRow.code,
            OfferRow.rank,
            OfferRow.propensity,
            OfferRow.state == OfferState.REDEEMED,
        )
        .join(PromotionRow, PromotionRow.id == OfferRow.promotion_id)
        .where(
            OfferRow.run_id == run_id,
            OfferRow.rank.is_not(None),
            OfferRow.propensity.is_not(None),
        )
        .order_by(OfferRow.customer_id, OfferRow.rank)
    )
    return tuple(
        Drawn(who, code, rank, propensity, redeemed)
        for who, code, rank, propensity, redeemed in rows
        if rank is not None and propensity is not None
    )
