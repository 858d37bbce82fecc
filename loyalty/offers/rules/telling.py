"""What systems outside are told of offers."""

from loyalty.offers.values import Offer, OfferState
from loyalty.webhooks.values import Data, EventType


def event_of(offer: Offer) -> EventType:
    """Return what is to be told of an offer just made, or just used."""
    used = offer.state is OfferState.REDEEMED
    return EventType.OFFER_REDEEMED if used else EventType.OFFER_MADE


def data_of(offer: Offer) -> Data:
    """Return what the event of an offer holds."""
    told: dict[str, str | int] = {
        "offer": offer.id,
        "customer": offer.customer_id,
        "promotion": offer.promotion,
    }
    if event_of(offer) is EventType.OFFER_REDEEMED:
        return {**told, "purchase": str(offer.purchase_id)}
    return {
        **told,
        "campaign": offer.campaign,
        "valid_from": offer.valid_from.isoformat(),
        "valid_until": offer.valid_until.isoformat(),
    }
