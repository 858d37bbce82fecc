"""Telling other systems of offers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.offers import queries
from loyalty.offers.rules import data_of, event_of
from loyalty.offers.values import OfferID
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.values import EventType


def tell(session: Session, offer_ids: Sequence[OfferID], *, now: datetime) -> int:
    """Tell that offers were made, or used by a purchase; return how many."""
    for kind in (EventType.OFFER_MADE, EventType.OFFER_REDEEMED):
        if offer_ids and webhooks.is_wanted(session, kind):
            found = queries.offers_by_id(session, offer_ids=offer_ids).values()
            told = [data_of(one) for one in found if event_of(one) is kind]
            webhooks.record_many(session, kind, told, now=now)
    return len(offer_ids)
