"""Consents: dated statements that are only ever added to."""

from sqlalchemy.orm import Session

from loyalty.customers.models import ConsentRow
from loyalty.customers.service.changes import note_changes
from loyalty.customers.values import Consent, CustomerID


def state_consent(
    session: Session, *, customer_id: CustomerID, consent: Consent
) -> None:
    """Note what the customer agreed to or withdrew; the latest statement counts."""
    session.add(
        ConsentRow(
            customer_id=customer_id,
            purpose=consent.purpose,
            channel=consent.channel,
            given=consent.given,
            wording=consent.wording,
            wording_version=consent.wording_version,
            source=consent.source,
            actor=consent.actor,
            at=consent.at,
        )
    )
    session.flush()
    note_changes(session, customer_id)
