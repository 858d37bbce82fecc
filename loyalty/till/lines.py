"""Putting articles into the basket and taking them out again."""

import re
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.catalogue.queries import (
    ProductNotFound,
    find_products,
    get_product,
    search_products,
)
from loyalty.catalogue.values import Product
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.core.texts import normalise_digits
from loyalty.staff.values import Permission
from loyalty.till.basket import basket_page
from loyalty.till.counter import current_counter, put
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import is_htmx, redirect_to, render

blueprint = Blueprint("lines", __name__)

_MOST: Final = Decimal(999)
_DECIMALS: Final = -3
_SHORTEST: Final = 2
_LIST: Final = 8
_TIMES: Final = re.compile(r"\s*([0-9]+(?:[.,][0-9]+)?)\s*[*x×]\s*(\S.*)")  # noqa: RUF001  # the sign on the key


@blueprint.get("/basket/search")
@requires(Permission.TILL_SERVE)
def search() -> ResponseReturnValue:
    """List articles by the beginning of a number or a part of a name."""
    _quantity, text = _read(request.args.get("text", ""))
    found: tuple[Product, ...] = ()
    # A whole number is being scanned or typed: Enter puts it in, no list needed.
    if len(text) >= _SHORTEST and not text.isdigit():
        with database().transaction() as db:
            found = search_products(db, text=text, limit=_LIST)
    return render("till/found.html", found=found, typed=request.args.get("text", ""))


@blueprint.post("/basket/lines")
@requires(Permission.TILL_SERVE)
def add() -> ResponseReturnValue:
    """Put an article into the basket, by number or by a name that only it has."""
    typed = request.form.get("text", "")
    quantity, text = _read(typed)
    sku = request.form.get("sku") or text
    with database().transaction() as db:
        product, found = _find(db, sku)
    if product is None:
        problem = (
            _("Several articles have this in their name: choose one.")
            if found
            else _("The catalogue has no article “%(text)s”.", text=sku)
            if sku
            else _("Scan an article, or type its number or name.")
        )
        return _refused(typed, problem, found)
    try:
        _check(quantity, product)
        put(
            current_counter().with_line(
                product.sku, quantity, together=not product.weighed
            )
        )
    except LoyaltyError as refusal:
        return _refused(typed, _words(refusal))
    return _changed()


@blueprint.post("/basket/lines/<int:at>")
@requires(Permission.TILL_SERVE)
def change(at: int) -> ResponseReturnValue:
    """Change how much of an article the customer takes; nothing removes the line."""
    counter = current_counter()
    typed = request.form.get("quantity", "")
    if at >= len(counter.lines):
        return _changed()
    quantity = _number(typed)
    if quantity == 0:
        put(counter.without_line(at))
        return _changed()
    with database().transaction() as db:
        sku = counter.lines[at].sku
        product = find_products(db, skus=[sku]).get(sku)
    try:
        if product is not None:
            _check(quantity, product)
    except Invalid as refusal:
        return _refused("", _words(refusal))
    put(counter.with_quantity(at, quantity))
    return _changed()


@blueprint.post("/basket/lines/<int:at>/remove")
@requires(Permission.TILL_SERVE)
def remove(at: int) -> ResponseReturnValue:
    """Take a line out of the basket."""
    put(current_counter().without_line(at))
    return _changed()


def _changed() -> ResponseReturnValue:
    return basket_page() if is_htmx() else redirect_to("/till/basket")


def _refused(
    typed: str, problem: str, found: tuple[Product, ...] = ()
) -> ResponseReturnValue:
    return basket_page(
        text=typed,
        problem=problem,
        found=found,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )


def _find(db: Session, text: str) -> tuple[Product | None, tuple[Product, ...]]:
    """Return the one article meant, or those that could be."""
    try:
        return get_product(db, sku=text), ()
    except ProductNotFound:
        found = search_products(db, text=text, limit=_LIST) if text else ()
    named = [product for product in found if product.name.lower() == text.lower()]
    candidates = named or found
    return (candidates[0], ()) if len(candidates) == 1 else (None, tuple(found))


def _read(typed: str) -> tuple[Decimal, str]:
    """Split ``3*4711`` into how much and what; without a number it is one."""
    text = normalise_digits(typed).strip()
    times = _TIMES.fullmatch(text)
    if times is None:
        return Decimal(1), text
    return _number(times[1]), times[2].strip()


def _number(text: str) -> Decimal:
    """Read a quantity; what can't be read is below any, so that it is refused."""
    try:
        number = Decimal(normalise_digits(text).strip().replace(",", "."))
    except InvalidOperation:
        return Decimal(-1)
    return number if number.is_finite() else Decimal(-1)


def _check(quantity: Decimal, product: Product) -> None:
    exponent = quantity.normalize().as_tuple().exponent
    if not 0 < quantity <= _MOST or not isinstance(exponent, int):
        message = _("A quantity is a number above 0 and up to %(most)s.", most=_MOST)
    elif quantity % 1 and not product.weighed:
        message = _("%(name)s is sold by the piece: a whole number.", name=product.name)
    elif exponent < _DECIMALS:
        message = _("Weigh to the gram: at most three decimals.")
    else:
        return
    raise Invalid.field(pointer="/quantity", message=message, code="quantity")


def _words(refusal: LoyaltyError) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(problem.message for problem in refusal.problems)
    return str(refusal)
