"""Choosing what a basket is paid with: points, gift cards, stored value."""

import re
from http import HTTPStatus
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.money import Money, NotMoney, parse_money
from loyalty.core.texts import (
    format_datetime,
    format_money,
    format_number,
    ngettext,
    normalise_digits,
)
from loyalty.core.texts import gettext as _
from loyalty.giftcards.queries import GiftCardNotFound, get_by_code
from loyalty.giftcards.rules import has_ended
from loyalty.giftcards.values import GiftAccount, GiftState
from loyalty.staff.values import Permission
from loyalty.till.basket import basket_page, settlement_here
from loyalty.till.counter import (
    LONGEST_CODE,
    TooManyGiftCards,
    current_counter,
    here,
    put,
)
from loyalty.till.giftcards import counted
from loyalty.till.means import Trouble
from loyalty.web.context import database
from loyalty.web.guards import requires

blueprint = Blueprint("tenders", __name__)

_LONGEST: Final = 20
_WHOLE: Final = re.compile(
    r"[0-9]{1,9}|[0-9]{1,3}(?:[.,\u066c\u00a0\u202f ][0-9]{3}){1,2}"
)
"""A whole number, as it is typed or as the page writes it."""


@blueprint.post("/basket/points")
@requires(Permission.TILL_SERVE)
def spend_points() -> ResponseReturnValue:
    """Pay with any number of the member's points; nothing takes them off again."""
    counter = current_counter()
    typed = request.form.get("points", "")[:_LONGEST]
    if request.form.get("most"):
        put(counter.paid_with(points=settlement_here(counter).most))
        return basket_page()
    text = normalise_digits(typed).strip() or "0"
    if _WHOLE.fullmatch(text) is None:
        message = _(
            "Type a whole number of points, such as %(n)s.", n=format_number(250)
        )
        return _refused("points", typed, message)
    points = int(re.sub(r"[^0-9]", "", text))
    have = settlement_here(counter).means.have
    if points > have:
        message = (
            ngettext(
                "There is %(n)s point to spend. Type no more than that.",
                "There are %(n)s points to spend. Type no more than that.",
                have,
            )
            if counter.customer_id is not None
            else _("Points need a member: find one with F3.")
        )
        return _refused("points", typed, message)
    put(counter.paid_with(points=points))
    return basket_page()


@blueprint.post("/basket/stored")
@requires(Permission.TILL_SERVE)
def spend_stored() -> ResponseReturnValue:
    """Pay with what the member has stored; nothing takes it off again."""
    counter = current_counter()
    chosen = settlement_here(counter)
    have = chosen.means.stored
    typed = request.form.get("stored", "")[:_LONGEST]
    if request.form.get("most"):
        most = min(have.amount, (chosen.rest + chosen.stored).amount)
        put(counter.paid_with(stored=most))
        return basket_page()
    text = normalise_digits(typed).strip().replace(",", ".").replace("\u066b", ".")
    try:
        amount = parse_money(text or "0", have.currency)
    except NotMoney:
        amount = Money(amount=-1, currency=have.currency)
    if amount.amount < 0:
        example = format_money(Money(amount=500, currency=have.currency))
        message = _("Type an amount of money, such as %(amount)s.", amount=example)
        return _refused("stored", typed, message)
    if amount.amount > have.amount:
        message = _(
            "%(amount)s is stored. Type no more than that.", amount=format_money(have)
        )
        return _refused("stored", typed, message)
    put(counter.paid_with(stored=amount.amount))
    return basket_page()


@blueprint.post("/basket/gift-cards")
@requires(Permission.TILL_SERVE)
@counted
def add_gift_card() -> ResponseReturnValue:
    """Pay with a gift card as far as it reaches; codes that nobody has are counted."""
    typed = request.form.get("gift_card", "").strip()[:LONGEST_CODE]
    try:
        with database().transaction() as db:
            card = get_by_code(db, code=normalise_digits(typed))
            currency = here(db).currency
    except Invalid:
        message = _("This is no gift card's code: it has 16 letters and digits.")
        return _refused("gift_card", typed, message)
    except GiftCardNotFound:
        message = _("No gift card has this code. Compare it with the card.")
        return _refused("gift_card", typed, message, status=HTTPStatus.NOT_FOUND)
    why_not = _state_problem(card) or _money_problem(card, currency)
    if why_not is not None:
        return _refused("gift_card", typed, why_not, status=HTTPStatus.CONFLICT)
    try:
        put(current_counter().with_gift_card(card.id))
    except TooManyGiftCards as refusal:
        return _refused("gift_card", typed, str(refusal), status=HTTPStatus.CONFLICT)
    return basket_page()


@blueprint.post("/basket/gift-cards/<int:number>/remove")
@requires(Permission.TILL_SERVE)
def remove_gift_card(number: int) -> ResponseReturnValue:
    """Take a gift card out of the basket; nothing was taken from it."""
    put(current_counter().without_gift_card(number))
    return basket_page()


def _state_problem(card: GiftAccount) -> str | None:
    """Say why a card in its state can't pay, and what to do."""
    if card.state is GiftState.WAITING:
        return _("This gift card is not paid yet: sell it first, under Gift cards.")
    if card.state is GiftState.BLOCKED:
        return _("This gift card is blocked. The office can unblock it.")
    if card.state is GiftState.CANCELLED:
        return _("This gift card was cancelled and its money given back.")
    if has_ended(card, now=utc_now()) and card.expires_at is not None:
        day = format_datetime(card.expires_at, style="d MMM y")
        return _("This gift card ended on %(day)s.", day=day)
    return None


def _money_problem(card: GiftAccount, currency: str) -> str | None:
    """Say why what is on a card can't pay this basket."""
    if card.balance.currency != currency:
        return _("This gift card is in %(other)s.", other=card.balance.currency)
    if not card.balance:
        return _("Nothing is left on this gift card.")
    if card.id in current_counter().gift_cards:
        return _("This gift card is in the basket already.")
    return None


def _refused(
    field: str,
    typed: str,
    message: str,
    *,
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> ResponseReturnValue:
    trouble = Trouble(field=field, typed=typed, message=message)
    return basket_page(trouble=trouble, status=status)
