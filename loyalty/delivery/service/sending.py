"""From claimed to sent: what came of each hand-over.

Every change asks for the claim's fence, so that a worker whose lease was taken over
changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, tuple_, update
from sqlalchemy.orm import Session

from loyalty.core.vault import vault_of
from loyalty.customers.models import ContactRow
from loyalty.customers.values import CHANNEL_CONTACT, CustomerID
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.pauses import paused
from loyalty.delivery.rules.sending import next_try, state_after_crash
from loyalty.delivery.service.claiming import LEASE
from loyalty.delivery.service.notes import Note, note, refund
from loyalty.delivery.values import (
    Claimed,
    Details,
    MessageID,
    MessageState,
    Reason,
)

_LONGEST_ANSWER = 300


_FIELDS = (
    MessageRow.id,
    MessageRow.customer_id,
    MessageRow.attempts,
    MessageRow.reserved_week,
)
_Changed = Row[MessageID, CustomerID, int, date | None]


def mark_sending(
    session: Session,
    *,
    claims: Sequence[Claimed],
    now: datetime,
    machine_now: datetime,
) -> tuple[Claimed, ...]:
    """
    Write down that these are about to be handed over; return those that may be.

    Left out are claims that were taken over and messages paused in the meantime. The
    caller commits before it calls the provider.
    """
    rows = _change(
        session,
        claims,
        MessageRow.state == MessageState.CLAIMED,
        ~paused(),
        values={
            "state": MessageState.SENDING,
            "attempts": MessageRow.attempts + 1,
            "lease_until": machine_now + LEASE,
        },
    )
    _note_all(session, rows, MessageState.SENDING, now=now)
    allowed = {row.id for row in rows}
    return tuple(claim for claim in claims if claim.id in allowed)


def mark_sent(
    session: Session, *, claims: Sequence[Claimed], provider: str, now: datetime
) -> None:
    """Note that the provider has accepted these."""
    # A slow hand-over may have been given up as unknown; now it is known.
    rows = _change(
        session,
        claims,
        MessageRow.state.in_(
            (MessageState.SENDING, MessageState.UNKNOWN, MessageState.PLANNED)
        ),
        values={
            "state": MessageState.SENT,
            "finished_at": now,
            "lease_until": None,
            "reason": None,
        },
    )
    _note_all(session, rows, MessageState.SENT, now=now, details={"provider": provider})


def mark_unknown(
    session: Session, *, claim: Claimed, answer: str, now: datetime
) -> None:
    """Note that the connection broke when the message might have been accepted."""
    after = state_after_crash(MessageState.SENDING, claim.kind, claim.channel)
    if after is not MessageState.UNKNOWN:
        postpone(session, claim=claim, answer=answer, now=now)
        return
    rows = _change(
        session,
        [claim],
        MessageRow.state == MessageState.SENDING,
        values={
            "state": MessageState.UNKNOWN,
            "finished_at": now,
            "lease_until": None,
            "failure": answer[:_LONGEST_ANSWER],
        },
    )
    _note_all(session, rows, MessageState.UNKNOWN, now=now)


def release(session: Session, *, claims: Sequence[Claimed], now: datetime) -> None:
    """Put back what was claimed and never handed over; it stays due."""
    rows = _change(
        session,
        claims,
        MessageRow.state.in_((MessageState.CLAIMED, MessageState.SENDING)),
        values={"state": MessageState.PLANNED, "lease_until": None},
    )
    _give_back(session, rows)
    _note_all(session, rows, MessageState.PLANNED, now=now)


def postpone(session: Session, *, claim: Claimed, answer: str, now: datetime) -> None:
    """
    Plan another try after a temporary failure, or give up after the last one.

    :param answer: what the provider said, without the address
    """
    rows = _change(
        session,
        [claim],
        MessageRow.state == MessageState.SENDING,
        values={"failure": answer[:_LONGEST_ANSWER], "lease_until": None},
    )
    for row in rows:
        again = next_try(message_id=row.id, attempts=row.attempts, now=now)
        if again is None or (claim.not_after is not None and again >= claim.not_after):
            state, reason = MessageState.FAILED, Reason.GAVE_UP
            after: dict[str, object] = {
                "state": state,
                "reason": reason,
                "finished_at": now,
            }
        else:
            state, reason = MessageState.PLANNED, Reason.TEMPORARY
            after = {"state": state, "due_at": again}
        sending = MessageRow.state == MessageState.SENDING
        _change(session, [claim], sending, values=after)
        details: Details = {"answer": answer[:_LONGEST_ANSWER]}
        _note_all(session, [row], state, now=now, reason=reason, details=details)
    _give_back(session, rows)


def mark_failed(
    session: Session,
    *,
    claim: Claimed,
    answer: str,
    bad_address: str | None,
    now: datetime,
) -> None:
    """
    End a message that the provider refused for good.

    :param answer: what the provider said, without the address
    :param bad_address: an address where nothing can arrive: never used again
    """
    rows = _change(
        session,
        [claim],
        MessageRow.state == MessageState.SENDING,
        values={
            "state": MessageState.FAILED,
            "reason": Reason.PERMANENT,
            "failure": answer[:_LONGEST_ANSWER],
            "finished_at": now,
            "lease_until": None,
        },
    )
    _note_all(
        session,
        rows,
        MessageState.FAILED,
        now=now,
        reason=Reason.PERMANENT,
        details={"answer": answer[:_LONGEST_ANSWER]},
    )
    _give_back(session, rows)
    kind = CHANNEL_CONTACT[claim.channel]
    if rows and bad_address is not None and kind is not None:
        lookup = vault_of(session).blind_index(kind, bad_address)
        session.execute(
            update(ContactRow)
            .where(ContactRow.lookup == lookup, ContactRow.suppressed_at.is_(None))
            .values(suppressed_at=now, suppressed_why="refused by the provider")
            .execution_options(synchronize_session=False)
        )


def _change(
    session: Session,
    claims: Sequence[Claimed],
    *conditions: ColumnElement[bool],
    values: Mapping[str, object],
) -> Sequence[_Changed]:
    """Change the rows that are still these claims and meet the conditions."""
    keys = [(claim.id, claim.fence) for claim in claims]
    if not keys:
        return ()
    return session.execute(
        update(MessageRow)
        .where(tuple_(MessageRow.id, MessageRow.fence).in_(keys), *conditions)
        .values(values)
        .returning(*_FIELDS)
        .execution_options(synchronize_session=False)
    ).all()


def _give_back(session: Session, rows: Sequence[_Changed]) -> None:
    """Return the places under the weekly cap that the messages held."""
    held = [row for row in rows if row.reserved_week is not None]
    if not held:
        return
    refund(
        session,
        [(row.customer_id, row.reserved_week) for row in held if row.reserved_week],
    )
    session.execute(
        update(MessageRow)
        .where(MessageRow.id.in_([row.id for row in held]))
        .values(reserved_week=None)
        .execution_options(synchronize_session=False)
    )


def _note_all(
    session: Session,
    rows: Sequence[_Changed],
    state: MessageState,
    *,
    now: datetime,
    reason: Reason | None = None,
    details: Details | None = None,
) -> None:
    notes = [
        Note(
            message_id=row.id,
            customer_id=row.customer_id,
            state=state,
            reason=reason,
            details=details or {},
        )
        for row in rows
    ]
    note(session, notes, now=now)
