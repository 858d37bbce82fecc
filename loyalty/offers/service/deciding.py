"""Noting what became of offers."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.customers.queries import select_records
from loyalty.customers.service.changes import note_changes
from loyalty.customers.values import CustomerID
from loyalty.offers import queries
from loyalty.offers.models import OfferRow
from loyalty.offers.service.telling import tell
from loyalty.offers.values import OfferID, OfferState
from loyalty.promotions.models import PromotionRow


class OfferClosed(Refused):
    """The offer was redeemed, dismissed or has ended."""

    code = "offer_closed"


def dismiss(
    session: Session, *, offer_id: OfferID, customer_id: CustomerID, now: datetime
) -> None:
    """
    Note that the customer does not want the offer.

    :raises OfferNotFound: if it is not the customer's
    :raises OfferClosed: if it was redeemed already
    """
    offer = queries.get_offer(session, offer_id=offer_id, customer_id=customer_id)
    if offer.state is OfferState.REDEEMED:
        message = "You have used this offer already."
        raise OfferClosed(message)
    row = session.get_one(OfferRow, offer_id)
    row.state = OfferState.DISMISSED
    row.decided_at = row.decided_at or now
    note_changes(session, customer_id)


def restore(session: Session, *, offer_id: OfferID, customer_id: CustomerID) -> None:
    """
    Take "not for me" back.

    :raises OfferNotFound: if it is not the customer's
    """
    offer = queries.get_offer(session, offer_id=offer_id, customer_id=customer_id)
    if offer.state is OfferState.DISMISSED:
        row = session.get_one(OfferRow, offer_id)
        row.state = OfferState.OFFERED
        row.decided_at = None
        note_changes(session, customer_id)


def forget_reasons(session: Session, *, categories: Collection[str]) -> int:
    """
    Keep the offers whose reason names one of these categories, without the reason.

    :returns: how many offers that is
    """
    changed = session.scalars(
        update(OfferRow)
        .where(OfferRow.reason["category"].astext.in_(categories))
        .values(reason={"kind": "chosen"})
        .returning(OfferRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(changed.all())


def mark_redeemed(
    session: Session,
    *,
    customer_id: CustomerID,
    promotions: Collection[str],
    purchase_id: int,
    now: datetime,
) -> None:
    """Close the customer's valid offers of these promotions by a purchase."""
    wanted = select(PromotionRow.id).where(PromotionRow.code.in_(promotions))
    closed = session.scalars(
        update(OfferRow)
        .where(
            OfferRow.customer_id.in_(select_records(customer_id)),
            OfferRow.promotion_id.in_(wanted),
            OfferRow.state == OfferState.OFFERED,
            OfferRow.valid_from <= now,
            OfferRow.valid_until > now,
        )
        .values(state=OfferState.REDEEMED, decided_at=now, purchase_id=purchase_id)
        .returning(OfferRow.id)
        .execution_options(synchronize_session=False)
    )
    tell(session, closed.all(), now=now)


def reopen(session: Session, *, purchase_id: int, promotions: Collection[str]) -> None:
    """Open the offers again that a purchase closed, because its goods came back."""
    if not promotions:
        return
    wanted = select(PromotionRow.id).where(PromotionRow.code.in_(promotions))
    session.execute(
        update(OfferRow)
        .where(
            OfferRow.purchase_id == purchase_id,
            OfferRow.promotion_id.in_(wanted),
            OfferRow.state == OfferState.REDEEMED,
        )
        .values(state=OfferState.OFFERED, decided_at=None, purchase_id=None)
        .execution_options(synchronize_session=False)
    )
