"""Everything that happened between the shop and one customer, the newest first."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from loyalty.cards.queries import list_cards
from loyalty.core.paging import Page
from loyalty.customers.queries import get_profile, list_consents
from loyalty.customers.values import Channel, Consent, CustomerID
from loyalty.delivery.queries.messages import Story, timeline
from loyalty.delivery.values import MessageID, MessageState, Reason
from loyalty.offers.queries import list_offers, made_at
from loyalty.offers.values import Offer, OfferID, OfferState
from loyalty.points.queries import list_transfers
from loyalty.points.values import Kind, Transfer
from loyalty.purchases.queries import list_purchases
from loyalty.purchases.values import Purchase

_MOST = 2_000
"""Of each kind, the newest so many: beyond that nobody leafs back."""


class What(StrEnum):
    """The kinds of things that happen."""

    ENROLLED = "enrolled"
    CARD = "card"
    CONSENT = "consent"
    PURCHASE = "purchase"
    POINTS = "points"
    OFFERED = "offered"
    REDEEMED = "redeemed"
    DISMISSED = "dismissed"
    MESSAGE = "message"


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """One thing that happened; what does not concern its kind is None."""

    at: datetime
    what: What
    key: str
    """Tells it from others of the same moment, for a stable order."""

    consent: Consent | None = None
    purchase: Purchase | None = None
    points: int | None = None
    balance: int | None = None
    movement: Transfer | None = None
    card: str | None = None
    offer: Offer | None = None
    message: "MessageStep | None" = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageStep:
    """One change of a message's state."""

    id: MessageID
    template: str
    channel: Channel | None
    state: MessageState
    reason: Reason | None
    due_at: datetime
    offer_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sources:
    purchases: tuple[Purchase, ...]
    transfers: tuple[Transfer, ...]
    offers: tuple[Offer, ...]
    offered_at: dict[OfferID, datetime] = field(default_factory=dict)
    stories: tuple[Story, ...] = ()


def read_timeline(
    session: Session,
    *,
    customer_id: CustomerID,
    cursor: str | None = None,
    size: int = 30,
) -> Page[Happening]:
    """
    Return a page of what happened.

    :param cursor: from the page before; one that can't be read is the first page
    :raises CustomerNotFound: if there is no such customer
    """
    offers = list_offers(session, customer_id=customer_id, limit=_MOST)
    sources = _Sources(
        purchases=list_purchases(session, customer_id=customer_id, limit=_MOST),
        transfers=list_transfers(session, customer_id=customer_id, limit=_MOST),
        offers=offers,
        offered_at=made_at(session, offer_ids=[offer.id for offer in offers]),
        stories=timeline(session, customer_id=customer_id, at_most=_MOST),
    )
    found = sorted(
        [
            *_person(session, customer_id),
            *_purchases(sources),
            *_offers(sources),
            *_messages(sources),
        ],
        key=_order,
        reverse=True,
    )
    if cursor:
        found = [happening for happening in found if _cursor(happening) < cursor]
    items = tuple(found[:size])
    more = len(found) > size
    return Page(items=items, next_cursor=_cursor(items[-1]) if more else None)


def _order(happening: Happening) -> tuple[datetime, str]:
    return happening.at, happening.key


def _cursor(happening: Happening) -> str:
    # Of one width in UTC, so that texts are in the order of the moments.
    moment = happening.at.strftime("%Y%m%d%H%M%S%f")
    return f"{moment}-{happening.key}"


def _person(session: Session, customer_id: CustomerID) -> Iterator[Happening]:
    profile = get_profile(session, customer_id=customer_id)
    yield Happening(at=profile.enrolled_at, what=What.ENROLLED, key="1-enrolled")
    for card in list_cards(session, customer_id=customer_id):
        yield Happening(
            at=card.issued_at, what=What.CARD, key=f"2-{card.id:019d}", card=card.number
        )
    statements = list_consents(session, customer_id=customer_id)
    for place, consent in enumerate(statements):
        yield Happening(
            at=consent.at, what=What.CONSENT, key=f"3-{place:06d}", consent=consent
        )


def _purchases(sources: _Sources) -> Iterator[Happening]:
    earned = {
        transfer.purchase_id: transfer
        for transfer in sources.transfers
        if transfer.kind is Kind.EARN and transfer.purchase_id is not None
    }
    shown = set()
    for purchase in sources.purchases:
        transfer = earned.get(purchase.id)
        if transfer:
            shown.add(transfer.version)
        yield Happening(
            at=purchase.at,
            what=What.PURCHASE,
            key=f"5-{purchase.id:019d}",
            purchase=purchase,
            points=transfer.points if transfer else None,
            balance=transfer.balance_after if transfer else None,
        )
    for transfer in sources.transfers:
        if transfer.version not in shown:
            yield Happening(
                at=transfer.at,
                what=What.POINTS,
                key=f"4-{transfer.version:019d}",
                points=transfer.points,
                balance=transfer.balance_after,
                movement=transfer,
            )


def _offers(sources: _Sources) -> Iterator[Happening]:
    ends = {
        OfferState.REDEEMED: What.REDEEMED,
        OfferState.DISMISSED: What.DISMISSED,
    }
    for offer in sources.offers:
        yield Happening(
            at=sources.offered_at[offer.id],
            what=What.OFFERED,
            key=f"6-{offer.id:019d}",
            offer=offer,
        )
        if offer.state in ends and offer.decided_at is not None:
            yield Happening(
                at=offer.decided_at,
                what=ends[offer.state],
                key=f"7-{offer.id:019d}",
                offer=offer,
            )


def _messages(sources: _Sources) -> Iterator[Happening]:
    for story in sources.stories:
        delivery = story.delivery
        for place, event in enumerate(story.events):
            yield Happening(
                at=event.at,
                what=What.MESSAGE,
                key=f"8-{delivery.id:019d}-{place:03d}",
                message=MessageStep(
                    id=delivery.id,
                    template=delivery.template,
                    channel=delivery.channel,
                    state=event.state,
                    reason=event.reason,
                    due_at=delivery.due_at,
                    offer_id=delivery.offer_id,
                ),
            )
