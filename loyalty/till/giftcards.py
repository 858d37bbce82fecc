"""Gift cards at the till: making one, having it paid, what is on one."""

from http import HTTPStatus

from flask import Blueprint, Response, flash, request
from flask.typing import ResponseReturnValue

from loyalty.core.clock import utc_now
from loyalty.core.codes import grouped
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.money import Money, NotMoney, parse_money
from loyalty.core.texts import gettext as _
from loyalty.core.texts import normalise_digits
from loyalty.giftcards.queries import get_account, get_by_code
from loyalty.giftcards.service import Sale, cancel_sale, issue_card, sell
from loyalty.giftcards.values import GiftAccount, GiftAccountID, NewCard
from loyalty.staff.values import Permission
from loyalty.till.counter import here
from loyalty.web.context import database
from loyalty.web.errors import STATUS_BY_KIND
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.protection import limiter
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("giftcards", __name__)


def _cashier() -> str:
    return f"gift-till:{current_staff().id}"


def _missed(response: Response) -> bool:
    return response.status_code == HTTPStatus.NOT_FOUND


counted = limiter.shared_limit(
    "20 per 15 minutes",
    scope="gift cards at the till",
    key_func=_cashier,
    deduct_when=_missed,
)
"""Counts codes that nobody has, wherever the cashier tries them."""


@blueprint.get("/gift-cards")
@requires(Permission.TILL_SERVE)
def show() -> ResponseReturnValue:
    """Show a field for a code, and one for an amount."""
    return _page()


@blueprint.post("/gift-cards/look-up")
@requires(Permission.TILL_SERVE)
@counted
def look_up() -> ResponseReturnValue:
    """Say what is on a card; codes that nobody has are counted."""
    try:
        with database().transaction() as db:
            found = get_by_code(db, code=request.form.get("code", "")[:64])
    except LoyaltyError as refusal:
        return _page(refusal, part="code")
    return _page(found=found)


@blueprint.post("/gift-cards")
@requires(Permission.TILL_SERVE)
def make() -> ResponseReturnValue:
    """Make a card that waits to be paid, and show its code, once."""
    try:
        with database().transaction() as db:
            made = issue_card(
                db,
                face=_amount(here(db).currency),
                actor=current_staff().actor,
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal, part="amount")
    return _page(made=made)


@blueprint.post("/gift-cards/<int:number>/paid")
@requires(Permission.TILL_SERVE)
def paid(number: int) -> ResponseReturnValue:
    """Activate a card that was paid."""
    account_id = GiftAccountID(number)
    try:
        with database().transaction() as db:
            sale = Sale(
                amount=get_account(db, account_id=account_id).face,
                store_id=here(db).id,
                request_key="paid",
                actor=current_staff().actor,
            )
            sell(db, account_id=account_id, sale=sale, now=utc_now())
    except LoyaltyError as refusal:
        return _page(refusal)
    flash(_("Paid: the gift card works now."))
    return redirect_to("/till/gift-cards")


@blueprint.post("/gift-cards/<int:number>/cancel")
@requires(Permission.TILL_CORRECT)
def cancel(number: int) -> ResponseReturnValue:
    """Undo the sale of a card of which nothing was spent."""
    try:
        with database().transaction() as db:
            cancel_sale(
                db,
                account_id=GiftAccountID(number),
                store_id=here(db).id,
                actor=current_staff().actor,
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal)
    flash(_("Cancelled: give the money back."))
    return redirect_to("/till/gift-cards")


def _amount(currency: str) -> Money:
    typed = normalise_digits(request.form.get("amount", "")).strip().replace(",", ".")
    try:
        return parse_money(typed, currency)
    except NotMoney:
        message = _("Type an amount of money.")
        raise Invalid.field(pointer="/amount", message=message) from None


def _page(
    refusal: LoyaltyError | None = None,
    *,
    part: str = "",
    found: GiftAccount | None = None,
    made: NewCard | None = None,
) -> ResponseReturnValue:
    status = HTTPStatus.OK
    if refusal is not None:
        status = next(s for k, s in STATUS_BY_KIND.items() if isinstance(refusal, k))
    problem = None
    if isinstance(refusal, Invalid):
        problem = " ".join(one.message for one in refusal.problems)
    elif refusal is not None:
        problem = str(refusal)
    return render(
        "till/giftcards.html",
        status=status,
        problem=problem,
        part=part,
        typed=request.form if refusal else {},
        found=found,
        made=made,
        code=grouped(made.code) if made else None,
    )
