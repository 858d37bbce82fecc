"""Taking due messages for a while."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    any_,
    bindparam,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.pauses import not_paused, paused_scopes
from loyalty.delivery.values import Claimed, MessageState

LEASE: Final = timedelta(seconds=60)
"""How long a worker may hold a message before somebody else takes it."""

SHARDS: Final = 4
"""Into how many parts customers fall, so that workers need not meet."""

_FIELDS = (
    MessageRow.id,
    MessageRow.customer_id,
    MessageRow.kind,
    MessageRow.channel,
    MessageRow.template,
    MessageRow.parameters,
    MessageRow.language,
    MessageRow.offer_id,
    MessageRow.campaign_id,
    MessageRow.variant,
    MessageRow.due_at,
    MessageRow.not_after,
    MessageRow.late_at,
    MessageRow.tried,
    MessageRow.fence,
    MessageRow.attempts,
    MessageRow.handover_key,
)


def numbers(values: Sequence[int]) -> BindParameter[Sequence[int]]:
    """Return one array for the statement, whose text is then always the same."""
    return bindparam(None, values, type_=ARRAY(BigInteger), unique=True)


def these(claims: Sequence[Claimed]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for the rows of these claims, in their months alone."""
    moments = [claim.due_at for claim in claims]
    return (
        MessageRow.id == any_(numbers([claim.id for claim in claims])),
        MessageRow.due_at.between(min(moments), max(moments)),
    )


def claim_due(  # noqa: PLR0913  # a worker, what it takes, and two clocks
    session: Session,
    *,
    channel: str,
    at_most: int,
    worker: str,
    now: datetime,
    machine_now: datetime,
    shard: int | None = None,
) -> tuple[Claimed, ...]:
    """
    Take due messages of a channel, the longest due first, for one lease.

    Service messages go before all others: a code does not wait behind a campaign.
    Rows that another worker is taking are passed over, not waited for.

    :param shard: take only messages to customers of this part, from 0 to
        ``SHARDS - 1``; None takes anybody's
    :raises OperationalError: if a message became due in another month while it was
        being taken; another try does no harm
    """
    scopes = paused_scopes(session)
    if scopes & {"all", f"channel:{channel}"}:
        return ()
    due = [
        # Written out, so that a prepared plan knows the partial index will do.
        MessageRow.state == literal_column("'planned'"),
        MessageRow.channel == channel,
        MessageRow.due_at <= now,
        *not_paused(scopes),
    ]
    if shard is not None:
        due.append(MessageRow.customer_id % SHARDS == shard)
    held = {
        "state": MessageState.CLAIMED,
        "fence": MessageRow.fence + 1,
        "worker": worker,
        "lease_until": machine_now + LEASE,
    }
    service = MessageRow.kind == literal_column("'service'")
    claims = _take(session, [*due, service], held, at_most=at_most)
    if len(claims) < at_most:
        claims += _take(session, due, held, at_most=at_most - len(claims))
    return tuple(claims)


def _take(
    session: Session,
    due: Sequence[ColumnElement[bool]],
    held: Mapping[str, object],
    *,
    at_most: int,
) -> list[Claimed]:
    taken = (
        select(MessageRow.id, MessageRow.due_at)
        .where(*due)
        .order_by(MessageRow.due_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    rows = session.execute(
        update(MessageRow)
        .where(MessageRow.id == taken.c.id, MessageRow.due_at == taken.c.due_at)
        .values(held)
        .returning(*_FIELDS)
        .execution_options(synchronize_session=False)
    )
    claims = [Claimed(**row._mapping) for row in rows]  # noqa: SLF001  # its public way
    return sorted(claims, key=lambda claim: claim.id)
