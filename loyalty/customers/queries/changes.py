"""Reading which customers' recommendations are out of date."""

from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from loyalty.customers.models import ChangeRow, CustomerRow
from loyalty.customers.queries.records import STANDING
from loyalty.customers.values import CustomerID


class Change(NamedTuple):
    """One change of one customer, whatever it was."""

    customer_id: CustomerID
    id: int
    standing: CustomerID
    """The record that stands for the customer's."""


def list_changes(session: Session, *, most: int) -> tuple[Change, ...]:
    """Return what nobody has seen to, the oldest first."""
    rows = session.execute(
        select(ChangeRow.customer_id, ChangeRow.id, STANDING)
        .join(CustomerRow, CustomerRow.id == ChangeRow.customer_id)
        .order_by(ChangeRow.id)
        .limit(most)
    )
    return tuple(
        Change(customer_id, number, CustomerID(standing))
        for customer_id, number, standing in rows
    )


def has_changes(session: Session) -> bool:
    """Test whether anything waits to be seen to."""
    return bool(session.scalar(select(exists().select_from(ChangeRow))))
