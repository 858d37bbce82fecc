"""Noting that a customer's recommendations are out of date."""

from collections.abc import Collection

from sqlalchemy import delete, insert, tuple_
from sqlalchemy.orm import Session

from loyalty.customers.models import ChangeRow
from loyalty.customers.queries.changes import Change
from loyalty.customers.values import CustomerID

_BATCH = 5_000


def note_changes(session: Session, *customer_ids: CustomerID) -> None:
    """
    Note that these customers bought, said or were asked something new.

    Costs an insert and waits for nobody: the tills do this with each purchase. The
    dispatcher sees the row and rings for a job.
    """
    if customer_ids:
        rows = [{"customer_id": customer_id} for customer_id in customer_ids]
        session.execute(insert(ChangeRow), rows)


def forget_changes(session: Session, *, changes: Collection[Change]) -> None:
    """Remove what was seen to; what came since stays."""
    found = [(change.customer_id, change.id) for change in changes]
    key = tuple_(ChangeRow.customer_id, ChangeRow.id)
    for start in range(0, len(found), _BATCH):
        session.execute(delete(ChangeRow).where(key.in_(found[start : start + _BATCH])))
