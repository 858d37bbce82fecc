"""Taking the money: the purchase is recorded once, and the receipt shown."""

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from flask import Blueprint, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.catalogue.queries import find_products
from loyalty.core.clock import utc_now
from loyalty.core.errors import Refused
from loyalty.core.money import Money, parse_money
from loyalty.core.texts import format_money, ngettext
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import get_profile, names_of
from loyalty.delivery.queries.tills import Reader, printed_on_receipt
from loyalty.giftcards.queries import get_account, spent_in_purchase
from loyalty.giftcards.service import BalanceShort, GiftCardNotUsable
from loyalty.giftcards.values import GiftAccountID
from loyalty.points.queries import balance, points_of_purchase
from loyalty.points.service import NotEnoughPoints
from loyalty.promotions.service import UsedUp
from loyalty.purchases.queries import PurchaseNotFound, get_purchase, tenders_of
from loyalty.purchases.values import Purchase, PurchaseID, TenderShare
from loyalty.sharing.queries import purse_of
from loyalty.staff.rules import may
from loyalty.staff.values import Permission
from loyalty.till.basket import (
    attached_member,
    attempt_codes,
    basket_page,
    priceable,
)
from loyalty.till.counter import Counter, clear, current_counter, here, put
from loyalty.usecases.checkout import (
    GIFT_CARD,
    PAYMENT,
    POINTS,
    STORED_VALUE,
    BasketRequest,
    Payment,
    record_purchase,
)
from loyalty.usecases.tell_at_till import print_waiting
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("pay", __name__)

_LAST = "last purchase"


class PriceChanged(Refused):
    """The basket costs something else than the customer was told."""

    code = "price_changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptTender:
    """What paid beside, or as, cash and bank card; and what is left of it."""

    name: str
    amount: Money
    left: Money | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptLine:
    """One line of a receipt."""

    name: str
    quantity: Decimal
    net: Money
    discount: Money


@blueprint.post("/basket/pay")
@requires(Permission.TILL_SERVE)
def pay() -> ResponseReturnValue:
    """Record the purchase; the same basket sent twice is recorded once."""
    key = request.form.get("request_key", "")
    last: dict[str, object] = session.get(_LAST) or {}
    if last.get("key") == key and key:
        return redirect_to(f"/till/receipts/{last['purchase']}")
    counter = current_counter().paid_by(request.form.get("payment", ""))
    put(counter)
    if not counter.lines or key != counter.request_key:
        notice = _("The basket changed in another window: look at it again.")
        return basket_page(notice=notice, status=HTTPStatus.CONFLICT)
    try:
        purchase_id = _record(counter)
    except UsedUp:
        notice = _(
            "An offer was used up just now by somebody else. This is the new price: "
            "tell the customer, then press Pay again. Nothing was recorded."
        )
        return basket_page(notice=notice, status=HTTPStatus.CONFLICT)
    except (NotEnoughPoints, GiftCardNotUsable, BalanceShort):
        notice = _(
            "Points or a gift card were spent elsewhere just now. See what is left to "
            "pay: tell the customer, then press Pay again. Nothing was recorded."
        )
        return basket_page(notice=notice, status=HTTPStatus.CONFLICT)
    except PriceChanged as changed:
        return basket_page(notice=str(changed), status=HTTPStatus.CONFLICT)
    _print_messages(counter, purchase_id)
    clear()
    session[_LAST] = {"key": key, "purchase": purchase_id}
    return redirect_to(f"/till/receipts/{purchase_id}")


@blueprint.get("/receipts/<int:purchase_id>")
@requires(Permission.TILL_SERVE)
def show_receipt(purchase_id: int) -> ResponseReturnValue:
    """Show what was paid, saved and earned; of this store's purchases only."""
    with database().transaction() as db:
        store = here(db)
        purchase = get_purchase(db, purchase_id=PurchaseID(purchase_id))
        if purchase.store_id != store.id:
            message = f"There is no purchase {purchase_id}."
            raise PurchaseNotFound(message)
        products = find_products(db, skus={line.sku for line in purchase.lines})
        customer = purchase.customer_id
        name = (
            None
            if customer is None
            else names_of(db, customer_ids=[customer]).get(customer)
        )
        earned = points_of_purchase(db, purchase_id=purchase_id)
        tenders = _tenders(db, purchase)
        points = (
            None
            if customer is None
            else balance(db, customer_id=purse_of(db, customer_id=customer))
        )
        messages = (
            ()
            if customer is None
            else printed_on_receipt(
                db,
                customer_id=customer,
                reader=Reader(
                    language=get_profile(db, customer_id=customer).language,
                    zone=str(store.time_zone),
                ),
                at=purchase.at,
            )
        )
    lines = sorted(purchase.lines, key=lambda line: int(line.line))
    return render(
        "till/receipt.html",
        purchase=purchase,
        at=purchase.at.astimezone(store.time_zone),
        store=store,
        name=name,
        earned=earned,
        balance=points,
        tenders=tenders,
        messages=messages,
        may_put_right=may(current_staff(), Permission.TILL_CORRECT, store_id=store.id),
        lines=[
            ReceiptLine(
                name=products[line.sku].name if line.sku in products else line.sku,
                quantity=line.quantity,
                net=line.net,
                discount=line.discount,
            )
            for line in lines
        ],
    )


def _print_messages(counter: Counter, purchase_id: PurchaseID) -> None:
    """Let the receipt tell the member what waited for this visit."""
    if counter.customer_id is None:
        return
    with database().transaction() as db:
        purchase = get_purchase(db, purchase_id=purchase_id)
        print_waiting(
            db, customer_id=counter.customer_id, at=purchase.at, now=utc_now()
        )


def _tenders(db: Session, purchase: Purchase) -> list[ReceiptTender]:
    """Return what the purchase was paid with, each with what was left of it."""
    after = {
        str(spent.account_id): spent.balance_after
        for spent in spent_in_purchase(db, purchase_id=purchase.id)
    }
    return [
        ReceiptTender(
            name=_tender_name(db, share, purchase.payment),
            amount=Money(amount=share.amount, currency=purchase.net.currency),
            left=after.get(share.reference or "")
            if share.tender in (GIFT_CARD, STORED_VALUE)
            else None,
        )
        for share in tenders_of(db, purchase_id=purchase.id)
    ]


def _tender_name(db: Session, share: TenderShare, payment: str | None) -> str:
    if share.tender == POINTS:
        return ngettext("%(n)s point", "%(n)s points", share.points)
    if share.tender == STORED_VALUE:
        return _("Stored value")
    if share.tender == GIFT_CARD:
        number = GiftAccountID(int(share.reference or 0))
        ending = get_account(db, account_id=number).ending
        return _("Gift card …%(ending)s", ending=ending)
    return _("Cash") if payment == "cash" else _("Card")


def _record(counter: Counter) -> PurchaseID:
    """Record the basket at the price that the customer was told, or not at all."""
    now = utc_now()
    told = request.form.get("told", "")
    rest_told = request.form.get("rest", told)
    with database().transaction() as db:
        member = attached_member(db, counter, now)
        ready = priceable(db, counter, member=member, store=here(db), now=now)
    with attempt_codes(ready) as codes, database().transaction() as db:
        receipt = record_purchase(
            db,
            request=replace(ready.request, codes_withheld=codes.withheld),
            payment=Payment(
                receipt=counter.receipt,
                request_key=counter.request_key,
                request_hash=_hash(ready.request, counter),
                actor=current_staff().actor,
            ),
            now=now,
        )
        reply = json.loads(receipt.reply)
        rest = _rest(reply)
        if not receipt.replayed and (reply["net"] != told or str(rest) != rest_told):
            message = _(
                "The price changed while the basket stood here. It is %(price)s now: "
                "tell the customer, then press Pay again. Nothing was recorded.",
                price=format_money(rest),
            )
            raise PriceChanged(message)
    return PurchaseID(int(reply["purchase"]))


def _rest(reply: dict[str, Any]) -> Money:
    """Return what was left to pay in cash or by bank card."""
    amounts = [one["amount"] for one in reply["tenders"] if one["tender"] == PAYMENT]
    return parse_money(amounts[0] if amounts else "0", reply["currency"])


def _hash(basket: BasketRequest, counter: Counter) -> bytes:
    """Return what the request key stands for: the basket, whoever prices it when."""
    body = {
        "store": basket.store,
        "card": basket.card,
        "payment": basket.payment,
        "codes": list(basket.codes),
        "points": counter.points,
        "gift_cards": list(counter.gift_cards),
        "stored": counter.stored,
        "lines": [
            [line.line, line.sku, str(line.quantity), str(line.unit_price)]
            for line in basket.lines
        ],
    }
    return sha256(json.dumps(body, sort_keys=True).encode()).digest()
