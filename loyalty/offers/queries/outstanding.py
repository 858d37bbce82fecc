"""What offers that were made hold of what there is."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Float, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import STANDING
from loyalty.customers.values import CustomerID
from loyalty.offers.models import OfferRow
from loyalty.offers.values import CampaignID, OfferState
from loyalty.promotions.models import PromotionRow

_CERTAIN = 1.0


class Outstanding(NamedTuple):
    """Offers of one promotion."""

    offers: int
    redemptions: float
    """How many redemptions are expected of them; of old offers one each."""


def outstanding(
    session: Session, *, promotions: Collection[str], now: datetime
) -> dict[str, Outstanding]:
    """Return by promotion what offers may still be redeemed, now or later."""
    expected = func.coalesce(OfferRow.probability, literal(_CERTAIN, Float))
    rows = session.execute(
        select(PromotionRow.code, func.count(), func.sum(expected))
        .join(OfferRow, OfferRow.promotion_id == PromotionRow.id)
        .where(
            PromotionRow.code.in_(promotions),
            OfferRow.state == OfferState.OFFERED,
            OfferRow.valid_until > now,
        )
        .group_by(PromotionRow.code)
    )
    return {code: Outstanding(count, float(total)) for code, count, total in rows}


def made_by_campaign(
    session: Session, *, campaign_id: CampaignID
) -> dict[str, Outstanding]:
    """
    Return by promotion what a campaign has offered, whatever became of it.

    What was redeemed is one redemption, what was dismissed none.
    """
    expected = case(
        (OfferRow.state == OfferState.REDEEMED, literal(_CERTAIN, Float)),
        (OfferRow.state == OfferState.DISMISSED, cast(0, Float)),
        else_=func.coalesce(OfferRow.probability, literal(_CERTAIN, Float)),
    )
    rows = session.execute(
        select(PromotionRow.code, func.count(), func.sum(expected))
        .join(OfferRow, OfferRow.promotion_id == PromotionRow.id)
        .where(OfferRow.campaign_id == campaign_id)
        .group_by(PromotionRow.code)
    )
    return {code: Outstanding(count, float(total)) for code, count, total in rows}


def offered_lately(
    session: Session,
    *,
    promotions: Collection[str],
    since: datetime,
    now: datetime,
) -> list[tuple[CustomerID, str]]:
    """Return who was offered what since then, or can use it from now on."""
    rows = session.execute(
        select(STANDING, PromotionRow.code)
        .select_from(OfferRow)
        .join(PromotionRow, OfferRow.promotion_id == PromotionRow.id)
        .join(CustomerRow, CustomerRow.id == OfferRow.customer_id)
        .where(
            PromotionRow.code.in_(promotions),
            or_(
                OfferRow.created_at >= since,
                (OfferRow.state == OfferState.OFFERED) & (OfferRow.valid_until > now),
            ),
        )
        .distinct()
    )
    return [(CustomerID(customer_id), code) for customer_id, code in rows]
