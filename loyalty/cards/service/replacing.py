"""Replacing a card: another number for the same customer, and nothing moves."""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.cards import queries
from loyalty.cards.models import CardRow
from loyalty.cards.service.blanks import attach_card
from loyalty.cards.service.issuing import issue_card
from loyalty.cards.service.states import WORKING, change, locked_card
from loyalty.cards.values import Card, CardReason, CardState
from loyalty.stores.queries import get_programme


def replace_card(  # noqa: PLR0913  # one card for another, why, by whom and when
    session: Session,
    *,
    number: str,
    reason: CardReason,
    actor: str,
    now: datetime,
    by: str | None = None,
    text: str = "",
) -> Card:
    """
    Give a new card for one that was lost, stolen or damaged; return the new one.

    It belongs to the same record and is the main card if the old one was. The points
    belong to the customer, so that nothing moves.

    :param by: the number of a printed card to give out, else a new number is drawn
    :raises Invalid: if one is no card number, or the note is too long
    :raises CardNotFound: if no card has the number
    :raises CardStateWrong: if the card was replaced or closed before
    :raises CardTaken: if the printed card belongs to somebody already
    """
    old = locked_card(session, number=number, among=WORKING)
    if by is None:
        new = issue_card(
            session,
            customer_id=old.customer_id,
            prefix=get_programme(session).card_prefix,
            actor=actor,
            now=now,
        )
    else:
        new = attach_card(
            session, customer_id=old.customer_id, number=by, actor=actor, now=now
        )
    if old.main:
        old.main = False
        session.flush()
        session.get_one(CardRow, new.id).main = True
    old.replaced_by = new.number
    change(
        session,
        old,
        to=CardState.REPLACED,
        why=(reason, text),
        actor=actor,
        now=now,
    )
    return queries.get_card(session, number=new.number)
