"""Clearing up after workers that died."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.delivery.models import MessageRow
from loyalty.delivery.rules.sending import state_after_crash
from loyalty.delivery.service.notes import Note, note, refund
from loyalty.delivery.values import MessageState, Reason

_HELD = (MessageState.CLAIMED, MessageState.SENDING)
_AT_ONCE = 1000


def expire_leases(
    session: Session, *, now: datetime, machine_now: datetime
) -> Mapping[MessageState, int]:
    """
    Take messages from workers whose lease has ended, and count what they became.

    A claimed one is planned again. One in ``sending`` becomes unknown, unless it is
    of a kind that may be sent twice.
    """
    rows = session.scalars(
        select(MessageRow)
        .where(MessageRow.state.in_(_HELD), MessageRow.lease_until < machine_now)
        .order_by(MessageRow.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    counts: defaultdict[MessageState, int] = defaultdict(int)
    notes, held = [], []
    for row in rows:
        channel = row.channel
        if channel is None:  # a message without one is refused when it is planned
            continue
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
