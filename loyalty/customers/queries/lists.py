"""Many customers at once: a little of each, or how many they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.customers.models import CustomerRow, TopicRow
from loyalty.customers.queries.rows import member_vault, opened
from loyalty.customers.values import CustomerID, CustomerStatus, Traits
from loyalty.stores.models import StoreRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A customer as a line in a list; the name is ``Anna K.`` or empty."""

    id: CustomerID
    name: str
    language: str
    enrolled_at: datetime


def names_of(
    session: Session, *, customer_ids: Collection[CustomerID]
) -> dict[CustomerID, str]:
    """Return short names as ``Anna K.`` for a list; erased people have none."""
    rows = session.scalars(select(CustomerRow).where(CustomerRow.id.in_(customer_ids)))
    names = {}
    for row in rows:
        vault = member_vault(session, row)
        first = opened(vault, "customer.first_name", row.first_name) or ""
        last = opened(vault, "customer.last_name", row.last_name)
        names[row.id] = f"{first} {last[0]}." if last else first
    return names


def languages_of(
    session: Session, *, customer_ids: Collection[CustomerID]
) -> dict[CustomerID, str]:
    """Return the language in which each of these customers is written to."""
    rows = session.execute(
        select(CustomerRow.id, CustomerRow.language).where(
            CustomerRow.id.in_(customer_ids)
        )
    )
    return {row.id: row.language for row in rows}


def zones_of(
    session: Session, *, customer_ids: Collection[CustomerID]
) -> dict[CustomerID, str]:
    """Return the time zone in which each of these customers lives."""
    rows = session.execute(
        select(CustomerRow.id, CustomerRow.time_zone).where(
            CustomerRow.id.in_(customer_ids)
        )
    )
    return {row.id: row.time_zone for row in rows}


def traits(
    session: Session, *, customer_ids: Collection[CustomerID]
) -> dict[CustomerID, Traits]:
    """Return what may be used to choose offers for each of these customers."""
    topics: dict[CustomerID, list[str]] = {}
    for customer_id, category in session.execute(
        select(TopicRow.customer_id, TopicRow.category)
        .where(TopicRow.customer_id.in_(customer_ids))
        .order_by(TopicRow.category)
    ):
        topics.setdefault(customer_id, []).append(category)
    rows = session.execute(
        select(CustomerRow.id, CustomerRow.language, StoreRow.code)
        .outerjoin(StoreRow, StoreRow.id == CustomerRow.home_store_id)
        .where(CustomerRow.id.in_(customer_ids))
    )
    return {
        customer_id: Traits(
            topics=tuple(topics.get(customer_id, ())), language=language, store=store
        )
        for customer_id, language, store in rows
    }


def enrolled_since(session: Session, *, since: datetime) -> int:
    """Return how many customers enrolled at or after the moment."""
    ids = select(CustomerRow.id).where(CustomerRow.enrolled_at >= since)
    return len(session.scalars(ids).all())


def count_customers(session: Session) -> int:
    """Return how many customers there are, without the erased ones."""
    active = select(func.count()).where(CustomerRow.status == CustomerStatus.ACTIVE)
    return session.scalar(active) or 0


def latest_customers(session: Session, *, limit: int = 20) -> tuple[Listed, ...]:
    """Return who enrolled last, the newest first."""
    rows = session.scalars(
        select(CustomerRow)
        .where(CustomerRow.status == CustomerStatus.ACTIVE)
        .order_by(CustomerRow.enrolled_at.desc(), CustomerRow.id)
        .limit(limit)
    ).all()
    names = names_of(session, customer_ids=[row.id for row in rows])
    return tuple(
        Listed(
            id=row.id,
            name=names[row.id],
            language=row.language,
            enrolled_at=row.enrolled_at,
        )
        for row in rows
    )
