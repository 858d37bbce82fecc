"""Reading cards."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.cards import rules
from loyalty.cards.models import CardRow
from loyalty.cards.values import Card, CardState
from loyalty.core.errors import NotFound, Refused
from loyalty.customers.values import CustomerID


class CardNotFound(NotFound):
    """No card has this number."""

    code = "card_not_found"


class CardNotActive(Refused):
    """The card is blocked, replaced or closed."""

    code = "card_not_active"


def get_active_card(session: Session, *, number: str) -> Card:
    """
    Return the card with this number, which may be grouped with spaces.

    :raises Invalid: if it is no card number
    :raises CardNotFound: if no card has it
    :raises CardNotActive: if the card does not work any more
    """
    digits = rules.parse_card_number(number)
    row = session.scalar(select(CardRow).where(CardRow.number == digits))
    if row is None:
        message = f"No card has the number {rules.grouped(digits)}."
        raise CardNotFound(message)
    if row.state is not CardState.ACTIVE:
        message = f"The card {rules.grouped(digits)} is {row.state.value}."
        raise CardNotActive(message)
    return to_value(row)


def find_card(session: Session, *, number: str) -> Card | None:
    """
    Return the card with this number in whatever state, or None.

    :raises Invalid: if it is no card number
    """
    digits = rules.parse_card_number(number)
    row = session.scalar(select(CardRow).where(CardRow.number == digits))
    return to_value(row) if row else None


def list_cards(session: Session, *, customer_id: CustomerID) -> tuple[Card, ...]:
    """Return the customer's cards, the newest first."""
    rows = session.scalars(
        select(CardRow)
        .where(CardRow.customer_id == customer_id)
        .order_by(CardRow.id.desc())
    )
    return tuple(to_value(row) for row in rows)


def to_value(row: CardRow) -> Card:
    """Turn a row into what the rest of the service sees."""
    return Card(
        id=row.id,
        number=row.number,
        customer_id=row.customer_id,
        state=row.state,
        issued_at=row.issued_at,
    )
