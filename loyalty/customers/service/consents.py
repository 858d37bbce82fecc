"""Consents: dated statements that are only ever added to."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.customers.models import ConsentRow, CustomerRow
from loyalty.customers.queries.consents import to_consent
from loyalty.customers.rules.confirming import ASK_LASTS
from loyalty.customers.service.changes import note_changes
from loyalty.customers.values import Consent, CustomerID


def state_consent(
    session: Session, *, customer_id: CustomerID, consent: Consent
) -> int:
    """
    Note what the customer agreed to or withdrew; the latest statement counts.

    :returns: the statement's number
    """
    row = ConsentRow(
        customer_id=customer_id,
        purpose=consent.purpose,
        channel=consent.channel,
        given=consent.given,
        asked=consent.asked,
        contact_id=consent.contact_id,
        confirms=consent.confirms,
        wording=consent.wording,
        wording_version=consent.wording_version,
        source=consent.source,
        actor=consent.actor,
        at=consent.at,
    )
    session.add(row)
    session.flush()
    note_changes(session, customer_id)
    return row.id


def confirm_consent(
    session: Session,
    *,
    customer_id: CustomerID,
    statement: int,
    source: str,
    now: datetime,
) -> Consent | None:
    """
    Let what was asked count, with the wording that was shown then.

    :returns: the statement that counts now; None if it was asked too long ago, is
        confirmed already, or the customer said something else on the matter since
    """
    # Two taps at once: the second one waits, and sees the first one's statement.
    session.execute(
        select(CustomerRow.id).where(CustomerRow.id == customer_id).with_for_update()
    )
    asked = session.get(ConsentRow, statement)
    if asked is None or asked.customer_id != customer_id or not asked.asked:
        return None
    latest = session.scalar(
        select(ConsentRow.id)
        .where(
            ConsentRow.customer_id == customer_id,
            ConsentRow.purpose == asked.purpose,
            ConsentRow.channel == asked.channel,
        )
        .order_by(ConsentRow.id.desc())
        .limit(1)
    )
    if latest != asked.id or now >= asked.at + ASK_LASTS:
        return None
    given = replace(
        to_consent(asked),
        given=True,
        asked=False,
        confirms=asked.id,
        source=source,
        actor=f"customer:{customer_id}",
        at=now,
    )
    number = state_consent(session, customer_id=customer_id, consent=given)
    return replace(given, id=number)
