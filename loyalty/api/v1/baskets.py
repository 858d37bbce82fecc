"""Baskets as machines send them, read into what the use cases take."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from marshmallow import fields, validate

from loyalty.api.auth import ScopeMissing, check_store, may
from loyalty.api.v1.fields import (
    CardNumber,
    Currency,
    GiftCode,
    Language,
    Moment,
    MoneyText,
    OneOf,
    Quantity,
    Request,
    Text,
    TrueOrFalse,
    Whole,
)
from loyalty.core.errors import Invalid, Problem
from loyalty.core.money import Money, NotMoney, parse_money
from loyalty.core.texts import gettext as _
from loyalty.promotions.values import BasketLine
from loyalty.staff.values import ApiScope
from loyalty.stores.values import Store
from loyalty.usecases.checkout import BasketRequest

MOST_LINES: Final = 500
MOST_CODES: Final = 20
MOST_GIFT_CARDS: Final = 5
LONGEST_RESERVATION: Final = 24 * 60

Body = dict[str, Any]


class LineRequest(Request):
    """Some of one product at one price."""

    line = Text(longest=36, required=True, metadata={"example": "1"})
    sku = Text(longest=64, required=True, metadata={"format": "sku"})
    quantity = Quantity(required=True, metadata={"example": "2"})
    unit_price = MoneyText(
        required=True,
        metadata={
            "example": "1.99",
            "description": "With tax; at most the decimals of the store's currency.",
        },
    )


class QuoteRequest(Request):
    """A basket to price."""

    store = Text(longest=32, required=True, metadata={"format": "store-code"})
    sales_channel = OneOf("till", "web", "app", load_default="till")
    at = Moment(
        load_default=None,
        allow_none=True,
        metadata={"description": "Needs the scope checkout:any-time; null is now."},
    )
    currency = Currency(
        load_default=None,
        allow_none=True,
        metadata={"description": "Must be the store's, if it is given."},
    )
    card = CardNumber(load_default=None, allow_none=True)
    codes = fields.List(
        Text(longest=64), load_default=list, validate=validate.Length(max=MOST_CODES)
    )
    lines = fields.List(
        fields.Nested(LineRequest),
        required=True,
        validate=validate.Length(min=1, max=MOST_LINES),
        metadata={"description": "Each with a name of its own in `line`."},
    )
    delivery_fee = MoneyText(load_default=None, allow_none=True)
    payment = Text(longest=32, load_default=None, allow_none=True)
    points_to_spend = Whole(load_default=0)
    gift_cards = fields.List(
        GiftCode(),
        load_default=list,
        validate=validate.Length(max=MOST_GIFT_CARDS),
        metadata={"description": "Codes to pay with, each as far as it reaches."},
    )
    stored_value_to_spend = MoneyText(load_default=None, allow_none=True)
    language = Language(metadata={"description": "Of names, terms and messages."})


class NewQuoteRequest(QuoteRequest):
    """A basket to price, and whether the price shall hold."""

    reserve = TrueOrFalse(
        load_default=False,
        metadata={"description": "Hold the limits that the price uses."},
    )
    reserve_minutes = Whole(
        least=1,
        most=LONGEST_RESERVATION,
        load_default=None,
        allow_none=True,
        metadata={"description": "How long; null is the programme's, 15 at first."},
    )
    replaces = Text(
        longest=64,
        load_default=None,
        allow_none=True,
        metadata={
            "format": "quote",
            "description": "An earlier quote whose reservation is given up.",
        },
    )


def _moment_of(body: Body) -> datetime | None:
    asked: datetime | None = body["at"]
    if asked is not None and not may(ApiScope.CHECKOUT_ANY_TIME):
        scope = ApiScope.CHECKOUT_ANY_TIME
        raise ScopeMissing(
            _("This key does not have the scope %(scope)s.", scope=scope)
        )
    return asked


def basket_of(body: Body, store: Store) -> BasketRequest:
    """
    Return the basket, its money in the store's currency.

    :raises OtherStore: if the key belongs to another store
    :raises ScopeMissing: if another moment is asked for than the key may
    :raises Invalid: naming every line at fault
    """
    check_store(store.id)
    at = _moment_of(body)
    problems = [*_problems(body, store.currency)]
    if problems:
        raise Invalid(problems)

    def money(text: str) -> Money:
        return parse_money(text, store.currency)

    fee, stored = body["delivery_fee"], body["stored_value_to_spend"]
    return BasketRequest(
        store=store.code,
        lines=tuple(
            BasketLine(
                line=line["line"],
                sku=line["sku"],
                quantity=Decimal(line["quantity"]),
                unit_price=money(line["unit_price"]),
            )
            for line in body["lines"]
        ),
        sales_channel=body["sales_channel"],
        card=body["card"],
        codes=tuple(dict.fromkeys(body["codes"])),
        delivery_fee=None if fee is None else money(fee),
        payment=body["payment"],
        points_to_spend=body["points_to_spend"],
        gift_cards=tuple(body["gift_cards"]),
        stored_value_to_spend=None if stored is None else money(stored),
        at=at,
        language=body["language"],
    )


def _problems(body: Body, currency: str) -> Iterator[Problem]:
    if body["currency"] not in (None, currency):
        message = _("The store's prices are in %(currency)s.", currency=currency)
        yield Problem(pointer="/currency", message=message, code="currency_mismatch")
    seen = set()
    for place, line in enumerate(body["lines"]):
        if line["line"] in seen:
            message = _("Another line has this name.")
            pointer = f"/lines/{place}/line"
            yield Problem(pointer=pointer, message=message, code="line_twice")
        seen.add(line["line"])
        pointer = f"/lines/{place}/unit_price"
        yield from amount_problems(pointer, line["unit_price"], currency)
    for name in ("delivery_fee", "stored_value_to_spend"):
        yield from amount_problems(f"/{name}", body[name], currency)


def amount_problems(pointer: str, text: str | None, currency: str) -> Iterator[Problem]:
    """Yield what is wrong with an amount in a currency, if anything is."""
    try:
        if text is not None:
            parse_money(text, currency)
    except NotMoney as error:
        yield Problem(pointer=pointer, message=f"{error}.", code="too_many_decimals")
