"""Putting a card right at the till: report it lost, replace it, give a printed one."""

from http import HTTPStatus

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.cards.queries import get_card, list_cards
from loyalty.cards.render import reason_words, state_words
from loyalty.cards.rules import grouped
from loyalty.cards.service import (
    attach_card,
    block_card,
    issue_card,
    replace_card,
    unblock_card,
)
from loyalty.cards.values import Card, CardReason, CardState
from loyalty.core.clock import utc_now
from loyalty.core.errors import Forbidden, Invalid, LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.core.texts import normalise_digits
from loyalty.customers.values import CustomerID
from loyalty.staff.rules import may
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.till.counter import current_counter, here
from loyalty.till.members import member_of
from loyalty.web.context import database
from loyalty.web.errors import STATUS_BY_KIND
from loyalty.web.guards import requires, work_store
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("cards", __name__)


class NotTheirCard(Forbidden):
    """The card belongs to somebody else than who stands at the counter."""

    code = "not_their_card"


@blueprint.get("/cards")
@requires(Permission.TILL_SERVE)
def show() -> ResponseReturnValue:
    """Show the cards of the member at the counter."""
    return _page()


@blueprint.post("/cards")
@requires(Permission.TILL_SERVE)
def give() -> ResponseReturnValue:
    """Give one more card: the printed one that was scanned, or a new number."""
    printed = normalise_digits(request.form.get("printed", "")).strip()
    customer_id = current_counter().customer_id
    if customer_id is None:
        return redirect_to("/till")
    try:
        with database().transaction() as db:
            card = _give(db, customer_id, printed)
    except LoyaltyError as refusal:
        return _page(printed=printed, refusal=refusal)
    flash(_("The card %(number)s works.", number=grouped(card.number)))
    return redirect_to("/till/cards")


@blueprint.post("/cards/<string:number>/<any(lost, stolen):reason>")
@requires(Permission.TILL_SERVE)
def block(number: str, reason: str) -> ResponseReturnValue:
    """Stop a card at every till."""
    try:
        with database().transaction() as db:
            _theirs(db, number)
            card = block_card(
                db,
                number=number,
                reason=CardReason(reason),
                actor=current_staff().actor,
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(refusal=refusal)
    message = _("The card %(number)s is blocked at every till.")
    flash(message % {"number": grouped(card.number)})
    return redirect_to("/till/cards")


@blueprint.post("/cards/<string:number>/replace")
@requires(Permission.TILL_SERVE)
def replace(number: str) -> ResponseReturnValue:
    """Give another card for this one; the points stay."""
    printed = normalise_digits(request.form.get("printed", "")).strip()
    try:
        with database().transaction() as db:
            old = _theirs(db, number)
            replace_card(
                db,
                number=number,
                reason=old.reason or CardReason.DAMAGED,
                by=printed or None,
                actor=current_staff().actor,
                now=utc_now(),
            )
    except LoyaltyError as refusal:
        return _page(printed=printed, refusal=refusal)
    return redirect_to("/till/card")


@blueprint.post("/cards/<string:number>/unblock")
@requires(Permission.TILL_CORRECT)
def unblock(number: str) -> ResponseReturnValue:
    """Let a card that turned up work again."""
    try:
        with database().transaction() as db:
            _theirs(db, number)
            card = unblock_card(
                db, number=number, actor=current_staff().actor, now=utc_now()
            )
    except LoyaltyError as refusal:
        return _page(refusal=refusal)
    flash(_("The card %(number)s works.", number=grouped(card.number)))
    return redirect_to("/till/cards")


def _give(db: Session, customer_id: CustomerID, printed: str) -> Card:
    actor, now = current_staff().actor, utc_now()
    if printed:
        return attach_card(
            db, customer_id=customer_id, number=printed, actor=actor, now=now
        )
    prefix = get_programme(db).card_prefix
    return issue_card(db, customer_id=customer_id, prefix=prefix, actor=actor, now=now)


def _theirs(db: Session, number: str) -> Card:
    card = get_card(db, number=number)
    if card.customer_id != current_counter().customer_id:
        message = _("This card is not of the member at the counter.")
        raise NotTheirCard(message)
    return card


def _page(
    *, printed: str = "", refusal: LoyaltyError | None = None
) -> ResponseReturnValue:
    customer_id = current_counter().customer_id
    if customer_id is None:
        return redirect_to("/till")
    with database().transaction() as db:
        member = member_of(db, customer_id=customer_id, store=here(db), now=utc_now())
        cards = list_cards(db, customer_id=customer_id)
    first = next((c for c in cards if c.state is CardState.ACTIVE), None) or next(
        (c for c in cards if c.state is CardState.BLOCKED), None
    )
    return render(
        "till/cards.html",
        status=_status(refusal),
        member=member,
        cards=[(card, grouped(card.number), *_words(card)) for card in cards],
        first=first,
        printed=printed,
        problem=_said(refusal) if refusal else None,
        may_unblock=may(
            current_staff(), Permission.TILL_CORRECT, store_id=work_store()
        ),
    )


def _words(card: Card) -> tuple[str, str]:
    reason = reason_words(card.reason) if card.reason else ""
    return state_words(card.state), reason


def _said(refusal: LoyaltyError) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(problem.message for problem in refusal.problems)
    return str(refusal)


def _status(refusal: LoyaltyError | None) -> HTTPStatus:
    if refusal is None:
        return HTTPStatus.OK
    return next(
        status for kind, status in STATUS_BY_KIND.items() if isinstance(refusal, kind)
    )
