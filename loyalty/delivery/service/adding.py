"""Adding many messages in two statements, whatever their number.

Each column goes over as one array. With a parameter for each value, most of the time of
planning a campaign went into reading statements of ten thousand parameters.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import (
    CTE,
    Select,
    Table,
    TableValuedAlias,
    bindparam,
    column,
    func,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.delivery.models import MessageEventRow, MessageKeyRow, MessageRow
from loyalty.delivery.values import MessageID

Key = tuple[CustomerID, str, str]
"""Customer, subject and occasion."""

_MESSAGE: Final = cast("Table", MessageRow.__table__)
_EVENT: Final = cast("Table", MessageEventRow.__table__)
_KEY: Final = cast("Table", MessageKeyRow.__table__)
_KEYS: Final = ("customer_id", "subject", "occasion")
COLUMNS: Final = (
    *_KEYS,
    "kind",
    "channel",
    "template",
    "parameters",
    "language",
    "offer_id",
    "campaign_id",
    "variant",
    "state",
    "due_at",
    "not_after",
    "late_at",
    "week",
    "handover_key",
    "planned_why",
    "planned_at",
    "finished_at",
    "reason",
)
"""What planning knows of a message."""


def take_keys(session: Session, keys: Sequence[Key]) -> set[Key]:
    """
    Claim the keys that nobody has; a second planner waits for the first.

    :param keys: in order, so that two planners don't wait for each other
    """
    asked = {
        f"all_{name}": [key[place] for key in keys] for place, name in enumerate(_KEYS)
    }
    return {
        (CustomerID(customer_id), subject, occasion)
        for customer_id, subject, occasion in session.execute(_TAKE_KEYS, asked)
    }


def add_messages(
    session: Session, rows: Sequence[Mapping[str, object]], *, now: datetime
) -> dict[Key, MessageID]:
    """
    Add messages whose keys were taken, each with its first event; return their ids.

    :param rows: with a value for each of ``COLUMNS``
    """
    columns = {f"all_{name}": [row[name] for row in rows] for name in COLUMNS}
    return {
        (CustomerID(customer_id), subject, occasion): MessageID(id_)
        for id_, customer_id, subject, occasion in session.execute(
            _ADD, {**columns, "at_once": now}
        )
    }


def _given(table: Table, names: Sequence[str]) -> TableValuedAlias:
    """Return what is handed over as a table of the statement."""
    arrays = [
        bindparam(f"all_{name}", type_=ARRAY(table.c[name].type)) for name in names
    ]
    columns: list[Any] = [column(name, table.c[name].type) for name in names]
    return func.unnest(*arrays).table_valued(*columns).render_derived()


def _take_keys() -> postgresql.Insert:
    given = _given(_KEY, _KEYS)
    wanted = select(*(given.c[name] for name in _KEYS))
    return (
        postgresql.insert(_KEY)
        .from_select(list(_KEYS), wanted)
        .on_conflict_do_nothing()
    )


def _add() -> Select[Any]:
    given = _given(_MESSAGE, COLUMNS)
    nothing = literal(0)  # neither tried nor claimed yet
    wanted = select(*(given.c[name] for name in COLUMNS), nothing, nothing)
    made = (
        insert(_MESSAGE)
        .from_select([*COLUMNS, "attempts", "fence"], wanted, include_defaults=False)
        .returning(*(_MESSAGE.c[name] for name in ("id", *_RETURNED)))
        .cte("made")
    )
    return select(made.c.id, *(made.c[name] for name in _KEYS)).add_cte(
        _point_keys_at(made), _note(made)
    )


def _point_keys_at(made: CTE) -> CTE:
    return (
        update(_KEY)
        .where(*(_KEY.c[name] == made.c[name] for name in _KEYS))
        .values(message_id=made.c.id)
        .returning(_KEY.c.message_id)
        .cte("pointed")
    )


def _note(made: CTE) -> CTE:
    told = select(
        made.c.id,
        made.c.customer_id,
        bindparam("at_once", type_=_EVENT.c.at.type),
        made.c.state,
        made.c.reason,
        made.c.planned_why,
        null(),
    )
    names = ["message_id", "customer_id", "at", "state", "reason", "details", "receipt"]
    return insert(_EVENT).from_select(names, told).returning(_EVENT.c.id).cte("noted")


_RETURNED: Final = (*_KEYS, "state", "reason", "planned_why")
_TAKE_KEYS: Final = _take_keys().returning(*(_KEY.c[name] for name in _KEYS))
_ADD: Final = _add()
