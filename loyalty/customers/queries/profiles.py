"""Everything the service knows of one person."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.periods import WeeklyWindow
from loyalty.core.vault import MemberVault
from loyalty.customers.models import (
    ChannelRow,
    ContactRow,
    ContactWindowRow,
    CustomerRow,
    SegmentRow,
    TopicRow,
)
from loyalty.customers.queries.consents import (
    asked_marketing,
    list_consents,
    standing_marketing,
)
from loyalty.customers.queries.records import records_of
from loyalty.customers.queries.rows import get_row, member_vault, opened
from loyalty.customers.values import (
    Consent,
    Contact,
    CustomerID,
    Preferences,
    Profile,
    Purpose,
)
from loyalty.stores.models import StoreRow


def get_profile(session: Session, *, customer_id: CustomerID) -> Profile:
    """
    Return everything the service knows of a person.

    :raises CustomerNotFound: if there is no such customer
    """
    row = get_row(session, customer_id=customer_id)
    vault = member_vault(session, row)
    consents = list_consents(session, customer_id=customer_id)
    birthday = opened(vault, "customer.birthday", row.birthday)
    return Profile(
        id=row.id,
        status=row.status,
        language=row.language,
        time_zone=row.time_zone,
        enrolled_at=row.enrolled_at,
        home_store=_store_code(session, row.home_store_id),
        first_name=opened(vault, "customer.first_name", row.first_name),
        last_name=opened(vault, "customer.last_name", row.last_name),
        birthday=date.fromisoformat(birthday) if birthday else None,
        contacts=_contacts(session, customer_id),
        preferences=_preferences(session, row, consents),
        marketing_channels=standing_marketing(consents),
        asked=asked_marketing(consents),
        segments=tuple(
            session.scalars(
                select(SegmentRow.segment)
                .where(SegmentRow.customer_id == customer_id)
                .order_by(SegmentRow.segment)
            )
        ),
        merged_into=row.merged_into,
    )


def _preferences(
    session: Session, row: CustomerRow, consents: Collection[Consent]
) -> Preferences:
    channels = session.scalars(
        select(ChannelRow.channel)
        .where(ChannelRow.customer_id == row.id)
        .order_by(ChannelRow.position)
    )
    windows = session.scalars(
        select(ContactWindowRow)
        .where(ContactWindowRow.customer_id == row.id)
        .order_by(ContactWindowRow.weekday, ContactWindowRow.from_minute)
    )
    topics = session.scalars(
        select(TopicRow.category)
        .where(TopicRow.customer_id == row.id)
        .order_by(TopicRow.category)
    )
    latest = {one.purpose: one.given for one in consents if one.channel is None}
    return Preferences(
        channels=tuple(channels),
        windows=tuple(
            WeeklyWindow(
                days=frozenset({window.weekday}),
                start=window.from_minute,
                until=window.until_minute,
            )
            for window in windows
        ),
        topics=tuple(topics),
        max_per_week=row.max_per_week,
        pause_until=row.pause_until,
        personalised=latest.get(Purpose.PERSONALISATION, False),
        measured=latest.get(Purpose.MEASUREMENT, False),
    )


def _contacts(session: Session, customer_id: CustomerID) -> tuple[Contact, ...]:
    """Return the record's own addresses, then those of records merged into it."""
    found: list[Contact] = []
    for record in records_of(session, customer_id=customer_id):
        vault = member_vault(session, get_row(session, customer_id=record))
        if vault is not None:
            found += _own_contacts(session, vault, record)
    return tuple(found)


def _own_contacts(
    session: Session, vault: MemberVault, customer_id: CustomerID
) -> list[Contact]:
    rows = session.scalars(
        select(ContactRow)
        .where(ContactRow.customer_id == customer_id)
        .order_by(ContactRow.id)
    )
    return [
        Contact(
            id=row.id,
            kind=row.kind,
            value=vault.open("contact", row.value),
            verified_at=row.verified_at,
            suppressed_at=row.suppressed_at,
            suppressed_why=row.suppressed_why,
            landline=row.landline,
        )
        for row in rows
    ]


def _store_code(session: Session, store_id: int | None) -> str | None:
    if store_id is None:
        return None
    return session.scalar(select(StoreRow.code).where(StoreRow.id == store_id))
