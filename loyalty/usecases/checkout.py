"""At the till: what a basket costs, and recording that it was paid.

Both ask the same engine with the same facts. A purchase is recorded once: its key
is unique for the caller, and its answer is kept word for word for a replay.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from loyalty.cards.queries import get_active_card
from loyalty.catalogue.queries import find_products
from loyalty.core.errors import Invalid
from loyalty.core.money import Money, parse_money
from loyalty.core.periods import business_day, day_period
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import valid_offers
from loyalty.offers.service import mark_redeemed
from loyalty.points.queries import balance
from loyalty.points.service import earn, lock_account
from loyalty.points.values import Earning
from loyalty.promotions.queries import (
    active_promotions,
    catalogue_facts,
    customer_facts,
    display_names,
    used,
)
from loyalty.promotions.render import Names
from loyalty.promotions.render import quote_document as priced_document
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.service import Redemption, redeem
from loyalty.promotions.values import (
    Basket,
    BasketLine,
    Facts,
    PointsRule,
    Programme,
    Quote,
    Strategy,
)
from loyalty.promotions.values.states import StoredPromotion
from loyalty.purchases.service import recording
from loyalty.purchases.values import NewPurchase, PurchaseID, PurchaseLine
from loyalty.stores.queries import get_programme, get_store
from loyalty.stores.values import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class BasketRequest:
    """A basket as a surface understood it; amounts are in the store's currency."""

    store: str
    lines: tuple[BasketLine, ...]
    sales_channel: str = "till"
    card: str | None = None
    codes: tuple[str, ...] = ()
    delivery_fee: Money | None = None
    payment: str | None = None
    language: str = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """What makes a basket a purchase."""

    receipt: str
    """The till's own number, unique in the store."""

    request_key: str
    request_hash: bytes
    """Of the whole request, so that a key can't stand for two."""

    actor: str
    simulated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Priced:
    """A quote with what it was computed from."""

    quote: Quote
    store: Store
    customer_id: CustomerID | None
    balance: int | None
    """Points before this basket; None without a card."""

    promotions: dict[str, StoredPromotion]
    points_rule: PointsRule | None
    names: Names
    """What products and categories are called in terms and messages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What became of a purchase; ``reply`` is the answer as JSON."""

    reply: str
    replayed: bool


class DifferentCurrency(Invalid):
    """The basket's money is not the store's."""

    code = "currency_mismatch"


def quote_basket(session: Session, *, request: BasketRequest, now: datetime) -> Priced:
    """
    Price a basket with everything that counts for it now.

    :raises StoreNotFound: if there is no such store
    :raises Invalid: if the card number or the currency is wrong
    :raises CardNotFound: if no card has the number
    :raises CardNotActive: if the card was blocked, replaced or closed
    """
    store = get_store(session, code=request.store)
    _check_currency(request, store)
    card = get_active_card(session, number=request.card) if request.card else None
    customer_id = card.customer_id if card else None
    stored = active_promotions(session)
    compiled = compile_promotions([p.promotion for p in stored])
    facts = _facts(session, request, store, customer_id, stored, now=now)
    programme = _programme(session, store)
    quote = price(compiled, _basket(request, store, now), facts, programme)
    return Priced(
        quote=quote,
        store=store,
        customer_id=customer_id,
        balance=balance(session, customer_id=customer_id) if customer_id else None,
        promotions={p.promotion.code: p for p in stored},
        points_rule=programme.points,
        names=display_names(session),
    )


def record_purchase(
    session: Session, *, request: BasketRequest, payment: Payment, now: datetime
) -> Receipt:
    """
    Record a paid basket once: redemptions, points and the purchase itself.

    :raises Invalid: if the key stands for another request, or as for a quote
    :raises ReceiptExists: if the store has recorded the receipt number before
    :raises UsedUp: if a promotion's last use was taken since it was quoted
    """
    replay = _replayed(session, payment)
    if replay is not None:
        return replay
    if request.card:
        card = get_active_card(session, number=request.card)
        # Held until the end: two purchases of one customer come one by one.
        lock_account(session, customer_id=card.customer_id)
    priced = quote_basket(session, request=request, now=now)
    purchase_id = recording.record(
        session, purchase=_purchase(request, payment, priced, now), now=now
    )
    if purchase_id is None:
        # The same request won the race and has been committed meanwhile.
        return _replayed(session, payment) or _lost(payment)
    _give(session, priced, purchase_id, now=now)
    after = _earn(session, priced, purchase_id, payment, now=now)
    body = quote_document(priced, language=request.language, balance_after=after)
    reply = json.dumps(
        {"purchase": str(purchase_id), "receipt": payment.receipt, **body},
        ensure_ascii=False,
    )
    recording.keep_reply(session, purchase_id=purchase_id, reply=reply)
    return Receipt(reply=reply, replayed=False)


def quote_document(
    priced: Priced, *, language: str, balance_after: int | None = None
) -> dict[str, object]:
    """Return a quote as the API's JSON, its texts in the language asked for."""
    if balance_after is None and priced.balance is not None:
        balance_after = priced.balance + priced.quote.points_earned
    document = priced_document(
        priced.quote,
        [stored.promotion for stored in priced.promotions.values()],
        language,
        points=priced.points_rule,
        names=priced.names,
    )
    document["points"]["balance_after"] = balance_after
    return {"quote": None, "reserved_until": None, **document}


def _replayed(session: Session, payment: Payment) -> Receipt | None:
    reply = recording.replayed_reply(
        session,
        recorded_by=payment.actor,
        request_key=payment.request_key,
        request_hash=payment.request_hash,
    )
    return None if reply is None else Receipt(reply=reply, replayed=True)


def _lost(payment: Payment) -> Receipt:
    message = f"purchase {payment.receipt} was neither recorded nor found"
    raise RuntimeError(message)


def _check_currency(request: BasketRequest, store: Store) -> None:
    for place, line in enumerate(request.lines):
        if line.unit_price.currency != store.currency:
            message = f"The store's prices are in {store.currency}."
            raise DifferentCurrency.field(
                pointer=f"/lines/{place}/unit_price", message=message
            )


def _basket(request: BasketRequest, store: Store, now: datetime) -> Basket:
    return Basket(
        store=store.code,
        sales_channel=request.sales_channel,
        at=now,
        currency=store.currency,
        lines=request.lines,
        codes=request.codes,
        delivery_fee=request.delivery_fee,
        payment=request.payment,
    )


def _programme(session: Session, store: Store) -> Programme:
    programme = get_programme(session)
    rule = programme.points_rule
    return Programme(
        currency=store.currency,
        time_zone=store.time_zone,
        strategy=Strategy(programme.strategy),
        points=PointsRule(
            points=rule.points,
            per=parse_money(f"{rule.per.normalize():f}", store.currency),
        ),
    )


def _facts(
    session: Session,
    request: BasketRequest,
    store: Store,
    customer_id: CustomerID | None,
    stored: tuple[StoredPromotion, ...],
    *,
    now: datetime,
) -> Facts:
    customer = None
    if customer_id is not None:
        offered = valid_offers(session, customer_id=customer_id, now=now)
        customer = customer_facts(
            session,
            profile=get_profile(session, customer_id=customer_id),
            offered=(offer.promotion for offer in offered),
            zone=store.time_zone,
        )
    products = find_products(session, skus={line.sku for line in request.lines})
    day = business_day(now, store.time_zone)
    return Facts(
        catalogue=catalogue_facts(products),
        customer=customer,
        used=used(
            session,
            promotions=stored,
            customer_id=customer_id,
            today=day_period(day, store.time_zone),
        ),
    )


def _purchase(
    request: BasketRequest, payment: Payment, priced: Priced, now: datetime
) -> NewPurchase:
    quote = priced.quote
    prices = {line.line: line for line in request.lines}
    return NewPurchase(
        customer_id=priced.customer_id,
        store_id=priced.store.id,
        sales_channel=request.sales_channel,
        receipt=payment.receipt,
        at=now,
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
            )
            for line in quote.lines
        ),
        proof={
            "versions": {
                applied.promotion: priced.promotions[applied.promotion].version
                for applied in quote.applied
            },
            "codes": list(request.codes),
            "optimal": quote.optimal,
        },
        recorded_by=payment.actor,
        request_key=payment.request_key,
        request_hash=payment.request_hash,
        simulated=payment.simulated,
    )


def _give(
    session: Session, priced: Priced, purchase_id: PurchaseID, *, now: datetime
) -> None:
    for applied in priced.quote.applied:
        redeem(
            session,
            redemption=Redemption(
                promotion=priced.promotions[applied.promotion],
                purchase_id=purchase_id,
                customer_id=priced.customer_id,
                times=applied.times,
                amount=applied.amount.amount,
                points=applied.points,
            ),
            now=now,
        )
    if priced.customer_id is not None:
        mark_redeemed(
            session,
            customer_id=priced.customer_id,
            promotions=[applied.promotion for applied in priced.quote.applied],
            purchase_id=purchase_id,
            now=now,
        )


def _earn(
    session: Session,
    priced: Priced,
    purchase_id: PurchaseID,
    payment: Payment,
    *,
    now: datetime,
) -> int | None:
    if priced.customer_id is None:
        return None
    rule = get_programme(session).points_rule
    return earn(
        session,
        customer_id=priced.customer_id,
        earning=Earning(
            points=priced.quote.points_earned,
            request_key=f"purchase:{purchase_id}",
            purchase_id=purchase_id,
            store_id=priced.store.id,
            rule_version=rule.version,
            expires_at=now + timedelta(days=rule.lifetime_days),
            actor=payment.actor,
        ),
        now=now,
    )
