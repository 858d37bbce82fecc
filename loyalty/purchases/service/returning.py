"""Recording what came back of a purchase."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.purchases import queries
from loyalty.purchases.models import (
    PurchaseRow,
    PurchaseTenderRow,
    ReturnLineRow,
    ReturnRow,
    ReturnTenderRow,
)
from loyalty.purchases.values import NewReturn, PurchaseID, ReturnID, TenderShare

_NUMBER = text("SELECT nextval(pg_get_serial_sequence('purchase_return', 'id'))")


def lock_purchase(session: Session, *, purchase_id: PurchaseID) -> None:
    """Keep other returns of the same purchase out until the end."""
    session.execute(
        select(PurchaseRow.id).where(PurchaseRow.id == purchase_id).with_for_update()
    )


def replayed_return(
    session: Session, *, recorded_by: str, request_key: str, request_hash: bytes
) -> str | None:
    """
    Return the answer given to this very request before, or None if it is new.

    :raises Invalid: if the key belongs to a request with another body
    """
    found = queries.find_return(
        session, recorded_by=recorded_by, request_key=request_key
    )
    if found is None:
        return None
    if found[0] != request_hash:
        message = "This key was used for another return: send a new one."
        raise Invalid.field(
            pointer="/headers/Idempotency-Key",
            message=message,
            code="request_key_reused",
        )
    return found[1]


def next_return_id(session: Session) -> ReturnID:
    """Return the number that the next return gets, so that its answer can name it."""
    return ReturnID(session.scalars(_NUMBER).one())


def record_return(session: Session, *, new: NewReturn, currency: str) -> None:
    """Add the return with its lines and refunds."""
    session.add(
        ReturnRow(
            id=new.id,
            purchase_id=new.purchase_id,
            kind=new.kind,
            at=new.at,
            currency=currency,
            refund=new.refund,
            delivery=new.delivery,
            points_taken=new.points_taken,
            recorded_by=new.recorded_by,
            request_key=new.request_key,
            request_hash=new.request_hash,
            reply=new.reply,
        )
    )
    session.flush()
    session.add_all(
        ReturnLineRow(
            return_id=new.id, line=line.line, quantity=line.quantity, net=line.net
        )
        for line in new.lines
    )
    session.add_all(
        ReturnTenderRow(
            return_id=new.id,
            position=place,
            tender=one.tender,
            amount=one.amount,
            points=one.points,
        )
        for place, one in enumerate(new.tenders)
    )
    session.flush()


def record_tenders(
    session: Session, *, purchase_id: PurchaseID, tenders: Sequence[TenderShare]
) -> None:
    """Add what a purchase was paid with, in the order of refunds."""
    session.add_all(
        PurchaseTenderRow(
            purchase_id=purchase_id,
            position=place,
            tender=one.tender,
            amount=one.amount,
            points=one.points,
            reference=one.reference,
        )
        for place, one in enumerate(tenders)
    )
    session.flush()
