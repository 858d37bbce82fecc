"""Records of one person: the one that stands for all, and those merged into it."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    CompoundSelect,
    any_,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from loyalty.customers.models import CustomerRow, MergeRow
from loyalty.customers.values import CustomerID, Merge

STANDING: Final = func.coalesce(CustomerRow.merged_into, CustomerRow.id)
"""The record that stands for a row of the customer table."""


def standing_record(session: Session, *, customer_id: CustomerID) -> CustomerID:
    """Return the record that stands for this one: itself unless it was merged."""
    found = session.scalar(select(STANDING).where(CustomerRow.id == customer_id))
    return CustomerID(found) if found is not None else customer_id


def records_of(session: Session, *, customer_id: CustomerID) -> tuple[CustomerID, ...]:
    """Return the record and those merged into it, itself first."""
    merged = session.scalars(
        select(CustomerRow.id)
        .where(CustomerRow.merged_into == customer_id)
        .order_by(CustomerRow.id)
    )
    return (customer_id, *merged)


def select_records(
    customer_id: CustomerID | BindParameter[Any],
) -> CompoundSelect[CustomerID]:
    """Return ``records_of`` as a part of another statement: one journey less."""
    merged = select(CustomerRow.id).where(CustomerRow.merged_into == customer_id)
    return union_all(select(cast(customer_id, BigInteger)), merged)


def counted_for(
    session: Session, *, customer_ids: Collection[CustomerID]
) -> dict[CustomerID, tuple[CustomerID, ...]]:
    """
    Return every record of these people, and for whom of them it counts.

    A record counts for itself, and a merged one also for the one that stands for it.
    """
    ids = set(customer_ids)
    # One parameter, however many there are: reading a thousand takes its time.
    among = any_(literal(list(ids), ARRAY(BigInteger)))
    rows = session.execute(
        select(CustomerRow.id, CustomerRow.merged_into).where(
            or_(CustomerRow.id == among, CustomerRow.merged_into == among)
        )
    )
    return {
        record: tuple(one for one in (record, into) if one is not None and one in ids)
        for record, into in rows
    }


def standing_merges(session: Session) -> tuple[Merge, ...]:
    """Return the merges that were not undone, the first one first."""
    rows = session.scalars(
        select(MergeRow).where(MergeRow.undone_at.is_(None)).order_by(MergeRow.id)
    )
    return tuple(_merge(row) for row in rows)


def merges_of(session: Session, *, customer_id: CustomerID) -> tuple[Merge, ...]:
    """Return every merge that this record was part of, the latest first."""
    rows = session.scalars(
        select(MergeRow)
        .where(or_(MergeRow.merged_id == customer_id, MergeRow.into_id == customer_id))
        .order_by(MergeRow.id.desc())
    )
    return tuple(_merge(row) for row in rows)


def _merge(row: MergeRow) -> Merge:
    return Merge(
        id=row.id,
        into=row.into_id,
        merged=row.merged_id,
        at=row.merged_at,
        by=row.merged_by,
        undone_at=row.undone_at,
        moves=tuple(row.taken.get("moves", ())),
        stored=tuple(row.taken.get("stored", ())),
    )
