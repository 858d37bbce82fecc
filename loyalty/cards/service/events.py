"""Noting what happens to a card: its own history, and the audit."""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.cards.models import CardEventRow, CardRow
from loyalty.cards.values import CardAction, CardReason
from loyalty.core import audit


def note(  # noqa: PLR0913  # the columns of an event
    session: Session,
    *,
    card: CardRow,
    action: CardAction,
    actor: str,
    now: datetime,
    reason: CardReason | None = None,
    text: str = "",
    before: audit.AuditValues | None = None,
) -> None:
    """Add what happened to the card's history and to the audit."""
    session.flush()
    session.add(
        CardEventRow(
            card_id=card.id,
            at=now,
            actor=actor,
            action=action,
            reason=reason,
            note=text,
        )
    )
    audit.record(
        session,
        now=now,
        actor=actor,
        action=f"card.{action.value}",
        subject=f"card:{card.id}",
        before=before,
        after={
            "customer": card.customer_id,
            "state": card.state.value,
            "reason": reason.value if reason else None,
        },
    )
    session.flush()
