"""Recording that a basket was paid.

A purchase is recorded once: its key is unique for the caller, and its answer is kept
word for word for a replay.
"""

import json
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from loyalty.offers.service import mark_redeemed
from loyalty.points.queries import balance
from loyalty.points.service import earn
from loyalty.points.values import Earning, Request
from loyalty.promotions.service import keep_quote, mark_paid, redeem
from loyalty.promotions.service.codes import CodeClaim, claim_codes
from loyalty.promotions.values.kept import QuoteID
from loyalty.purchases.service import recording
from loyalty.purchases.service.returning import record_tenders
from loyalty.purchases.values import NewPurchase, PurchaseID, PurchaseLine
from loyalty.sharing.service import gather, note_purchase
from loyalty.stores.queries import get_points_rule
from loyalty.stores.values import PointsRule
from loyalty.tiers.service import review_member
from loyalty.usecases.checkout.documents import quote_document
from loyalty.usecases.checkout.freezing import points_shares, shares_of
from loyalty.usecases.checkout.keeping import (
    NotAtThisPrice,
    codes_of,
    lock_customer,
    new_quote,
    price_as_told,
    redemptions_of,
)
from loyalty.usecases.checkout.quoting import quote_basket
from loyalty.usecases.checkout.replies import with_codes, without_codes
from loyalty.usecases.checkout.requests import (
    BasketRequest,
    Kept,
    Payment,
    Priced,
    Receipt,
)
from loyalty.usecases.checkout.telling import tell_purchase, welcome
from loyalty.usecases.checkout.tenders import Taking, take_tenders


def record_purchase(
    session: Session, *, request: BasketRequest, payment: Payment, now: datetime
) -> Receipt:
    """
    Record a paid basket once: redemptions, points and the purchase itself.

    :raises Invalid: if the key stands for another request, or as for a quote
    :raises ReceiptExists: if the store has recorded the receipt number before
    :raises UsedUp: if the last use of a promotion or of a code was taken since it
        was quoted
    :raises NotAtThisPrice: if it can't be paid by the quote that was told
    """
    replay = _replayed(session, request, payment)
    if replay is not None:
        return replay
    # Held until the end: two purchases of one customer come one by one.
    lock_customer(session, request)
    try:
        priced, told = _price(session, request, payment, now)
    except NotAtThisPrice:
        # The same request may have been recorded while this one waited.
        replay = _replayed(session, request, payment)
        if replay is None:
            raise
        return replay
    at = request.at or now
    purchase_id = recording.record(
        session, purchase=_purchase(request, payment, priced, at), now=now
    )
    if purchase_id is None:
        # The same request won the race and has been committed meanwhile.
        return _replayed(session, request, payment) or _lost(payment)
    redeem(
        session,
        redemptions=redemptions_of(priced),
        purchase_id=purchase_id,
        quote_id=told,
        at=at,
        now=now,
    )
    claim = CodeClaim(
        codes=codes_of(priced),
        purchase_id=purchase_id,
        customer_id=priced.customer_id,
        reservation=told,
    )
    claim_codes(session, claim=claim, now=now)
    _close_offers(session, priced, purchase_id, at=at)
    kept = _keep(session, priced, purchase_id, payment, told=told, now=now)
    _take_payment(session, priced, purchase_id, payment, told=told, now=at)
    after = _earn(session, priced, purchase_id, payment, now=at)
    if priced.customer_id is not None:
        review_member(session, customer_id=priced.customer_id, now=now)
        note_purchase(session, customer_id=priced.customer_id, purchase_id=purchase_id)
        welcome(session, customer_id=priced.customer_id, now=now)
    tell_purchase(session, priced, purchase_id, payment.receipt, at=at, now=now)
    body = quote_document(
        priced, language=request.language, kept=kept, balance_after=after
    )
    reply = json.dumps(
        {"purchase": str(purchase_id), "receipt": payment.receipt, **body},
        ensure_ascii=False,
    )
    recording.keep_reply(
        session,
        purchase_id=purchase_id,
        reply=without_codes(session, reply=reply, codes=request.codes),
    )
    return Receipt(reply=reply, replayed=False)


def _price(
    session: Session, request: BasketRequest, payment: Payment, now: datetime
) -> tuple[Priced, QuoteID | None]:
    if payment.quote is None:
        return quote_basket(session, request=request, now=now), None
    return price_as_told(session, request=request, quote_id=payment.quote, now=now)


def _keep(
    session: Session,
    priced: Priced,
    purchase_id: PurchaseID,
    payment: Payment,
    *,
    told: QuoteID | None,
    now: datetime,
) -> Kept:
    """Keep with the purchase what its price was computed from."""
    if told is not None:
        mark_paid(session, quote_id=told, purchase_id=purchase_id)
        return Kept(quote_id=told)
    quote = new_quote(priced, actor=payment.actor, purchase_id=purchase_id)
    return Kept(quote_id=keep_quote(session, quote=quote, now=now))


def _replayed(
    session: Session, request: BasketRequest, payment: Payment
) -> Receipt | None:
    reply = recording.replayed_reply(
        session,
        recorded_by=payment.actor,
        request_key=payment.request_key,
        request_hash=payment.request_hash,
    )
    if reply is None:
        return None
    reply = with_codes(session, reply=reply, codes=request.codes)
    return Receipt(reply=reply, replayed=True)


def _lost(payment: Payment) -> Receipt:
    message = f"purchase {payment.receipt} was neither recorded nor found"
    raise RuntimeError(message)


def _purchase(
    request: BasketRequest, payment: Payment, priced: Priced, at: datetime
) -> NewPurchase:
    quote = priced.quote
    prices = {line.line: line for line in request.lines}
    shares = shares_of(quote, priced.pricing)
    return NewPurchase(
        customer_id=priced.customer_id,
        store_id=priced.store.id,
        sales_channel=request.sales_channel,
        receipt=payment.receipt,
        at=at,
        gross=quote.gross,
        discount=quote.discount,
        net=quote.net,
        delivery=quote.delivery.net,
        payment=request.payment,
        lines=tuple(
            PurchaseLine(
                line=line.line,
                sku=prices[line.line].sku,
                quantity=Decimal(prices[line.line].quantity),
                unit_price=prices[line.line].unit_price,
                gross=line.gross,
                discount=line.discount,
                net=line.net,
                shares=shares[line.line],
            )
            for line in quote.lines
        ),
        proof={
            "versions": {
                applied.promotion: priced.promotions[applied.promotion].version
                for applied in quote.applied
            },
            "optimal": quote.optimal,
            "points": points_shares(priced.quote, priced.pricing),
        },
        recorded_by=payment.actor,
        request_key=payment.request_key,
        request_hash=payment.request_hash,
        simulated=payment.simulated,
    )


def _take_payment(
    session: Session,
    priced: Priced,
    purchase_id: PurchaseID,
    payment: Payment,
    *,
    told: QuoteID | None,
    now: datetime,
) -> None:
    """Take the tenders: before points are earned, which can't pay for themselves."""
    taking = Taking(
        purchase_id=purchase_id,
        purse=priced.purse,
        store_id=priced.store.id,
        actor=payment.actor,
        key=f"purchase:{purchase_id}",
        hold=told,
    )
    taken = take_tenders(session, priced.tenders, taking, now)
    record_tenders(session, purchase_id=purchase_id, tenders=taken)


def _close_offers(
    session: Session, priced: Priced, purchase_id: PurchaseID, *, at: datetime
) -> None:
    if priced.customer_id is not None:
        mark_redeemed(
            session,
            customer_id=priced.customer_id,
            promotions=[applied.promotion for applied in priced.quote.applied],
            purchase_id=purchase_id,
            now=at,
        )


def _earn(
    session: Session,
    priced: Priced,
    purchase_id: PurchaseID,
    payment: Payment,
    *,
    now: datetime,
) -> int | None:
    if priced.customer_id is None or priced.purse is None:
        return None
    earn(
        session,
        customer_id=priced.customer_id,
        earning=Earning(
            points=priced.quote.points_earned,
            request=Request(
                key=f"purchase:{purchase_id}",
                actor=payment.actor,
                store_id=priced.store.id,
            ),
            purchase_id=purchase_id,
            rule=_rule(session, priced),
        ),
        now=now,
    )
    gather(session, customer_id=priced.customer_id, actor=payment.actor, now=now)
    return balance(session, customer_id=priced.purse)


def _rule(session: Session, priced: Priced) -> PointsRule | None:
    """Return the rule that priced it, which a reserved quote keeps."""
    rule = priced.pricing.programme.points
    if rule is None or rule.version is None:
        return None
    return get_points_rule(session, version=rule.version)
