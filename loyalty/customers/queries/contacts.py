"""Finding the address that a message went to."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.customers.models import ContactRow
from loyalty.customers.queries.records import records_of, standing_record
from loyalty.customers.values import ContactID, ContactKind, CustomerID


def contact_that_got(
    session: Session,
    *,
    customer_id: CustomerID,
    kind: ContactKind,
    planned_at: datetime,
    lookup: bytes | None = None,
) -> ContactID | None:
    """
    Return the customer's address that a message of theirs went to, or None.

    :param planned_at: an address that was added later did not get it
    :param lookup: the blind index of the address that the provider names; one that
        is none of the customer's (they forward their mail) tells nothing
    """
    standing = standing_record(session, customer_id=customer_id)
    rows = session.scalars(
        select(ContactRow)
        .where(
            ContactRow.customer_id.in_(records_of(session, customer_id=standing)),
            ContactRow.kind == kind,
        )
        .order_by(ContactRow.verified_at.is_(None), ContactRow.id)
    ).all()
    named = [row for row in rows if row.lookup == lookup]
    in_use = [
        row for row in rows if row.suppressed_at is None and row.added_at <= planned_at
    ]
    return next((row.id for row in (*named, *in_use)), None)


def owner_of(session: Session, *, lookup: bytes) -> tuple[CustomerID, ContactID] | None:
    """Return whose address this is, as the record that stands, and the address."""
    row = session.scalar(select(ContactRow).where(ContactRow.lookup == lookup))
    if row is None:
        return None
    return standing_record(session, customer_id=row.customer_id), row.id
