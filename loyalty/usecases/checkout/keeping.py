"""Keeping quotes, reserving what they promise, and paying by them."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from loyalty.cards.queries import get_active_card
from loyalty.core.errors import Invalid, Refused
from loyalty.core.texts import gettext as _
from loyalty.customers.values import CustomerID
from loyalty.points.service import end_hold, hold
from loyalty.promotions.queries import QuoteNotFound, get_quote
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.schema import dump_quote
from loyalty.promotions.service import (
    Redemption,
    give_up_reservation,
    hold_limits,
    keep_quote,
    lock_quote,
)
from loyalty.promotions.service.codes import CodeHold, hold_codes, release_codes
from loyalty.promotions.values import Basket, Quote
from loyalty.promotions.values.kept import KeptQuote, NewQuote, QuoteID
from loyalty.purchases.values import PurchaseID
from loyalty.sharing.queries import purse_of
from loyalty.sharing.service import lock_purse
from loyalty.stores.queries import get_programme, get_store
from loyalty.usecases.checkout.gift_money import gift_money
from loyalty.usecases.checkout.quoting import basket_of, complete, quote_basket
from loyalty.usecases.checkout.requests import Asking, BasketRequest, Kept, Priced
from loyalty.usecases.checkout.tenders import Paying


class NotAtThisPrice(Refused):
    """The basket can't be paid by the quote that was given."""

    code = "price_changed"


class QuoteDiffers(NotAtThisPrice):
    """The basket is not the one that was quoted."""

    code = "quote_differs"


class QuoteUsed(NotAtThisPrice):
    """Another purchase was paid by the quote."""

    code = "quote_used"


def ask_quote(
    session: Session, *, request: BasketRequest, asking: Asking, now: datetime
) -> tuple[Priced, Kept]:
    """
    Price a basket, keep the quote with its grounds, and reserve it if asked to.

    :raises UsedUp: if a limit was used up between pricing and reserving: ask again
    :raises Invalid: and others, as for pricing
    """
    if asking.replaces is not None:
        give_up(session, quote_id=asking.replaces, now=now)
    if asking.reserve:
        lock_customer(session, request)
    priced = quote_basket(session, request=request, now=now)
    until = None
    if asking.reserve:
        minutes = asking.minutes or get_programme(session).reservation_minutes
        until = now + timedelta(minutes=minutes)
    quote_id = keep_quote(
        session, quote=new_quote(priced, actor=asking.actor, until=until), now=now
    )
    if until is not None:
        hold_limits(
            session,
            quote_id=quote_id,
            redemptions=redemptions_of(priced),
            until=until,
            now=now,
        )
        _hold_points(session, priced, quote_id, until=until, now=now)
        hold_codes(
            session,
            hold=CodeHold(
                codes=codes_of(priced),
                reservation=quote_id,
                until=until,
                customer_id=priced.customer_id,
            ),
            now=now,
        )
    return priced, Kept(quote_id=quote_id, reserved_until=until)


def _hold_points(
    session: Session,
    priced: Priced,
    quote_id: QuoteID,
    *,
    until: datetime,
    now: datetime,
) -> None:
    points = sum(share.points for share in priced.tenders)
    if points and priced.purse is not None:
        hold(
            session,
            customer_id=priced.purse,
            points=points,
            key=quote_id,
            until=until,
            now=now,
        )


def give_up(session: Session, *, quote_id: QuoteID, now: datetime) -> bool:
    """Let go of what a quote holds of limits and codes; return whether it held."""
    release_codes(session, reservation=quote_id)
    with suppress(QuoteNotFound):
        customer_id = get_quote(session, quote_id=quote_id).customer_id
        if customer_id is not None:
            purse = purse_of(session, customer_id=customer_id)
            end_hold(session, customer_id=purse, key=quote_id, now=now)
    return give_up_reservation(session, quote_id=quote_id, now=now)


def lock_customer(session: Session, request: BasketRequest) -> CustomerID | None:
    """Keep others from pricing for the same customer until the end."""
    if not request.card:
        return None
    customer_id = None
    # The card may find another record than before this one waited: after a merge.
    while customer_id != (
        found := get_active_card(session, number=request.card).customer_id
    ):
        lock_purse(session, customer_id=found)
        customer_id = found
    return customer_id


def price_as_told(
    session: Session, *, request: BasketRequest, quote_id: QuoteID, now: datetime
) -> tuple[Priced, QuoteID | None]:
    """
    Return the price of a quote that the customer was told.

    A reserved quote is honoured as it was computed while its reservation holds; any
    other only tells which price is expected.

    :returns: the price, and the quote if it is a reserved one that is honoured
    :raises Invalid: if there is no such quote
    :raises NotAtThisPrice: if the basket is another, the quote was used, or the price
        is another now
    """
    lock_quote(session, quote_id=quote_id)
    try:
        kept = get_quote(session, quote_id=quote_id, codes=request.codes)
    except QuoteNotFound as missing:
        raise Invalid.field(
            pointer="/quote", message=str(missing), code="quote_unknown"
        ) from missing
    _check_the_same(session, request, kept, now)
    if not kept.holds(now):
        priced = quote_basket(session, request=request, now=now)
        _check_price(priced.quote, kept)
        return priced, None
    pricing = kept.pricing
    quote = price(
        compile_promotions(pricing.documents),
        pricing.basket,
        pricing.facts,
        pricing.programme,
    )
    _check_price(quote, kept)
    store = get_store(session, code=request.store)
    gifts = gift_money(
        session,
        request=request,
        currency=store.currency,
        customer_id=kept.customer_id,
        now=now,
    )
    priced = complete(
        session,
        quote=quote,
        pricing=pricing,
        store=store,
        customer_id=kept.customer_id,
        paying=Paying(
            purse=purse_of(session, customer_id=kept.customer_id)
            if kept.customer_id
            else None,
            points=kept.points_to_spend,
            gifts=gifts,
        ),
    )
    return priced, kept.id


def new_quote(
    priced: Priced,
    *,
    actor: str,
    until: datetime | None = None,
    purchase_id: PurchaseID | None = None,
) -> NewQuote:
    """Return what is kept of a price."""
    return NewQuote(
        quote=priced.quote,
        pricing=priced.pricing,
        store_id=priced.store.id,
        customer_id=priced.customer_id,
        asked_by=actor,
        points_to_spend=priced.points_to_spend,
        reserved_until=until,
        purchase_id=purchase_id,
    )


def redemptions_of(priced: Priced) -> list[Redemption]:
    """Return what each promotion that gave something would use of its limits."""
    promotions = priced.promotions
    return [
        Redemption(
            promotion=promotions[applied.promotion],
            customer_id=priced.customer_id,
            times=applied.times,
            amount=applied.amount.amount,
            points=applied.points,
        )
        for applied in priced.quote.applied
    ]


def codes_of(priced: Priced) -> list[str]:
    """Return the codes that let promotions apply."""
    return [one.code for one in priced.quote.applied if one.code is not None]


def _check_the_same(
    session: Session, request: BasketRequest, kept: KeptQuote, now: datetime
) -> None:
    if kept.purchase_id is not None:
        raise QuoteUsed(_("Another purchase was paid by this quote."))
    store = get_store(session, code=request.store)
    customer_id = (
        get_active_card(session, number=request.card).customer_id
        if request.card
        else None
    )
    asked = replace(basket_of(request, store, now), at=kept.pricing.basket.at)
    if (customer_id, request.points_to_spend, _in_order(asked)) != (
        kept.customer_id,
        kept.points_to_spend,
        _in_order(kept.pricing.basket),
    ):
        raise QuoteDiffers(_("This is not the basket that was quoted."))


def _in_order(basket: Basket) -> Basket:
    return replace(basket, lines=tuple(sorted(basket.lines, key=lambda one: one.line)))


def _check_price(quote: Quote, kept: KeptQuote) -> None:
    result, now = kept.result, dump_quote(quote)
    if any(result[part] != now[part] for part in ("net", "delivery")):
        raise NotAtThisPrice(_("The price is another now than it was quoted."))
