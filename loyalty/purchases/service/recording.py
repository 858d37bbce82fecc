"""Recording purchases."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.catalogue.service import note_prices
from loyalty.catalogue.values import PriceSource
from loyalty.core.errors import Invalid, Refused
from loyalty.customers.service.changes import note_changes
from loyalty.purchases import queries
from loyalty.purchases.models import PurchaseLineRow, PurchaseRow
from loyalty.purchases.values import NewPurchase, PurchaseID, PurchaseLine


class ReceiptExists(Refused):
    """The store has recorded this receipt number before."""

    code = "receipt_exists"


def replayed_reply(
    session: Session, *, recorded_by: str, request_key: str, request_hash: bytes
) -> str | None:
    """
    Return the answer given to this very request before, or None if it is new.

    :raises Invalid: if the key belongs to a request with another body
    """
    row = queries.find_by_request(
        session, recorded_by=recorded_by, request_key=request_key
    )
    if row is None:
        return None
    if row.request_hash != request_hash or row.reply is None:
        message = "This key was used for another purchase: send a new one."
        raise Invalid.field(
            pointer="/headers/Idempotency-Key",
            message=message,
            code="request_key_reused",
        )
    return row.reply


def record(
    session: Session, *, purchase: NewPurchase, now: datetime
) -> PurchaseID | None:
    """
    Add the purchase and its lines, and note what prices they show.

    :returns: None if the same request was recorded while this one waited
    :raises ReceiptExists: if the store has recorded the receipt number before
    """
    purchase_id: PurchaseID | None = session.scalar(
        insert(PurchaseRow)
        .values(_columns(purchase, now))
        .on_conflict_do_nothing()
        .returning(PurchaseRow.id)
    )
    if purchase_id is None:
        if queries.find_by_request(
            session,
            recorded_by=purchase.recorded_by,
            request_key=purchase.request_key,
        ):
            return None
        message = f"The receipt {purchase.receipt} is recorded already."
        raise ReceiptExists(message)
    session.add_all(
        PurchaseLineRow(
            purchase_id=purchase_id,
            line=line.line,
            sku=line.sku,
            quantity=line.quantity,
            unit_price=line.unit_price.amount,
            gross=line.gross.amount,
            discount=line.discount.amount,
            net=line.net.amount,
            shares=_shares(line),
        )
        for line in purchase.lines
    )
    session.flush()
    if purchase.customer_id is not None:
        note_changes(session, purchase.customer_id)
    note_prices(
        session,
        prices=[(line.sku, line.unit_price) for line in purchase.lines],
        source=PriceSource.PURCHASE,
        at=purchase.at,
        store_id=purchase.store_id,
    )
    return purchase_id


def _columns(purchase: NewPurchase, now: datetime) -> dict[str, object]:
    return {
        "customer_id": purchase.customer_id,
        "store_id": purchase.store_id,
        "sales_channel": purchase.sales_channel,
        "receipt": purchase.receipt,
        "at": purchase.at,
        "currency": purchase.net.currency,
        "gross": purchase.gross.amount,
        "discount": purchase.discount.amount,
        "net": purchase.net.amount,
        "delivery": purchase.delivery.amount,
        "payment": purchase.payment,
        "simulated": purchase.simulated,
        "recorded_at": now,
        "recorded_by": purchase.recorded_by,
        "request_key": purchase.request_key,
        "request_hash": purchase.request_hash,
        "proof": purchase.proof,
    }


def _shares(line: PurchaseLine) -> dict[str, object] | None:
    shares = line.shares
    if shares is None:
        return None
    return {
        "units": shares.units,
        "net": shares.net,
        "applications": shares.applications,
    }


def keep_reply(session: Session, *, purchase_id: PurchaseID, reply: str) -> None:
    """Store the answer, so that a replay gets the same bytes."""
    session.get_one(PurchaseRow, purchase_id).reply = reply
