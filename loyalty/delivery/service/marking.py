"""The statements that mark a group of messages, each made once.

A statement takes the group as arrays, changes the rows that are still those claims, and
adds the events from what it changed. It says when the messages were due, so that only
their months are looked into. Making one takes longer than running it: they are kept.
What they take is named ``g_…``, since a plain name would be taken for a column's value.
"""

from functools import cache
from typing import Any, Final, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Insert,
    Select,
    SmallInteger,
    String,
    Table,
    TableValuedAlias,
    Update,
    any_,
    bindparam,
    case,
    column,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy import cast as sqlalchemy_cast
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

from loyalty.core.database import UTCDateTime
from loyalty.delivery.models import MessageEventRow, MessageRow
from loyalty.delivery.queries.pauses import paused
from loyalty.delivery.values import MessageState, Reason, ReceiptEvent

# The tables, without what the ORM would add to each statement.
_MESSAGES: Final = cast("Table", MessageRow.__table__)
_EVENTS: Final = cast("Table", MessageEventRow.__table__)
_IN_DOUBT: Final = (
    MessageState.SENDING,
    MessageState.UNKNOWN,
    MessageState.PLANNED,
)
"""A slow hand-over may have been given up as unknown; now it is known."""

_FAR_ON: Final = (
    MessageState.DELIVERED,
    MessageState.BOUNCED,
    MessageState.COMPLAINED,
)
_NOTED: Final = (
    "message_id",
    "customer_id",
    "at",
    "state",
    "reason",
    "receipt",
    "details",
)
_TOLD: Final[dict[str, TypeEngine[Any]]] = {
    "ref": String(),
    "parts": SmallInteger(),
    "cost": BigInteger(),
    "final": Boolean(),
}


@cache
def sending() -> Insert:
    """Mark as about to be handed over, unless paused: ``lease_until``."""
    keys = _keys()
    change = (
        _these(keys)
        .where(MessageRow.state == MessageState.CLAIMED, ~paused())
        .values(
            state=MessageState.SENDING,
            attempts=MessageRow.attempts + 1,
            lease_until=bindparam("g_lease_until", type_=UTCDateTime()),
        )
    )
    return _noted(change)


@cache
def sent() -> Insert:
    """Mark as accepted: ``provider``, ``details``; ``ref``, ``parts``, … for each."""
    keys = _keys(**_TOLD)
    final = keys.c.final
    arrived = case((final, MessageState.DELIVERED.value), else_=MessageState.SENT.value)
    change = (
        _these(keys)
        .where(MessageRow.state.in_(_IN_DOUBT))
        .values(
            {
                "state": arrived,
                "finished_at": _now(),
                "lease_until": None,
                "reason": None,
                "ask_at": None,
                **_told(keys),
            }
        )
    )
    return _noted(
        change,
        by_way_of=MessageState.SENT,
        receipt=case((final, ReceiptEvent.DELIVERED.value), else_=null()),
        details=bindparam("g_details", type_=JSONB()),
    )


@cache
def told_late() -> Update:
    """Note what the provider said of those whose receipts were faster than we were."""
    keys = _keys(**_TOLD)
    known = (MessageRow.state.in_(_FAR_ON), MessageRow.provider.is_(None))
    return _these(keys).where(*known).values(_told(keys))


@cache
def not_sent() -> Insert:
    """Mark as not accepted, or in doubt: ``state``, ``reason``, … for each."""
    keys = _keys(
        state=String(),
        reason=String(),
        answer=String(),
        due=UTCDateTime(),
        ask=UTCDateTime(),
    )
    waits = keys.c.state == MessageState.PLANNED.value
    in_doubt = keys.c.state == MessageState.UNKNOWN.value
    failed_for_good = keys.c.reason == Reason.PERMANENT.value
    change = (
        _these(keys)
        .where(MessageRow.state == MessageState.SENDING)
        .values(
            state=keys.c.state,
            # While it waits for its next try, the reason stands in the events.
            reason=case((waits, null()), else_=keys.c.reason),
            failure=keys.c.answer,
            due_at=func.coalesce(keys.c.due, MessageRow.due_at),
            ask_at=keys.c.ask,
            fall_back_at=case((failed_for_good, _now()), else_=null()),
            finished_at=case((waits, null()), else_=_now()),
            lease_until=None,
            reserved_week=case((in_doubt, MessageRow.reserved_week), else_=null()),
        )
    )
    return _noted(
        change,
        reason=keys.c.reason,
        details=func.jsonb_build_object("answer", keys.c.answer),
    )


@cache
def released() -> Insert:
    """Put back what was never handed over; what was begun gets its try back."""
    keys = _keys()
    begun = MessageRow.state == MessageState.SENDING
    change = (
        _these(keys)
        .where(MessageRow.state.in_((MessageState.CLAIMED, MessageState.SENDING)))
        .values(
            state=MessageState.PLANNED,
            lease_until=None,
            reserved_week=None,
            attempts=case((begun, MessageRow.attempts - 1), else_=MessageRow.attempts),
        )
    )
    return _noted(change)


def _now() -> ColumnElement[Any]:
    return bindparam("g_now", type_=UTCDateTime())


def _keys(**more: TypeEngine[Any]) -> TableValuedAlias:
    """Return the group as a table of the statement, a column for each array."""
    columns = {"id": BigInteger(), "fence": BigInteger(), **more}
    arrays = [bindparam(f"g_{n}", type_=ARRAY(kind)) for n, kind in columns.items()]
    names = [column(name, kind) for name, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*names).render_derived()


def _these(keys: TableValuedAlias) -> Update:
    """Change the messages that are still these claims, in their months alone."""
    moment = UTCDateTime()
    return update(_MESSAGES).where(
        MessageRow.id == any_(bindparam("g_id", type_=ARRAY(BigInteger()))),
        MessageRow.due_at >= bindparam("g_first", type_=moment),
        MessageRow.due_at <= bindparam("g_last", type_=moment),
        MessageRow.id == keys.c.id,
        MessageRow.fence == keys.c.fence,
    )


def _told(keys: TableValuedAlias) -> dict[str, object]:
    return {
        "provider": bindparam("g_provider", type_=String()),
        "provider_ref": keys.c.ref,
        "parts": keys.c.parts,
        "cost": func.coalesce(MessageRow.cost, 0) + keys.c.cost,
    }


def _noted(
    change: Update,
    *,
    by_way_of: MessageState | None = None,
    reason: ColumnElement[Any] | None = None,
    receipt: ColumnElement[Any] | None = None,
    details: ColumnElement[Any] | None = None,
) -> Insert:
    """
    Add an event for each row that is changed, and return the messages.

    :param by_way_of: what every message was first: those that are more by now have
        both noted
    """
    nothing = null()
    changed = change.returning(
        MessageRow.id,
        MessageRow.customer_id,
        MessageRow.state,
        (nothing if reason is None else reason).label("noted_reason"),
        (nothing if receipt is None else receipt).label("noted_receipt"),
        (literal({}, JSONB) if details is None else details).label("noted"),
    ).cte("changed")
    now_is = select(
        changed.c.id,
        changed.c.customer_id,
        _now(),
        changed.c.state,
        changed.c.noted_reason,
        changed.c.noted_receipt,
        changed.c.noted,
    )
    told: Select[Any] | CompoundSelect[Any] = now_is
    if by_way_of is not None:
        was = literal(by_way_of.value, String)
        first = select(
            changed.c.id,
            changed.c.customer_id,
            _now(),
            was,
            nothing,
            nothing,
            changed.c.noted,
        )
        state = sqlalchemy_cast(changed.c.state, String)
        told = union_all(first, now_is.where(state != was))
    add = insert(_EVENTS).add_cte(changed).from_select(_NOTED, told)
    return add.returning(_EVENTS.c.message_id)
