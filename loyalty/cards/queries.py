"""Reading cards."""

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from loyalty.cards import render, rules
from loyalty.cards.models import BlankCardRow, CardBatchRow, CardEventRow, CardRow
from loyalty.cards.values import Batch, BatchID, Card, CardEvent, CardState
from loyalty.core.errors import NotFound, Refused
from loyalty.core.texts import gettext as _
from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import STANDING
from loyalty.customers.values import CustomerID
from loyalty.stores.queries import get_programme


class CardNotFound(NotFound):
    """No card has this number."""

    code = "card_not_found"


class CardNotActive(Refused):
    """The card is blocked, replaced or closed."""

    code = "card_not_active"


class BatchNotFound(NotFound):
    """There is no such batch of cards."""

    code = "card_batch_not_found"


def get_active_card(session: Session, *, number: str) -> Card:
    """
    Return the card with this number, which may be grouped with spaces.

    It is read from the database at every call: a block counts at every till from the
    moment it is committed.

    :raises Invalid: if it is no card number
    :raises CardNotFound: if no card has it
    :raises CardNotActive: if the card does not work any more
    """
    card = get_card(session, number=number)
    if card.state is not CardState.ACTIVE:
        zone = get_programme(session).time_zone
        raise CardNotActive(render.why_it_does_not_work(card, zone=zone))
    return card


def get_card(session: Session, *, number: str) -> Card:
    """
    Return the card with this number in whatever state.

    :raises Invalid: if it is no card number
    :raises CardNotFound: if no card has it
    """
    card = find_card(session, number=number)
    if card is not None:
        return card
    digits = rules.parse_card_number(number)
    shown = rules.grouped(digits)
    if session.get(BlankCardRow, digits) is not None:
        message = _(
            "The card %(number)s belongs to nobody yet: enrol the customer and attach "
            "it, or attach it to a member.",
            number=shown,
        )
        raise CardNotFound(message)
    raise CardNotFound(_("No card has the number %(number)s.", number=shown))


def find_card(session: Session, *, number: str) -> Card | None:
    """
    Return the card with this number in whatever state, or None.

    :raises Invalid: if it is no card number
    """
    digits = rules.parse_card_number(number)
    found = session.execute(_cards().where(CardRow.number == digits)).one_or_none()
    return None if found is None else to_value(*found)


def list_cards(session: Session, *, customer_id: CustomerID) -> tuple[Card, ...]:
    """
    Return the customer's cards: those that work first, among them the main one.

    Otherwise the newest first. Cards of records that were merged into this one are
    among them.
    """
    found = session.execute(
        _cards().where((CardRow.customer_id == customer_id) | (customer_id == STANDING))
    ).all()

    def place(one: Row[CardRow, int]) -> tuple[bool, bool, bool, int]:
        row = one[0]
        works = row.state is CardState.ACTIVE
        own = row.main and row.customer_id == customer_id
        return (not works, not own, not row.main, -row.id)

    return tuple(to_value(*one) for one in sorted(found, key=place))


def main_card(session: Session, *, customer_id: CustomerID) -> Card | None:
    """Return the card to show first, or None if none works."""
    cards = list_cards(session, customer_id=customer_id)
    return next((card for card in cards if card.state is CardState.ACTIVE), None)


def list_card_events(
    session: Session, *, customer_id: CustomerID
) -> tuple[CardEvent, ...]:
    """Return everything that happened to the customer's cards, the latest first."""
    rows = session.execute(
        select(CardEventRow, CardRow.number)
        .join(CardRow, CardRow.id == CardEventRow.card_id)
        .join(CustomerRow, CustomerRow.id == CardRow.customer_id)
        .where((CardRow.customer_id == customer_id) | (customer_id == STANDING))
        .order_by(CardEventRow.id.desc())
    )
    return tuple(
        CardEvent(
            card=number,
            at=row.at,
            actor=row.actor,
            action=row.action,
            reason=row.reason,
            note=row.note,
        )
        for row, number in rows
    )


def list_batches(session: Session) -> tuple[Batch, ...]:
    """Return the batches of cards that were made for printing, the latest first."""
    rows = session.execute(_batches().order_by(CardBatchRow.id.desc()))
    return tuple(_batch(row, *counts) for row, *counts in rows)


def get_batch(session: Session, *, batch_id: BatchID) -> Batch:
    """
    Return one batch of cards.

    :raises BatchNotFound: if there is none
    """
    found = session.execute(_batches().where(CardBatchRow.id == batch_id)).one_or_none()
    if found is None:
        raise BatchNotFound(_("There is no such batch of cards."))
    return _batch(*found)


def blank_numbers(session: Session, *, batch_id: BatchID) -> tuple[str, ...]:
    """Return the numbers of a batch that belong to nobody yet, in order."""
    return tuple(
        session.scalars(
            select(BlankCardRow.number)
            .where(
                BlankCardRow.batch_id == batch_id, BlankCardRow.attached_at.is_(None)
            )
            .order_by(BlankCardRow.number)
        )
    )


def to_value(row: CardRow, standing: int) -> Card:
    """Turn a row, and the record that stands for its holder, into a card."""
    return Card(
        id=row.id,
        number=row.number,
        customer_id=CustomerID(standing),
        state=row.state,
        issued_at=row.issued_at,
        main=row.main,
        reason=row.reason,
        changed_at=row.changed_at,
        replaced_by=row.replaced_by,
    )


def _cards() -> Select[CardRow, int]:
    return select(CardRow, STANDING).join(
        CustomerRow, CustomerRow.id == CardRow.customer_id
    )


def _batches() -> Select[CardBatchRow, int, int]:
    return (
        select(
            CardBatchRow,
            func.count(BlankCardRow.number),
            func.count(BlankCardRow.attached_at),
        )
        .outerjoin(BlankCardRow, BlankCardRow.batch_id == CardBatchRow.id)
        .group_by(CardBatchRow.id)
    )


def _batch(row: CardBatchRow, count: int, attached: int) -> Batch:
    return Batch(
        id=row.id,
        label=row.label,
        made_at=row.made_at,
        made_by=row.made_by,
        count=count,
        attached=attached,
    )
