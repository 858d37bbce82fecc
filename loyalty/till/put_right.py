"""Putting right what was sold: goods come back, or a purchase is cancelled."""

import secrets
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from http import HTTPStatus

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.catalogue.queries import find_products
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, Refused
from loyalty.core.money import Money
from loyalty.core.texts import gettext as _
from loyalty.core.texts import normalise_digits
from loyalty.purchases.queries import (
    PurchaseNotFound,
    find_receipt,
    get_purchase,
    latest_of_store,
    list_returns,
    returned_so_far,
)
from loyalty.purchases.values import PastReturn, Purchase, PurchaseID
from loyalty.staff.values import Permission
from loyalty.stores.values import Store
from loyalty.till.counter import here
from loyalty.usecases.checkout import PAYMENT, POINTS, ReturnRequest, return_goods
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("put_right", __name__)

_QUANTITY = "quantity-"
"""Begins the name of the field that says how much of a line comes back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SoldLine:
    """One line, and how much of it can still come back."""

    line: str
    name: str
    quantity: Decimal
    left: Decimal
    net: Money


@blueprint.get("/purchases")
@requires(Permission.TILL_CORRECT)
def list_purchases() -> ResponseReturnValue:
    """Look for a purchase of this store by its receipt, or among the latest."""
    receipt = request.args.get("receipt", "").strip()
    with database().transaction() as db:
        store = here(db)
        found = (
            find_receipt(db, store_id=store.id, receipt=receipt) if receipt else None
        )
        purchases = latest_of_store(db, store_id=store.id)
    if found is not None:
        return redirect_to(f"/till/purchases/{found}")
    problem = _("This store has no receipt %(number)s.", number=receipt)
    return render(
        "till/purchases.html",
        status=HTTPStatus.NOT_FOUND if receipt else HTTPStatus.OK,
        purchases=[(one, one.at.astimezone(store.time_zone)) for one in purchases],
        receipt=receipt,
        problem=problem if receipt else None,
    )


@blueprint.get("/purchases/<int:purchase_id>")
@requires(Permission.TILL_CORRECT)
def show_purchase(purchase_id: int) -> ResponseReturnValue:
    """Show what can come back of a purchase, and what did."""
    return _page(PurchaseID(purchase_id))


@blueprint.post("/purchases/<int:purchase_id>/return")
@requires(Permission.TILL_CORRECT)
def take_back(purchase_id: int) -> ResponseReturnValue:
    """Take some goods back; the same form sent twice is recorded once."""
    try:
        lines = tuple(_lines())
    except InvalidOperation:
        return _page(PurchaseID(purchase_id), _("Type how many come back, as 1."))
    if not lines:
        return _page(PurchaseID(purchase_id), _("Say how many of a line come back."))
    return _return(PurchaseID(purchase_id), lines)


@blueprint.post("/purchases/<int:purchase_id>/cancel")
@requires(Permission.TILL_CORRECT)
def cancel(purchase_id: int) -> ResponseReturnValue:
    """Undo all that is left of a purchase, its delivery too."""
    return _return(PurchaseID(purchase_id), None)


def _return(
    purchase_id: PurchaseID, lines: tuple[tuple[str, Decimal], ...] | None
) -> ResponseReturnValue:
    asked = ReturnRequest(
        purchase_id=purchase_id,
        lines=lines,
        actor=current_staff().actor,
        request_key=request.form.get("request_key", ""),
        request_hash=sha256(repr((purchase_id, lines)).encode()).digest(),
    )
    try:
        with database().transaction() as db:
            _own(db, purchase_id)
            return_goods(db, request=asked, now=utc_now())
    except Invalid as problem:
        return _page(purchase_id, " ".join(one.message for one in problem.problems))
    except Refused as refusal:
        return _page(purchase_id, str(refusal))
    return redirect_to(f"/till/purchases/{purchase_id}")


def _lines() -> list[tuple[str, Decimal]]:
    """Return how much of each line comes back; fields left empty are none."""
    found = []
    for name, value in request.form.items():
        text = normalise_digits(value).strip().replace(",", ".")
        if name.startswith(_QUANTITY) and text:
            quantity = Decimal(text)
            if not quantity.is_finite() or quantity < 0:
                raise InvalidOperation
            if quantity:
                found.append((name.removeprefix(_QUANTITY), quantity))
    return found


def _own(db: Session, purchase_id: PurchaseID) -> tuple[Store, Purchase]:
    """
    Return a purchase of the store in which the cashier works.

    :raises PurchaseNotFound: if it is another store's, as if there were none
    """
    store = here(db)
    purchase = get_purchase(db, purchase_id=purchase_id)
    if purchase.store_id != store.id:
        message = f"There is no purchase {purchase_id}."
        raise PurchaseNotFound(message)
    return store, purchase


def _page(purchase_id: PurchaseID, problem: str | None = None) -> ResponseReturnValue:
    with database().transaction() as db:
        store, purchase = _own(db, purchase_id)
        returns = list_returns(db, purchase_id=purchase_id)
        products = find_products(db, skus={line.sku for line in purchase.lines})
    names = {sku: product.name for sku, product in products.items()}
    lines = _sold(purchase, returns, names)
    return render(
        "till/put_right.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        purchase=purchase,
        at=purchase.at.astimezone(store.time_zone),
        lines=lines,
        returns=[_told(one, store) for one in returns],
        open=any(line.left for line in lines),
        prefix=_QUANTITY,
        problem=problem,
        request_key=secrets.token_urlsafe(18),
        typed=request.form,
    )


def _sold(
    purchase: Purchase, returns: tuple[PastReturn, ...], names: dict[str, str]
) -> list[SoldLine]:
    back = returned_so_far(returns)
    return [
        SoldLine(
            line=line.line,
            name=names.get(line.sku, line.sku),
            quantity=line.quantity,
            left=line.quantity - back.get(line.line, Decimal(0)),
            net=line.net,
        )
        for line in purchase.lines
    ]


def _told(one: PastReturn, store: Store) -> dict[str, object]:
    """Return what the cashier gives back for a return."""
    currency = one.refund.currency
    return {
        "at": one.at.astimezone(store.time_zone),
        "kind": one.kind.value,
        "refund": one.refund + one.delivery,
        "money": Money(
            amount=sum(t.amount for t in one.tenders if t.tender == PAYMENT),
            currency=currency,
        ),
        "gifts": Money(
            amount=sum(
                t.amount for t in one.tenders if t.tender not in (PAYMENT, POINTS)
            ),
            currency=currency,
        ),
        "points": sum(t.points for t in one.tenders),
        "taken": one.points_taken,
    }
