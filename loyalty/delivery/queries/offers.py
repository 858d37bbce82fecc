"""How the offers that messages carry stand."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.delivery.rules.sending import OfferStanding
from loyalty.offers.models import OfferRow
from loyalty.offers.values import OfferState


def standings(
    session: Session, *, offer_ids: Collection[int], now: datetime
) -> dict[int, OfferStanding]:
    """Return how each offer stands; one that is gone counts as withdrawn."""
    rows = session.execute(
        select(OfferRow.id, OfferRow.state, OfferRow.valid_until).where(
            OfferRow.id.in_(offer_ids)
        )
    )
    found: dict[int, OfferStanding] = {
        offer_id: _standing(state, ended=valid_until <= now)
        for offer_id, state, valid_until in rows
    }
    return {id_: found.get(id_, OfferStanding.WITHDRAWN) for id_ in offer_ids}


def _standing(state: OfferState, *, ended: bool) -> OfferStanding:
    if state is OfferState.REDEEMED:
        return OfferStanding.REDEEMED
    if state in (OfferState.DISMISSED, OfferState.WITHDRAWN):
        return OfferStanding.WITHDRAWN
    return OfferStanding.ENDED if ended else OfferStanding.OPEN
