"""Marking birthdays, so that they are found without being opened."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.vault import vault_of
from loyalty.customers.models import CustomerRow
from loyalty.customers.queries.birthdays import birthday_mark
from loyalty.customers.queries.rows import member_vault, opened


def mark_birthdays(session: Session, *, at_most: int = 1_000) -> int:
    """
    Mark birthdays that came, however they came, and forget marks of those that went.

    :returns: how many were looked at; as many as ``at_most`` means there may be more
    """
    unknown, unmarked = (
        column.is_(None) for column in (CustomerRow.birthday, CustomerRow.birthday_mark)
    )
    rows = session.scalars(
        select(CustomerRow)
        .where(unknown != unmarked)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    ).all()
    vault = vault_of(session)
    for row in rows:
        text = opened(member_vault(session, row), "customer.birthday", row.birthday)
        born = date.fromisoformat(text) if text else None
        if born is None:
            row.birthday = row.birthday_mark = None
        else:
            row.birthday_mark = birthday_mark(vault, born.month, born.day)
    session.flush()
    return len(rows)
