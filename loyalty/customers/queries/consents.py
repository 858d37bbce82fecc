"""What customers agreed to."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, any_, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from loyalty.customers.models import ConsentRow, CustomerRow
from loyalty.customers.values import (
    Channel,
    Consent,
    CustomerID,
    CustomerStatus,
    Purpose,
)


def list_consents(session: Session, *, customer_id: CustomerID) -> tuple[Consent, ...]:
    """Return every statement the customer made, the oldest first."""
    rows = session.scalars(
        select(ConsentRow)
        .where(ConsentRow.customer_id == customer_id)
        .order_by(ConsentRow.id)
    )
    return tuple(to_consent(row) for row in rows)


def wording_of(session: Session, *, statement: int | None) -> str | None:
    """Return the words of a statement that waits to be confirmed, None for others."""
    row = None if statement is None else session.get(ConsentRow, statement)
    return row.wording if row is not None and row.asked else None


def to_consent(row: ConsentRow) -> Consent:
    """Return a kept statement as a value."""
    return Consent(
        purpose=row.purpose,
        channel=row.channel,
        given=row.given,
        wording=row.wording,
        wording_version=row.wording_version,
        source=row.source,
        actor=row.actor,
        at=row.at,
        asked=row.asked,
        contact_id=row.contact_id,
        confirms=row.confirms,
        id=row.id,
    )


def standing_marketing(consents: Collection[Consent]) -> frozenset[Channel]:
    """Return the channels whose latest marketing statement is a yes."""
    latest = {
        consent.channel: consent.given
        for consent in consents
        if consent.purpose is Purpose.MARKETING and consent.channel is not None
    }
    return frozenset(channel for channel, given in latest.items() if given)


def asked_marketing(consents: Collection[Consent]) -> dict[Channel, datetime]:
    """Return the channels whose latest statement is a yes that was never confirmed."""
    latest = {
        consent.channel: consent
        for consent in consents
        if consent.purpose is Purpose.MARKETING and consent.channel is not None
    }
    return {channel: one.at for channel, one in latest.items() if one.asked}


def personalised_customers(
    session: Session, *, among: Collection[CustomerID] | None = None
) -> tuple[CustomerID, ...]:
    """Return the customers who let the shop choose offers from what they buy."""
    statement = select_personalised().order_by(CustomerRow.id)
    if among is not None:
        ids = literal(list(among), ARRAY(BigInteger))
        statement = select_personalised(any_(ids)).order_by(CustomerRow.id)
    return tuple(session.scalars(statement))


def measured_customers(
    session: Session, *, among: Collection[CustomerID]
) -> frozenset[CustomerID]:
    """Return those of the customers who let the shop count what they open."""
    ids = any_(literal(list(among), ARRAY(BigInteger)))
    return frozenset(session.scalars(_select_agreed(Purpose.MEASUREMENT, ids)))


def select_personalised(
    customer: CustomerID | ColumnElement[Any] | None = None,
) -> Select[CustomerID]:
    """
    Return ``personalised_customers`` as a part of another statement.

    :param customer: only this one, or ``any_`` of an array
    """
    return _select_agreed(Purpose.PERSONALISATION, customer)


def _select_agreed(
    purpose: Purpose, customer: CustomerID | ColumnElement[Any] | None
) -> Select[CustomerID]:
    latest = (
        select(ConsentRow.customer_id, ConsentRow.given)
        .ext(distinct_on(ConsentRow.customer_id))
        .where(ConsentRow.purpose == purpose)
        .order_by(ConsentRow.customer_id, ConsentRow.id.desc())
    )
    if customer is not None:
        latest = latest.where(ConsentRow.customer_id == customer)
    stated = latest.subquery()
    return (
        select(CustomerRow.id)
        .join(stated, stated.c.customer_id == CustomerRow.id)
        .where(stated.c.given, CustomerRow.status == CustomerStatus.ACTIVE)
    )
