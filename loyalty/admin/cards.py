"""Cards of a customer: giving, blocking, replacing and closing them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import flash
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import actor, blueprint, field
from loyalty.cards.queries import list_card_events, list_cards
from loyalty.cards.render import action_words, reason_words, state_words
from loyalty.cards.rules import grouped
from loyalty.cards.service import (
    attach_card,
    block_card,
    close_card,
    issue_card,
    make_main,
    replace_card,
    unblock_card,
)
from loyalty.cards.values import Card, CardEvent, CardReason, CardState
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import get_row, standing_record
from loyalty.customers.values import CustomerID
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to


@dataclass(frozen=True, kw_only=True, slots=True)
class CardLine:
    """A card as the customer's page shows it."""

    number: str
    shown: str
    state: str
    works: bool
    blocked: bool
    main: bool
    reason: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EventLine:
    """One thing that happened to a card."""

    event: CardEvent
    words: str
    ending: str


@blueprint.post("/customers/<int:customer_id>/cards")
@requires(Permission.CUSTOMERS_WRITE)
def give_card(customer_id: int) -> ResponseReturnValue:
    """Give one more card: a new number, or one that was printed ahead."""
    printed = field("printed").strip()
    try:
        with database().transaction() as session:
            get_row(session, customer_id=CustomerID(customer_id))
            holder = standing_record(session, customer_id=CustomerID(customer_id))
            card = _give(session, holder, printed)
    except LoyaltyError as refusal:
        flash(_said(refusal), "bad")
    else:
        flash(_("The card %(number)s works.", number=grouped(card.number)))
    return redirect_to(f"/admin/customers/{customer_id}")


@blueprint.post("/customers/<int:customer_id>/cards/<string:number>/<string:action>")
@requires(Permission.CUSTOMERS_WRITE)
def change_card(customer_id: int, number: str, action: str) -> ResponseReturnValue:
    """Do to a card what the button says."""
    change = _CHANGES.get(action)
    if change is None:
        flash(_("A card can't do that."), "bad")
        return redirect_to(f"/admin/customers/{customer_id}")
    try:
        with database().transaction() as session:
            card = change(session, number)
    except LoyaltyError as refusal:
        flash(_said(refusal), "bad")
    else:
        number = grouped(card.number)
        state = state_words(card.state)
        flash(_("The card %(number)s: %(state)s.", number=number, state=state))
    return redirect_to(f"/admin/customers/{customer_id}")


def card_lines(session: Session, *, customer_id: CustomerID) -> list[CardLine]:
    """Return the customer's cards, those that work first."""
    return [
        CardLine(
            number=card.number,
            shown=grouped(card.number),
            state=state_words(card.state),
            works=card.state is CardState.ACTIVE,
            blocked=card.state is CardState.BLOCKED,
            main=card.main,
            reason=reason_words(card.reason) if card.reason else None,
        )
        for card in list_cards(session, customer_id=customer_id)
    ]


def card_events(session: Session, *, customer_id: CustomerID) -> list[EventLine]:
    """Return what happened to the customer's cards, the latest first."""
    return [
        EventLine(event=event, words=action_words(event), ending=event.card[-4:])
        for event in list_card_events(session, customer_id=customer_id)
    ]


def _give(session: Session, holder: CustomerID, printed: str) -> Card:
    if printed:
        return attach_card(
            session, customer_id=holder, number=printed, actor=actor(), now=utc_now()
        )
    return issue_card(
        session,
        customer_id=holder,
        prefix=get_programme(session).card_prefix,
        actor=actor(),
        now=utc_now(),
    )


def _block(reason: CardReason) -> Callable[[Session, str], Card]:
    return lambda session, number: block_card(
        session, number=number, reason=reason, actor=actor(), now=utc_now()
    )


def _unblock(session: Session, number: str) -> Card:
    return unblock_card(session, number=number, actor=actor(), now=utc_now())


def _replace(session: Session, number: str) -> Card:
    return replace_card(
        session,
        number=number,
        reason=CardReason.DAMAGED,
        actor=actor(),
        now=utc_now(),
    )


def _close(session: Session, number: str) -> Card:
    return close_card(session, number=number, actor=actor(), now=utc_now())


def _main(session: Session, number: str) -> Card:
    return make_main(session, number=number, actor=actor(), now=utc_now())


def _said(refusal: LoyaltyError) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(problem.message for problem in refusal.problems)
    return str(refusal)


_CHANGES: Final[Mapping[str, Callable[[Session, str], Card]]] = {
    "lost": _block(CardReason.LOST),
    "stolen": _block(CardReason.STOLEN),
    "unblock": _unblock,
    "replace": _replace,
    "close": _close,
    "main": _main,
}
