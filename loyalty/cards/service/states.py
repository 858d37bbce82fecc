"""Blocking, unblocking and closing a card, and choosing the main one."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.cards import queries, render
from loyalty.cards.models import CardRow
from loyalty.cards.queries import CardNotFound
from loyalty.cards.rules import grouped
from loyalty.cards.service.events import note
from loyalty.cards.values import (
    BLOCK_REASONS,
    Card,
    CardAction,
    CardReason,
    CardState,
)
from loyalty.core.errors import Invalid, Refused
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import records_of, standing_record
from loyalty.stores.queries import get_programme

WORKING: Final = frozenset({CardState.ACTIVE, CardState.BLOCKED})
"""What a card may still become something else from."""

_LONGEST_NOTE: Final = 200


class CardStateWrong(Refused):
    """The card is in a state in which this can't be done."""

    code = "card_state_wrong"


def block_card(
    session: Session,
    *,
    number: str,
    reason: CardReason,
    actor: str,
    now: datetime,
    text: str = "",
) -> Card:
    """
    Stop a card that was lost or stolen, at every till from the commit on.

    :raises Invalid: if it is no card number, no such reason, or the note is too long
    :raises CardNotFound: if no card has the number
    :raises CardStateWrong: if the card does not work anyway
    """
    if reason not in BLOCK_REASONS:
        message = _("A card is blocked because it was lost or stolen.")
        raise Invalid.field(pointer="/reason", message=message, code="unknown")
    row = locked_card(session, number=number, among={CardState.ACTIVE})
    return change(
        session, row, to=CardState.BLOCKED, why=(reason, text), actor=actor, now=now
    )


def unblock_card(
    session: Session, *, number: str, actor: str, now: datetime, text: str = ""
) -> Card:
    """
    Let a blocked card that turned up work again.

    :raises Invalid: if it is no card number, or the note is too long
    :raises CardNotFound: if no card has the number
    :raises CardStateWrong: if the card is not blocked
    """
    row = locked_card(session, number=number, among={CardState.BLOCKED})
    return change(
        session, row, to=CardState.ACTIVE, why=(None, text), actor=actor, now=now
    )


def close_card(
    session: Session,
    *,
    number: str,
    actor: str,
    now: datetime,
    reason: CardReason = CardReason.UNWANTED,
    text: str = "",
) -> Card:
    """
    End a card for good; the customer's points stay.

    :raises Invalid: if it is no card number, or the note is too long
    :raises CardNotFound: if no card has the number
    :raises CardStateWrong: if the card was replaced or closed before
    """
    row = locked_card(session, number=number, among=WORKING)
    return change(
        session, row, to=CardState.CLOSED, why=(reason, text), actor=actor, now=now
    )


def make_main(session: Session, *, number: str, actor: str, now: datetime) -> Card:
    """
    Make a card the one that the customer's pages show first.

    :raises Invalid: if it is no card number
    :raises CardNotFound: if no card has the number
    :raises CardStateWrong: if the card does not work
    """
    row = locked_card(session, number=number, among={CardState.ACTIVE})
    standing = standing_record(session, customer_id=row.customer_id)
    records = records_of(session, customer_id=standing)
    session.execute(
        update(CardRow)
        .where(CardRow.customer_id.in_(records), CardRow.main, CardRow.id != row.id)
        .values(main=False)
    )
    if not row.main:
        row.main = True
        note(session, card=row, action=CardAction.MADE_MAIN, actor=actor, now=now)
    return queries.to_value(row, standing)


def locked_card(
    session: Session, *, number: str, among: Collection[CardState]
) -> CardRow:
    """
    Return the card's row, locked, if it is in one of these states.

    :raises Invalid: if it is no card number
    :raises CardNotFound: if no card has the number
    :raises CardStateWrong: saying in which state it is
    """
    card = queries.get_card(session, number=number)
    row = session.scalar(
        select(CardRow)
        .where(CardRow.id == card.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        message = _("No card has the number %(number)s.", number=grouped(card.number))
        raise CardNotFound(message)
    if row.state in among:
        return row
    if row.state is CardState.ACTIVE:
        message = _("The card %(number)s is not blocked.", number=grouped(card.number))
        raise CardStateWrong(message)
    zone = get_programme(session).time_zone
    standing = queries.to_value(row, row.customer_id)
    raise CardStateWrong(render.why_it_does_not_work(standing, zone=zone))


def change(  # a state, why, by whom and when
    session: Session,
    row: CardRow,
    *,
    to: CardState,
    why: tuple[CardReason | None, str],
    actor: str,
    now: datetime,
) -> Card:
    """
    Give a card another state and note it.

    :raises Invalid: if the note is too long
    """
    reason, text = why
    if len(text) > _LONGEST_NOTE:
        message = _("A note has at most %(n)s characters.", n=_LONGEST_NOTE)
        raise Invalid.field(pointer="/note", message=message, code="too_long")
    before = row.state
    row.state = to
    row.reason = reason
    row.changed_at = now
    note(
        session,
        card=row,
        action=_ACTION[to],
        reason=reason,
        text=text.strip(),
        actor=actor,
        now=now,
        before={"state": before.value},
    )
    standing = standing_record(session, customer_id=row.customer_id)
    return queries.to_value(row, standing)


_ACTION: Final = {
    CardState.ACTIVE: CardAction.UNBLOCKED,
    CardState.BLOCKED: CardAction.BLOCKED,
    CardState.REPLACED: CardAction.REPLACED,
    CardState.CLOSED: CardAction.CLOSED,
}
