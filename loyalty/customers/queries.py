"""Reading customers, with personal values opened for the reader."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.periods import WeeklyWindow
from loyalty.core.vault import MemberVault, vault_of
from loyalty.customers.models import (
    ChannelRow,
    ConsentRow,
    ContactRow,
    ContactWindowRow,
    CustomerRow,
    SegmentRow,
    TopicRow,
)
from loyalty.customers.rules import Address
from loyalty.customers.values import (
    Channel,
    Consent,
    Contact,
    CustomerID,
    CustomerStatus,
    Preferences,
    Profile,
    Purpose,
    Traits,
)
from loyalty.stores.models import StoreRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A customer as a line in a list; the name is ``Anna K.`` or empty."""

    id: CustomerID
    name: str
    language: str
    enrolled_at: datetime


class CustomerNotFound(NotFound):
    """There is no such customer."""

    code = "customer_not_found"


def member_vault(session: Session, row: CustomerRow) -> MemberVault | None:
    """Open the member's key; None when it was destroyed."""
    if row.member_key is None:
        return None
    return vault_of(session).member(row.member_key, member=row.id)


def get_row(session: Session, *, customer_id: CustomerID) -> CustomerRow:
    """
    Return the customer's row, for services.

    :raises CustomerNotFound: if there is none
    """
    row = session.get(CustomerRow, customer_id)
    if row is None:
        message = f"There is no customer {customer_id}."
        raise CustomerNotFound(message)
    return row


def get_profile(session: Session, *, customer_id: CustomerID) -> Profile:
    """
    Return everything the service knows of a person.

    :raises CustomerNotFound: if there is no such customer
    """
    row = get_row(session, customer_id=customer_id)
    vault = member_vault(session, row)
    consents = list_consents(session, customer_id=customer_id)
    birthday = _opened(vault, "customer.birthday", row.birthday)
    return Profile(
        id=row.id,
        status=row.status,
        language=row.language,
        time_zone=row.time_zone,
        enrolled_at=row.enrolled_at,
        home_store=_store_code(session, row.home_store_id),
        first_name=_opened(vault, "customer.first_name", row.first_name),
        last_name=_opened(vault, "customer.last_name", row.last_name),
        birthday=date.fromisoformat(birthday) if birthday else None,
        contacts=_contacts(session, vault, customer_id),
        preferences=_preferences(session, row, consents),
        marketing_channels=standing_marketing(consents),
        segments=tuple(
            session.scalars(
                select(SegmentRow.segment)
                .where(SegmentRow.customer_id == customer_id)
                .order_by(SegmentRow.segment)
            )
        ),
    )


def find_by_address(session: Session, *, address: Address) -> CustomerID | None:
    """Return whose address this is, or None."""
    lookup = vault_of(session).blind_index(address.kind, address.value)
    return session.scalar(
        select(ContactRow.customer_id).where(ContactRow.lookup == lookup)
    )


def list_consents(session: Session, *, customer_id: CustomerID) -> tuple[Consent, ...]:
    """Return every statement the customer made, the oldest first."""
    rows = session.scalars(
        select(ConsentRow)
        .where(ConsentRow.customer_id == customer_id)
        .order_by(ConsentRow.id)
    )
    return tuple(
        Consent(
            purpose=row.purpose,
            channel=row.channel,
            given=row.given,
            wording=row.wording,
            wording_version=row.wording_version,
            source=row.source,
            actor=row.actor,
            at=row.at,
        )
        for row in rows
    )


def standing_marketing(consents: Collection[Consent]) -> frozenset[Channel]:
    """Return the channels whose latest marketing statement is a yes."""
    latest = {
        consent.channel: consent.given
        for consent in consents
        if consent.purpose is Purpose.MARKETING and consent.channel is not None
    }
    return frozenset(channel for channel, given in latest.items() if given)


def names_of(
    session: Session, *, customer_ids: Collection[CustomerID]
) -> dict[CustomerID, str]:
    """Return short names as ``Anna K.`` for a list; erased people have none."""
    rows = session.scalars(select(CustomerRow).where(CustomerRow.id.in_(customer_ids)))
    names = {}
    for row in rows:
        vault = member_vault(session, row)
        first = _opened(vault, "customer.first_name", row.first_name) or ""
        last = _opened(vault, "customer.last_name", row.last_name)
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


def personalised_customers(session: Session) -> tuple[CustomerID, ...]:
    """Return the customers who let the shop choose offers from what they buy."""
    latest = (
        select(ConsentRow.customer_id, ConsentRow.given)
        .ext(distinct_on(ConsentRow.customer_id))
        .where(ConsentRow.purpose == Purpose.PERSONALISATION)
        .order_by(ConsentRow.customer_id, ConsentRow.id.desc())
        .subquery()
    )
    return tuple(
        session.scalars(
            select(CustomerRow.id)
            .join(latest, latest.c.customer_id == CustomerRow.id)
            .where(latest.c.given, CustomerRow.status == CustomerStatus.ACTIVE)
            .order_by(CustomerRow.id)
        )
    )


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
    statements = [c for c in consents if c.purpose is Purpose.PERSONALISATION]
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
        personalised=bool(statements) and statements[-1].given,
    )


def _contacts(
    session: Session, vault: MemberVault | None, customer_id: CustomerID
) -> tuple[Contact, ...]:
    rows = session.scalars(
        select(ContactRow)
        .where(ContactRow.customer_id == customer_id)
        .order_by(ContactRow.id)
    )
    if vault is None:
        return ()
    return tuple(
        Contact(
            id=row.id,
            kind=row.kind,
            value=vault.open("contact", row.value),
            verified_at=row.verified_at,
            suppressed_at=row.suppressed_at,
            landline=row.landline,
        )
        for row in rows
    )


def _store_code(session: Session, store_id: int | None) -> str | None:
    if store_id is None:
        return None
    return session.scalar(select(StoreRow.code).where(StoreRow.id == store_id))


def _opened(vault: MemberVault | None, field: str, sealed: bytes | None) -> str | None:
    return vault.open(field, sealed) if vault and sealed else None
