"""Taking goods back: the refund, the points, the uses, in one transaction."""

import json
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.money import decimal_text
from loyalty.customers.queries import standing_record
from loyalty.customers.values import CustomerID
from loyalty.points.queries import balance
from loyalty.purchases.queries import get_purchase, list_returns
from loyalty.purchases.rules import whole_applications
from loyalty.purchases.service import returning as books
from loyalty.purchases.values import NewReturn, Purchase, ReturnID
from loyalty.sharing.queries import purse_of
from loyalty.sharing.service import lock_purse, note_return
from loyalty.tiers.service import review_member
from loyalty.usecases.checkout.documents import tenders_document
from loyalty.usecases.checkout.giving_back import Undoing, give_uses_back, take_points
from loyalty.usecases.checkout.requests import Receipt
from loyalty.usecases.checkout.settling import ReturnRequest, Settled, settle_return
from loyalty.usecases.checkout.telling import tell_return
from loyalty.usecases.checkout.tenders import Taking, give_tenders_back


def return_goods(session: Session, *, request: ReturnRequest, now: datetime) -> Receipt:
    """
    Take goods of a purchase back once, or cancel what is left of it.

    :raises PurchaseNotFound: if there is no such purchase
    :raises Invalid: naming every line that can't come back, or if the key was used
        for another request
    :raises AlreadyCancelled: if the purchase was cancelled
    """
    replay = _replayed(session, request)
    if replay is not None:
        return replay
    purchase = get_purchase(session, purchase_id=request.purchase_id)
    member = _member(session, purchase)
    if member is not None:
        lock_purse(session, customer_id=member)
    books.lock_purchase(session, purchase_id=purchase.id)
    # The same request may have been recorded while this one waited.
    replay = _replayed(session, request)
    if replay is not None:
        return replay
    past = list_returns(session, purchase_id=purchase.id)
    settled = settle_return(session, purchase, past, request)
    return Receipt(reply=_record(session, settled, request, now=now), replayed=False)


def _member(session: Session, purchase: Purchase) -> CustomerID | None:
    """Return whom the purchase belongs to now: another record after a merge."""
    bought_by = purchase.customer_id
    return bought_by and standing_record(session, customer_id=bought_by)


def _replayed(session: Session, request: ReturnRequest) -> Receipt | None:
    reply = books.replayed_return(
        session,
        recorded_by=request.actor,
        request_key=request.request_key,
        request_hash=request.request_hash,
    )
    return None if reply is None else Receipt(reply=reply, replayed=True)


def _record(
    session: Session, settled: Settled, request: ReturnRequest, *, now: datetime
) -> str:
    purchase = settled.purchase
    return_id = books.next_return_id(session)
    member = _member(session, purchase)
    undoing = Undoing(
        purchase=purchase,
        customer_id=member,
        actor=request.actor,
        key=f"return:{return_id}",
    )
    given = give_uses_back(
        session,
        undoing,
        promotions=whole_applications(settled.sale, settled.returned),
        now=now,
    )
    taken = take_points(session, undoing, points=settled.points, now=now)
    taking = Taking(
        purchase_id=purchase.id,
        purse=None if member is None else purse_of(session, customer_id=member),
        store_id=purchase.store_id,
        actor=request.actor,
        key=f"return:{return_id}",
    )
    give_tenders_back(session, settled.tenders, taking, now)
    reply = json.dumps(
        _document(session, settled, return_id, taken=taken, given=given),
        ensure_ascii=False,
    )
    new = NewReturn(
        id=return_id,
        purchase_id=purchase.id,
        kind=request.kind,
        at=now,
        lines=settled.lines,
        refund=settled.refund,
        delivery=settled.delivery,
        points_taken=settled.points,
        tenders=settled.tenders,
        recorded_by=request.actor,
        request_key=request.request_key,
        request_hash=request.request_hash,
        reply=reply,
    )
    books.record_return(session, new=new, currency=purchase.net.currency)
    tell_return(session, purchase, new, customer_id=member, taken=taken, now=now)
    if member is not None:
        review_member(session, customer_id=member, now=now)
    if settled.whole:
        note_return(session, purchase_id=purchase.id)
    return reply


def _document(
    session: Session,
    settled: Settled,
    return_id: ReturnID,
    *,
    taken: int,
    given: tuple[str, ...],
) -> dict[str, object]:
    purchase = settled.purchase
    currency = purchase.net.currency
    customer_id = _member(session, purchase)
    after = (
        None
        if customer_id is None
        else balance(session, customer_id=purse_of(session, customer_id=customer_id))
    )

    def money(amount: int) -> str:
        return decimal_text(amount, currency)

    return {
        "return": str(return_id),
        "purchase": str(purchase.id),
        "receipt": purchase.receipt,
        "currency": currency,
        "refund": money(settled.refund + settled.delivery),
        "goods": money(settled.refund),
        "delivery": money(settled.delivery),
        "correction": money(settled.correction),
        "lines": [
            {
                "line": line.line,
                "sku": line.sku,
                "quantity": f"{line.quantity.normalize():f}",
                "refund": money(line.net),
                "applications": [
                    {"promotion": code, "amount": money(amount)}
                    for code, amount in line.applications.items()
                    if code
                ],
            }
            for line in settled.lines
        ],
        "tenders": tenders_document(
            [one for one in settled.tenders if one.amount or one.points], currency
        ),
        "points": {
            "taken_back": taken,
            "given_back": sum(one.points for one in settled.tenders),
            "balance_after": after,
        },
        "given_back": list(given),
    }
