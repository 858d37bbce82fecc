"""Codes that are sent to an address: making them, and trying one."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.core.texts import gettext as _
from loyalty.core.vault import vault_of
from loyalty.customers.models import CodeRow
from loyalty.customers.rules.confirming import (
    CODE_KEY,
    CODE_LASTS,
    CODES_A_DAY,
    MOST_TRIES,
    same_code,
)
from loyalty.customers.values import ContactID, CustomerID

_NONCE_BYTES = 16
_DAY = timedelta(days=1)


class TooManyCodes(Refused):
    """So many messages went to this address today already."""

    code = "too_many_codes"


def make_code(
    session: Session,
    *,
    customer_id: CustomerID,
    contact_id: ContactID,
    consent_id: int | None,
    now: datetime,
) -> CodeRow:
    """
    Make a code for an address; earlier ones for it stay good until they end.

    :param consent_id: the statement that waits for it
    :raises TooManyCodes: if three were made within a day
    """
    made = session.scalar(
        select(func.count())
        .select_from(CodeRow)
        .where(CodeRow.contact_id == contact_id, CodeRow.created_at > now - _DAY)
    )
    if (made or 0) >= CODES_A_DAY:
        message = _(
            "%(n)s messages went to this address today. Try again tomorrow.",
            n=CODES_A_DAY,
        )
        raise TooManyCodes(message)
    row = CodeRow(
        customer_id=customer_id,
        contact_id=contact_id,
        consent_id=consent_id,
        nonce=secrets.token_bytes(_NONCE_BYTES),
        tries=0,
        created_at=now,
        expires_at=now + CODE_LASTS,
    )
    session.add(row)
    session.flush()
    return row


def try_code(
    session: Session, *, customer_id: CustomerID, typed: str, now: datetime
) -> CodeRow | None:
    """
    Use up the customer's code that was typed, or count a wrong guess.

    The caller commits in both cases: a guess that is rolled back was not counted. Of
    several guesses at once each waits for the others.
    """
    key = vault_of(session).derive(CODE_KEY)
    rows = session.scalars(
        select(CodeRow)
        .where(
            CodeRow.customer_id == customer_id,
            CodeRow.used_at.is_(None),
            CodeRow.expires_at > now,
            CodeRow.tries < MOST_TRIES,
        )
        .order_by(CodeRow.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        if row.tries < MOST_TRIES and same_code(key, row.nonce, typed):
            row.used_at = now
            session.flush()
            return row
    for row in rows:
        row.tries += 1
    session.flush()
    return None
