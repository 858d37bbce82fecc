"""What a basket costs."""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.cards.queries import get_active_card
from loyalty.catalogue.queries import find_products
from loyalty.core.errors import Invalid
from loyalty.core.money import parse_money
from loyalty.core.periods import business_day, day_period
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import valid_offers
from loyalty.points.queries import balance
from loyalty.promotions.queries import (
    active_promotions,
    catalogue_facts,
    customer_facts,
    display_names,
    used,
)
from loyalty.promotions.queries.codes import CodesAsked, find_codes
from loyalty.promotions.render import Names
from loyalty.promotions.render import quote_document as priced_document
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.rules.codes import withhold
from loyalty.promotions.values import (
    Basket,
    Code,
    Facts,
    PointsRule,
    Programme,
    Quote,
    Strategy,
)
from loyalty.promotions.values.states import StoredPromotion
from loyalty.stores.queries import get_programme, get_store
from loyalty.stores.values import Store
from loyalty.usecases.checkout.requests import BasketRequest, Priced


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
        names=_names(session, quote, stored),
    )


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
        codes=_codes(session, request, customer_id, now=now),
        used=used(
            session,
            promotions=stored,
            customer_id=customer_id,
            today=day_period(day, store.time_zone),
        ),
    )


def _codes(
    session: Session,
    request: BasketRequest,
    customer_id: CustomerID | None,
    *,
    now: datetime,
) -> dict[str, Code]:
    if request.codes_withheld is not None:
        return withhold(request.codes, request.codes_withheld)
    asked = CodesAsked(texts=request.codes, customer_id=customer_id, at=now)
    return find_codes(session, asked=asked)


def _names(
    session: Session, quote: Quote, stored: tuple[StoredPromotion, ...]
) -> Names:
    spoken_of = {one.promotion for one in quote.applied}
    spoken_of |= {one.promotion for one in quote.missed if one.promotion}
    return display_names(
        session,
        promotions=[p.promotion for p in stored if p.promotion.code in spoken_of],
    )
