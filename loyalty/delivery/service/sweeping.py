"""Clearing up after workers that died."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from loyalty.customers.values import Channel
from loyalty.delivery.models import MessageRow
from loyalty.delivery.rules.sending import ASK_AFTER, state_after_crash
from loyalty.delivery.service.notes import Note, note, refund
from loyalty.delivery.values import MessageState, Reason

_AT_ONCE = 1000


def expire_leases(
    session: Session,
    *,
    now: datetime,
    machine_now: datetime,
    askable: Collection[Channel] = (),
) -> Mapping[MessageState, int]:
    """
    Take messages from workers whose lease has ended, and count what they became.

    A claimed one is planned again. One in ``sending`` becomes unknown: its provider is
    asked about it where that is possible, else what may be sent twice goes again.

    :param askable: channels whose providers can be asked
    """
    rows = session.scalars(
        select(MessageRow)
        # As in the index, so that a prepared plan knows that it will do.
        .where(text("state in ('claimed', 'sending')"))
        .where(MessageRow.lease_until < machine_now)
        .order_by(MessageRow.lease_until)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    counts: defaultdict[MessageState, int] = defaultdict(int)
    notes, held = [], []
    for row in rows:
        channel = row.channel
        if channel is None:  # a message without one is refused when it is planned
            continue
        if row.state is MessageState.SENDING and channel in askable:
            row.state = MessageState.UNKNOWN
            row.ask_at = now + ASK_AFTER
        else:
            row.state = state_after_crash(row.state, row.kind, channel)
        row.lease_until = None
        if row.state is MessageState.UNKNOWN:
            row.finished_at = now
        elif row.reserved_week is not None:
            held.append((row.customer_id, row.reserved_week))
            row.reserved_week = None
        counts[row.state] += 1
        notes.append(
            Note(
                message_id=row.id,
                customer_id=row.customer_id,
                state=row.state,
                reason=Reason.LEASE_ENDED,
            )
        )
    session.flush()
    refund(session, held)
    note(session, notes, now=now)
    return dict(counts)
