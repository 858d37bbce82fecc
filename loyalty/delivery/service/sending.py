"""From claimed to sent: what came of each hand-over.

Every change asks for the claim's fence, so that a worker whose lease was taken over
changes nothing, and says when the messages were due, so that only their months are
looked into. A group costs one statement, which also notes what happened: it is run for
every twenty messages.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    SmallInteger,
    String,
    TableValuedAlias,
    bindparam,
    case,
    column,
    func,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from loyalty.core.database import UTCDateTime
from loyalty.core.vault import vault_of
from loyalty.customers.models import ContactRow
from loyalty.customers.values import CHANNEL_CONTACT
from loyalty.delivery.models import MessageEventRow, MessageRow
from loyalty.delivery.queries.pauses import not_paused, paused_scopes
from loyalty.delivery.service.claiming import LEASE, these
from loyalty.delivery.service.notes import refund
from loyalty.delivery.values import (
    Claimed,
    MessageID,
    MessageState,
    NotSent,
    Reason,
    Receipt,
    ReceiptEvent,
)

_LONGEST_ANSWER: Final = 300
_IN_DOUBT = (MessageState.SENDING, MessageState.UNKNOWN, MessageState.PLANNED)
"""A slow hand-over may have been given up as unknown; now it is known."""

_FAR_ON = (MessageState.DELIVERED, MessageState.BOUNCED, MessageState.COMPLAINED)


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
    scopes = paused_scopes(session)
    open_claims = [
        claim
        for claim in claims
        if not scopes & {"all", f"channel:{claim.channel.value}"}
    ]
    allowed = _change(
        session,
        open_claims,
        _keys(open_claims),
        MessageRow.state == MessageState.CLAIMED,
        *not_paused(scopes),
        values={
            "state": MessageState.SENDING,
            "attempts": MessageRow.attempts + 1,
            "lease_until": machine_now + LEASE,
        },
        now=now,
    )
    return tuple(claim for claim in claims if claim.id in allowed)


def mark_sent(
    session: Session,
    *,
    handed: Sequence[tuple[Claimed, Receipt]],
    provider: str,
    now: datetime,
) -> None:
    """Note that the provider has accepted these, and what it said."""
    claims = [claim for claim, _ in handed]
    receipts = [receipt for _, receipt in handed]
    keys = _keys(
        claims,
        ref=(String(), [receipt.provider_ref for receipt in receipts]),
        parts=(SmallInteger(), [receipt.parts for receipt in receipts]),
        cost=(BigInteger(), [receipt.cost for receipt in receipts]),
        final=(Boolean(), [receipt.final for receipt in receipts]),
    )
    told = {
        "provider": provider,
        "provider_ref": keys.c.ref,
        "parts": keys.c.parts,
        "cost": func.coalesce(MessageRow.cost, 0) + keys.c.cost,
    }
    ends = {
        "finished_at": now,
        "lease_until": None,
        "reason": None,
        "ask_at": None,
    }
    final = keys.c.final
    arrived = case((final, MessageState.DELIVERED.value), else_=MessageState.SENT.value)
    sent = _change(
        session,
        claims,
        keys,
        MessageRow.state.in_(_IN_DOUBT),
        values={"state": arrived, **told, **ends},
        now=now,
        receipt=case((final, ReceiptEvent.DELIVERED.value), else_=null()),
        details=literal({"provider": provider}, JSONB),
    )
    late = [claim for claim in claims if claim.id not in sent]
    if late:
        # Its receipt was faster than we were: the state stands, the rest is ours.
        session.execute(
            update(MessageRow)
            .where(
                *_are(late, keys),
                MessageRow.state.in_(_FAR_ON),
                MessageRow.provider.is_(None),
            )
            .values(told)
            .execution_options(synchronize_session=False)
        )


def mark_not_sent(
    session: Session, *, results: Sequence[NotSent], now: datetime
) -> None:
    """Note what becomes of messages that were not accepted, or may have been."""
    if not results:
        return
    claims = [result.claim for result in results]
    keys = _keys(
        claims,
        state=(String(), [result.state.value for result in results]),
        reason=(String(), [result.reason for result in results]),
        answer=(String(), [result.answer[:_LONGEST_ANSWER] for result in results]),
        due=(UTCDateTime(), [result.due_at for result in results]),
        ask=(UTCDateTime(), [result.ask_at for result in results]),
    )
    waits = keys.c.state == MessageState.PLANNED.value
    in_doubt = keys.c.state == MessageState.UNKNOWN.value
    failed_for_good = keys.c.reason == Reason.PERMANENT.value
    changed = _change(
        session,
        claims,
        keys,
        MessageRow.state == MessageState.SENDING,
        values={
            "state": keys.c.state,
            # While it waits for its next try, the reason stands in the events.
            "reason": case((waits, null()), else_=keys.c.reason),
            "failure": keys.c.answer,
            "due_at": func.coalesce(keys.c.due, MessageRow.due_at),
            "ask_at": keys.c.ask,
            "fall_back_at": case((failed_for_good, now), else_=null()),
            "finished_at": case((waits, null()), else_=now),
            "lease_until": None,
            "reserved_week": case((in_doubt, MessageRow.reserved_week), else_=null()),
        },
        now=now,
        reason=keys.c.reason,
        details=func.jsonb_build_object("answer", keys.c.answer),
    )
    ended = [result for result in results if result.claim.id in changed]
    _refund(
        session,
        [one.claim for one in ended if one.state is not MessageState.UNKNOWN],
    )
    for result in ended:
        _close_address(session, result, now=now)


def release(session: Session, *, claims: Sequence[Claimed], now: datetime) -> None:
    """Put back what was claimed and never handed over; it stays due."""
    held = MessageRow.state.in_((MessageState.CLAIMED, MessageState.SENDING))
    begun = MessageRow.state == MessageState.SENDING
    released = _change(
        session,
        claims,
        _keys(claims),
        held,
        values={
            "state": MessageState.PLANNED,
            "lease_until": None,
            "reserved_week": None,
            # It was not tried after all.
            "attempts": case(
                (begun, MessageRow.attempts - 1), else_=MessageRow.attempts
            ),
        },
        now=now,
    )
    _refund(session, [claim for claim in claims if claim.id in released])


def _keys(
    claims: Sequence[Claimed], **more: tuple[TypeEngine[Any], Sequence[object]]
) -> TableValuedAlias:
    """Return the claims as a table of the statement, with more columns by name."""
    columns: dict[str, tuple[TypeEngine[Any], Sequence[object]]] = {
        "id": (BigInteger(), [claim.id for claim in claims]),
        "fence": (BigInteger(), [claim.fence for claim in claims]),
        **more,
    }
    arrays = [
        bindparam(None, values, type_=ARRAY(kind), unique=True)
        for kind, values in columns.values()
    ]
    names = [column(name, kind) for name, (kind, _) in columns.items()]
    return func.unnest(*arrays).table_valued(*names).render_derived()


def _are(
    claims: Sequence[Claimed], keys: TableValuedAlias
) -> tuple[ColumnElement[bool], ...]:
    same = (MessageRow.id == keys.c.id, MessageRow.fence == keys.c.fence)
    return (*these(claims), *same)


def _change(  # noqa: PLR0913  # which rows, to what, and what is noted of it
    session: Session,
    claims: Sequence[Claimed],
    keys: TableValuedAlias,
    *conditions: ColumnElement[bool],
    values: Mapping[str, object],
    now: datetime,
    reason: ColumnElement[Any] | None = None,
    receipt: ColumnElement[Any] | None = None,
    details: ColumnElement[Any] | None = None,
) -> frozenset[MessageID]:
    """Change the rows that are still these claims, note it, and return which."""
    if not claims:
        return frozenset()
    nothing = null()
    changed = (
        update(MessageRow)
        .where(*_are(claims, keys), *conditions)
        .values(values)
        .returning(
            MessageRow.id,
            MessageRow.customer_id,
            MessageRow.state,
            (nothing if reason is None else reason).label("noted_reason"),
            (nothing if receipt is None else receipt).label("noted_receipt"),
            (literal({}, JSONB) if details is None else details).label("noted"),
        )
        .execution_options(synchronize_session=False)
        .cte("changed")
    )
    told = select(
        changed.c.id,
        changed.c.customer_id,
        literal(now, UTCDateTime()),
        changed.c.state,
        changed.c.noted_reason,
        changed.c.noted_receipt,
        changed.c.noted,
    )
    names = ("message_id", "customer_id", "at", "state", "reason", "receipt", "details")
    noted = insert(MessageEventRow).add_cte(changed).from_select(names, told)
    ids = session.scalars(noted.returning(MessageEventRow.message_id))
    return frozenset(ids)


def _refund(session: Session, claims: Sequence[Claimed]) -> None:
    """Return the places under the weekly cap that the messages held."""
    refund(
        session,
        [
            (claim.customer_id, claim.reserved_week)
            for claim in claims
            if claim.reserved_week is not None
        ],
    )


def _close_address(session: Session, result: NotSent, *, now: datetime) -> None:
    kind = CHANNEL_CONTACT[result.claim.channel]
    if result.bad_address is None or kind is None:
        return
    lookup = vault_of(session).blind_index(kind, result.bad_address)
    session.execute(
        update(ContactRow)
        .where(ContactRow.lookup == lookup, ContactRow.suppressed_at.is_(None))
        .values(suppressed_at=now, suppressed_why="refused by the provider")
        .execution_options(synchronize_session=False)
    )
