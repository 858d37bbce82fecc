"""Showing to staff what a customer saw of a message."""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.audit import record
from loyalty.delivery.queries.letters import read_letter
from loyalty.delivery.render import Letter
from loyalty.delivery.values import MessageID


def show_message(
    session: Session, *, message_id: MessageID, actor: str, now: datetime
) -> Letter:
    """
    Return a message's words with the customer's name, and note who looked.

    :raises MessageNotFound: if there is no such message
    """
    letter = read_letter(session, message_id=message_id, now=now)
    record(
        session,
        now=now,
        actor=actor,
        action="delivery.seen",
        subject=f"message:{message_id}",
    )
    return letter
