"""The basket: what it costs, what applied, and what nearly did."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.catalogue.queries import find_products
from loyalty.catalogue.values import Product
from loyalty.core.clock import utc_now
from loyalty.core.money import Money, zero
from loyalty.core.texts import current_language, format_number, pick
from loyalty.core.texts import gettext as _
from loyalty.promotions.render import missed_message
from loyalty.promotions.values import BasketLine, MissedReason, QuoteLine
from loyalty.staff.values import Permission
from loyalty.stores.values import Store
from loyalty.till.counter import (
    PAYMENTS,
    Counter,
    TooManyCodes,
    current_counter,
    here,
    put,
)
from loyalty.till.means import Means, Settlement, Trouble, means_of, settlement
from loyalty.till.members import Member, member_of
from loyalty.usecases.checkout import BasketRequest, Priced, quote_basket
from loyalty.web.code_attempts import CodeAttempt, attempt
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import is_htmx, render

blueprint = Blueprint("basket", __name__)

_MOST_HINTS: Final = 4
_WITHIN_REACH: Final = (
    MissedReason.CODE_UNKNOWN,
    MissedReason.CODE_EXPIRED,
    MissedReason.CODE_USED,
    MissedReason.CODE_ATTEMPTS,
    MissedReason.CODE_UNCHECKED,
    MissedReason.SPEND_SHORT,
    MissedReason.QUANTITY_SHORT,
    MissedReason.OTHER_PAYMENT,
    MissedReason.FOR_MEMBERS,
)
"""What the customer can still change stands first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line as the cashier sees it."""

    at: int
    sku: str
    name: str
    quantity: str
    weighed: bool
    unit_price: Money
    gross: Money
    net: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Gain:
    """One promotion that gave something."""

    name: str
    amount: Money
    points: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Priceable:
    """A basket ready to be priced, with the articles it is of."""

    request: BasketRequest
    products: dict[str, Product]
    means: Means


@dataclass(frozen=True, kw_only=True, slots=True)
class Laid:
    """The basket on the counter, priced, with whose it is."""

    member: Member | None
    ready: Priceable
    priced: Priced


@blueprint.get("/basket")
@requires(Permission.TILL_SERVE)
def show() -> ResponseReturnValue:
    """Show the basket."""
    return basket_page()


@blueprint.post("/basket/payment")
@requires(Permission.TILL_SERVE)
def choose_payment() -> ResponseReturnValue:
    """Choose how the customer pays, on which some offers depend."""
    put(current_counter().paid_by(request.form.get("payment", "")))
    return basket_page()


@blueprint.post("/basket/codes")
@requires(Permission.TILL_SERVE)
def add_code() -> ResponseReturnValue:
    """Take a coupon code; what it gives or lacks stands beside the basket."""
    try:
        put(current_counter().with_code(request.form.get("code", "")))
    except TooManyCodes as refusal:
        return basket_page(notice=str(refusal), status=HTTPStatus.CONFLICT)
    return basket_page()


@blueprint.post("/basket/codes/<int:at>/remove")
@requires(Permission.TILL_SERVE)
def remove_code(at: int) -> ResponseReturnValue:
    """Take a coupon code out of the basket."""
    put(current_counter().without_code(at))
    return basket_page()


def basket_page(
    *,
    text: str = "",
    problem: str | None = None,
    found: tuple[Product, ...] = (),
    notice: str | None = None,
    trouble: Trouble | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Render the basket, or its changing parts alone for htmx."""
    counter = current_counter()
    laid = _lay(counter)
    priced = laid.priced
    if laid.ready.means.lost:
        put(laid.ready.means.kept_on(counter))
        notice = notice or _("Some of it was spent elsewhere: see what is left to pay.")
    return render(
        "till/basket_parts.html" if is_htmx() else "till/basket.html",
        status=status,
        text=text,
        problem=problem,
        found=found,
        notice_text=notice,
        member=laid.member,
        lines=_lines(counter, laid.ready, priced),
        priced=priced.quote,
        settled=settlement(laid.ready.means, priced, trouble),
        gains=_gains(priced),
        hints=_hints(priced),
        balance_after=priced.available_after,
        payments=PAYMENTS,
        payment=counter.payment,
        request_key=counter.request_key,
        codes=counter.codes,
    )


def settlement_here(counter: Counter) -> Settlement:
    """Return how the counter's basket would be paid now."""
    laid = _lay(counter)
    return settlement(laid.ready.means, laid.priced, None)


def _lay(counter: Counter) -> Laid:
    now = utc_now()
    with database().transaction() as db:
        store = here(db)
        member = _member(db, counter, store, now)
        ready = priceable(db, counter, member=member, store=store, now=now)
    with attempt_codes(ready) as codes, database().transaction() as db:
        asked = replace(ready.request, codes_withheld=codes.withheld)
        priced = quote_basket(db, request=asked, now=now)
        codes.settle(priced.quote.missed)
    return Laid(member=member, ready=ready, priced=priced)


def attempt_codes(ready: Priceable) -> AbstractContextManager[CodeAttempt]:
    """Count the basket's codes for the cashier and the card."""
    return attempt(
        ready.request.codes, caller=current_staff().actor, card=ready.request.card
    )


def priceable(
    db: Session,
    counter: Counter,
    *,
    member: Member | None,
    store: Store,
    now: datetime,
) -> Priceable:
    """Return the counter's basket at the catalogue's prices, and what may pay it."""
    card = member.card_number if member else None
    means = means_of(db, counter, has_card=card is not None, store=store, now=now)
    products = find_products(db, skus={line.sku for line in counter.lines})
    lines = tuple(
        BasketLine(
            line=str(at + 1),
            sku=line.sku,
            quantity=line.quantity,
            unit_price=products[line.sku].price,
        )
        for at, line in enumerate(counter.lines)
        if line.sku in products
    )
    request = BasketRequest(
        store=store.code,
        lines=lines,
        card=card,
        codes=counter.codes,
        payment=counter.payment,
        points_to_spend=means.points_used,
        gift_accounts=tuple(gift.id for gift in means.gifts),
        stored_value_to_spend=means.stored_used or None,
        language=current_language(),
    )
    return Priceable(request=request, products=products, means=means)


def attached_member(db: Session, counter: Counter, now: datetime) -> Member | None:
    """Return the member at the counter, if there is one."""
    return _member(db, counter, here(db), now)


def _member(
    db: Session, counter: Counter, store: Store, now: datetime
) -> Member | None:
    if counter.customer_id is None:
        return None
    return member_of(db, customer_id=counter.customer_id, store=store, now=now)


def _lines(counter: Counter, ready: Priceable, priced: Priced) -> tuple[Line, ...]:
    quoted: dict[str, QuoteLine] = {line.line: line for line in priced.quote.lines}
    nothing = zero(priced.quote.currency)
    lines = []
    for at, line in enumerate(counter.lines):
        product = ready.products.get(line.sku)
        quote = quoted.get(str(at + 1))
        lines.append(
            Line(
                at=at,
                sku=line.sku,
                name=product.name if product else line.sku,
                quantity=_amount(line.quantity),
                weighed=product.weighed if product else False,
                unit_price=product.price if product else nothing,
                gross=quote.gross if quote else nothing,
                net=quote.net if quote else nothing,
            )
        )
    return tuple(lines)


def _gains(priced: Priced) -> tuple[Gain, ...]:
    return tuple(
        Gain(
            name=pick(dict(applied.name)) or applied.promotion,
            amount=applied.amount,
            points=applied.points,
        )
        for applied in priced.quote.applied
    )


def _hints(priced: Priced) -> tuple[str, ...]:
    missed = sorted(
        (one for one in priced.quote.missed if priced.quote.lines or one.code),
        key=lambda one: (
            _WITHIN_REACH.index(one.reason)
            if one.reason in _WITHIN_REACH
            else len(_WITHIN_REACH)
        ),
    )
    language = current_language()
    messages = [missed_message(one, language, names=priced.names) for one in missed]
    return tuple(dict.fromkeys(messages))[:_MOST_HINTS]


def _amount(quantity: Decimal) -> str:
    return format_number(quantity.normalize() if quantity % 1 else int(quantity))
