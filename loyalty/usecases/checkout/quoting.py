"""What a basket costs."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.cards.queries import get_active_card
from loyalty.catalogue.queries import find_products
from loyalty.core.errors import Invalid, Refused
from loyalty.core.money import parse_money
from loyalty.core.periods import business_day, day_period
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import get_shopper
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import valid_offers
from loyalty.points.queries import balance, spendable
from loyalty.points.service import NotEnoughPoints
from loyalty.promotions.queries import (
    active_rules,
    catalogue_facts,
    customer_facts,
    display_names,
    past_purchases,
    used,
)
from loyalty.promotions.queries.codes import CodesAsked, find_codes
from loyalty.promotions.render import Names
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.rules.codes import withhold
from loyalty.promotions.rules.eligibility import Situation
from loyalty.promotions.schema.writing import asks_for_purchases
from loyalty.promotions.values import (
    Basket,
    Code,
    CustomerFacts,
    Facts,
    PointsRule,
    Programme,
    Quote,
    Strategy,
)
from loyalty.promotions.values.kept import Pricing
from loyalty.sharing.queries import purse_of
from loyalty.stores.queries import get_programme, get_store
from loyalty.stores.values import Store
from loyalty.usecases.checkout.gift_money import gift_money
from loyalty.usecases.checkout.requests import BasketRequest, Priced
from loyalty.usecases.checkout.tenders import Offered, Paying, plan_tenders


class PointsNotSpendable(Refused):
    """Points can't be paid with in this store."""

    code = "points_not_spendable"


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
    :raises PointsNotSpendable: if the store has another currency than the programme
    :raises NotEnoughPoints: if there are fewer than are to be spent
    """
    store = get_store(session, code=request.store)
    _check_currency(request, store)
    card = get_active_card(session, number=request.card) if request.card else None
    customer_id = card.customer_id if card else None
    purse = purse_of(session, customer_id=customer_id) if customer_id else None
    _check_points(session, request, store, purse, now=now)
    gifts = gift_money(
        session,
        request=request,
        currency=store.currency,
        customer_id=customer_id,
        now=now,
    )
    pricing = _pricing(session, request, store, customer_id, now=now)
    quote = price(
        compile_promotions(pricing.documents),
        pricing.basket,
        pricing.facts,
        pricing.programme,
    )
    return complete(
        session,
        quote=quote,
        pricing=pricing,
        store=store,
        customer_id=customer_id,
        paying=Paying(purse=purse, points=request.points_to_spend, gifts=gifts),
    )


def complete(
    session: Session,
    *,
    quote: Quote,
    pricing: Pricing,
    store: Store,
    customer_id: CustomerID | None,
    paying: Paying,
) -> Priced:
    """Return a quote with all that its answer tells beside it."""
    rule = get_programme(session).points_rule
    purse = paying.purse
    offered = Offered(
        to_pay=quote.net + quote.delivery.net,
        points=paying.points,
        gifts=paying.gifts,
        point_value=rule.value,
        payment=pricing.basket.payment,
    )
    return Priced(
        quote=quote,
        pricing=pricing,
        tenders=plan_tenders(offered),
        store=store,
        customer_id=customer_id,
        purse=purse,
        balance=balance(session, customer_id=purse) if purse else None,
        names=_names(session, quote, pricing),
        points_to_spend=paying.points,
        points_wait=rule.delay_days > 0,
    )


def _check_currency(request: BasketRequest, store: Store) -> None:
    for place, line in enumerate(request.lines):
        if line.unit_price.currency != store.currency:
            message = f"The store's prices are in {store.currency}."
            raise DifferentCurrency.field(
                pointer=f"/lines/{place}/unit_price", message=message
            )


def _check_points(
    session: Session,
    request: BasketRequest,
    store: Store,
    customer_id: CustomerID | None,
    *,
    now: datetime,
) -> None:
    points = request.points_to_spend
    if not points:
        return
    if customer_id is None:
        raise Invalid.field(
            pointer="/points_to_spend",
            message=_("Points are spent with a card: send its number."),
            code="card_missing",
        )
    if store.currency != get_programme(session).currency:
        raise PointsNotSpendable(
            _("Points can't be spent in this store, which has another currency.")
        )
    free = spendable(session, customer_id=customer_id, now=now)
    if points > free:
        raise NotEnoughPoints(
            _(
                "There are %(free)s points to spend, not %(points)s.",
                free=free,
                points=points,
            )
        )


def basket_of(request: BasketRequest, store: Store, now: datetime) -> Basket:
    """Return what is priced."""
    return Basket(
        store=store.code,
        sales_channel=request.sales_channel,
        at=request.at or now,
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
            version=rule.version,
        ),
    )


def _pricing(
    session: Session,
    request: BasketRequest,
    store: Store,
    customer_id: CustomerID | None,
    *,
    now: datetime,
) -> Pricing:
    """Read all that the price depends on."""
    basket = basket_of(request, store, now)
    products = find_products(session, skus={line.sku for line in request.lines})
    catalogue = catalogue_facts(products)
    facts = Facts(
        catalogue=catalogue,
        customer=None
        if customer_id is None
        else _customer(session, customer_id, store, at=basket.at),
        codes=_codes(session, request, customer_id, at=basket.at),
    )
    rules = active_rules(session)
    if request.drafts:
        rules = rules.trying(request.drafts)
    situation = Situation.of(basket, facts, store.time_zone)
    ages = rules.compiled.concerning(situation)
    concerned = tuple(rules.stored[age] for age in ages)
    day = business_day(basket.at, store.time_zone)
    if facts.customer is not None and customer_id is not None:
        customer = facts.customer
        if asks_for_purchases(p.promotion for p in concerned):
            past = past_purchases(session, customer_id=customer_id)
            facts = replace(facts, customer=replace(customer, purchases=past))
    known = used(
        session,
        promotions=concerned,
        customer_id=customer_id,
        today=day_period(day, store.time_zone),
        now=now,
    )
    return Pricing(
        basket=basket,
        facts=replace(facts, used=known),
        programme=_programme(session, store),
        promotions=concerned,
    )


def _codes(
    session: Session,
    request: BasketRequest,
    customer_id: CustomerID | None,
    *,
    at: datetime,
) -> dict[str, Code]:
    if request.codes_withheld is not None:
        return withhold(request.codes, request.codes_withheld)
    asked = CodesAsked(texts=request.codes, customer_id=customer_id, at=at)
    return find_codes(session, asked=asked)


def _customer(
    session: Session, customer_id: CustomerID, store: Store, *, at: datetime
) -> CustomerFacts:
    offered = valid_offers(session, customer_id=customer_id, now=at)
    return customer_facts(
        session,
        shopper=get_shopper(session, customer_id=customer_id),
        offered=(offer.promotion for offer in offered),
        zone=store.time_zone,
    )


def _names(session: Session, quote: Quote, pricing: Pricing) -> Names:
    spoken_of = {one.promotion for one in quote.applied}
    spoken_of |= {one.promotion for one in quote.missed if one.promotion}
    return display_names(
        session,
        promotions=[p for p in pricing.documents if p.code in spoken_of],
    )
