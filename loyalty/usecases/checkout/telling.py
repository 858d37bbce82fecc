"""Telling others of purchases and returns, in the transaction that makes them."""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.jobs import enqueue
from loyalty.core.money import decimal_text
from loyalty.customers.values import CustomerID
from loyalty.offers.queries.happenings import is_welcomed
from loyalty.purchases.values import NewReturn, Purchase, PurchaseID, ReturnKind
from loyalty.usecases.checkout.requests import Priced
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.values import EventType


def tell_purchase(
    session: Session,
    priced: Priced,
    purchase_id: PurchaseID,
    receipt: str,
    *,
    at: datetime,
    now: datetime,
) -> None:
    """Tell that a purchase was recorded."""
    quote = priced.quote
    currency = quote.net.currency
    webhooks.record(
        session,
        EventType.PURCHASE_RECORDED,
        {
            "purchase": str(purchase_id),
            "receipt": receipt,
            "store": priced.store.code,
            "customer": priced.customer_id,
            "currency": currency,
            "gross": decimal_text(quote.gross.amount, currency),
            "discount": decimal_text(quote.discount.amount, currency),
            "net": decimal_text(quote.net.amount, currency),
            "points_earned": quote.points_earned,
            "promotions": [applied.promotion for applied in quote.applied],
            "at": at.isoformat(),
        },
        now=now,
    )


def tell_return(
    session: Session,
    purchase: Purchase,
    new: NewReturn,
    *,
    customer_id: CustomerID | None,
    taken: int,
    now: datetime,
) -> None:
    """Tell that goods came back, or that a purchase was cancelled."""
    kind = (
        EventType.PURCHASE_CANCELLED
        if new.kind is ReturnKind.CANCELLATION
        else EventType.PURCHASE_RETURNED
    )
    currency = purchase.net.currency
    webhooks.record(
        session,
        kind,
        {
            "return": str(new.id),
            "purchase": str(purchase.id),
            "receipt": purchase.receipt,
            "customer": customer_id,
            "currency": currency,
            "refund": decimal_text(new.refund + new.delivery, currency),
            "points_taken_back": taken,
            "at": new.at.isoformat(),
        },
        now=now,
    )


def welcome(session: Session, *, customer_id: CustomerID, now: datetime) -> None:
    """Ring for the campaigns that wait for a first purchase, if it was one."""
    if is_welcomed(session, customer_id=customer_id, now=now):
        enqueue(session, "meet_events")
