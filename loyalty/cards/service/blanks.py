"""Cards that are printed before they belong to anybody."""

from datetime import datetime
from typing import Final

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from loyalty.cards import queries, rules
from loyalty.cards.models import BlankCardRow, CardBatchRow, CardRow
from loyalty.cards.queries import CardNotFound
from loyalty.cards.rules import grouped
from loyalty.cards.service.events import note
from loyalty.cards.service.numbers import unused_numbers
from loyalty.cards.values import Batch, Card, CardAction, CardState
from loyalty.core import audit
from loyalty.core.errors import Invalid, Refused
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import standing_record
from loyalty.customers.values import CustomerID

MOST_IN_BATCH: Final = 1_000
_LONGEST_LABEL: Final = 60


class CardTaken(Refused):
    """The card belongs to a customer already."""

    code = "card_taken"


def make_batch(
    session: Session, *, label: str, count: int, prefix: str, actor: str, now: datetime
) -> Batch:
    """
    Reserve numbers for cards to print; each can be given to one customer later.

    :raises Invalid: naming what is missing or too much
    """
    label = label.strip()
    if not 0 < len(label) <= _LONGEST_LABEL:
        message = _("Give the batch a name, up to %(n)s letters.", n=_LONGEST_LABEL)
        raise Invalid.field(pointer="/label", message=message, code="label_missing")
    if not 1 <= count <= MOST_IN_BATCH:
        message = _("A batch has 1 to %(n)s cards.", n=MOST_IN_BATCH)
        raise Invalid.field(pointer="/count", message=message, code="out_of_range")
    row = CardBatchRow(label=label, made_at=now, made_by=actor)
    session.add(row)
    session.flush()
    numbers = unused_numbers(session, prefix=prefix, count=count)
    session.execute(
        insert(BlankCardRow),
        [{"number": number, "batch_id": row.id} for number in numbers],
    )
    audit.record(
        session,
        now=now,
        actor=actor,
        action="card.batch",
        subject=f"card-batch:{row.id}",
        after={"label": label, "count": count},
    )
    return queries.get_batch(session, batch_id=row.id)


def attach_card(
    session: Session, *, customer_id: CustomerID, number: str, actor: str, now: datetime
) -> Card:
    """
    Give a printed card to a customer; of two tills at once one wins.

    :raises Invalid: if it is no card number
    :raises CardNotFound: if no such card was ever printed
    :raises CardTaken: if it belongs to somebody already
    """
    digits = rules.parse_card_number(number, pointer="/printed")
    free = (
        update(BlankCardRow)
        .where(BlankCardRow.number == digits, BlankCardRow.attached_at.is_(None))
        .values(attached_at=now)
        .returning(BlankCardRow.number)
    )
    if session.scalar(free) is None:
        if queries.find_card(session, number=digits) is not None:
            message = _(
                "The card %(number)s belongs to a member already: take another one.",
                number=grouped(digits),
            )
            raise CardTaken(message)
        message = _(
            "The card %(number)s is not one of ours that were printed.",
            number=grouped(digits),
        )
        raise CardNotFound(message)
    row = CardRow(
        customer_id=customer_id,
        number=digits,
        state=CardState.ACTIVE,
        issued_at=now,
        issued_by=actor,
    )
    session.add(row)
    note(session, card=row, action=CardAction.ATTACHED, actor=actor, now=now)
    standing = standing_record(session, customer_id=customer_id)
    return queries.to_value(row, standing)
