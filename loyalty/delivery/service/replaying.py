"""Sending again, by people, what did not go out."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.audit import record
from loyalty.core.errors import Refused
from loyalty.customers.values import Channel
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.messages import MessageNotFound
from loyalty.delivery.service.notes import Note, new_handover_key, note
from loyalty.delivery.values import (
    DeliveryPolicy,
    MessageID,
    MessageKind,
    MessageState,
    Reason,
)

_DID_NOT_GO = frozenset(
    {MessageState.FAILED, MessageState.SUPPRESSED, MessageState.EXPIRED}
)


class NotReplayable(Refused):
    """The message went out, may have, is still to come, or has lost its point."""

    code = "not_replayable"


def may_replay(
    *,
    state: MessageState,
    kind: MessageKind,
    not_after: datetime | None,
    now: datetime,
) -> bool:
    """
    Test whether a message may be planned once more.

    What may have arrived goes again only if it is a service message: a code twice
    is better than none, an offer twice is not.
    """
    if not_after is not None and now >= not_after:
        return False
    in_doubt = state is MessageState.UNKNOWN and kind is MessageKind.SERVICE
    return in_doubt or state in _DID_NOT_GO


def replay(
    session: Session, *, message_id: MessageID, actor: str, now: datetime
) -> None:
    """
    Plan a message that did not go out once more, due now.

    The last look before sending chooses its channel and its hour anew, so nothing
    leaves that may not: whoever agreed to nothing still gets nothing.

    :raises MessageNotFound: if there is none
    :raises NotReplayable: if it may not go again
    """
    row = session.scalars(
        select(MessageRow).where(MessageRow.id == message_id).with_for_update()
    ).one_or_none()
    if row is None:
        message = f"There is no message {message_id}."
        raise MessageNotFound(message)
    if not may_replay(state=row.state, kind=row.kind, not_after=row.not_after, now=now):
        message = "This message went out, is still to come, or has lost its point."
        raise NotReplayable(message)
    before = row.state
    row.state = MessageState.PLANNED
    row.channel = row.channel or Channel.INBOX
    row.due_at = now
    row.late_at = now + DeliveryPolicy().max_lateness[row.kind]
    row.attempts = 0
    row.fence += 1
    row.handover_key = new_handover_key(now)
    row.reason = row.failure = row.finished_at = row.lease_until = None
    row.tried = row.fall_back_at = row.ask_at = None
    row.provider = row.provider_ref = row.parts = row.cost = None
    session.flush()
    planned = Note(
        message_id=row.id,
        customer_id=row.customer_id,
        state=row.state,
        reason=Reason.REPLAYED,
        details={"actor": actor, "before": before.value},
    )
    note(session, [planned], now=now)
    record(
        session,
        now=now,
        actor=actor,
        action="delivery.replay",
        subject=f"message:{message_id}",
    )
