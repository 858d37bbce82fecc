"""Taking over many customers from another system at once."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from loyalty.core.database import Base
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
from loyalty.customers.service.changes import note_changes
from loyalty.customers.service.people import LARGEST_ID, Person, sealed_names
from loyalty.customers.values import Channel, Consent, CustomerID, CustomerStatus

_BATCH = 1_000

_Values = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Newcomer:
    """A customer of the other system with everything that is known."""

    person: Person
    enrolled_at: datetime
    addresses: tuple[Address, ...] = ()
    """Held to be verified when the customer enrolled there."""

    consents: tuple[Consent, ...] = ()
    channels: tuple[Channel, ...] = ()
    windows: tuple[WeeklyWindow, ...] = ()
    topics: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


def import_customers(
    session: Session, *, newcomers: Sequence[Newcomer], actor: str
) -> list[CustomerID]:
    """
    Add customers with addresses, consents and preferences.

    :returns: their numbers, in the order given
    :raises sqlalchemy.exc.IntegrityError: if an address belongs to someone already
    """
    ids: list[CustomerID] = []
    for start in range(0, len(newcomers), _BATCH):
        ids += _import_batch(session, newcomers[start : start + _BATCH], actor=actor)
    return ids


def _import_batch(
    session: Session, newcomers: Sequence[Newcomer], *, actor: str
) -> list[CustomerID]:
    vault = vault_of(session)
    customers, contacts, ids = [], [], []
    for newcomer in newcomers:
        # A clash of two numbers of 53 bits would be refused by the primary key.
        customer_id = CustomerID(secrets.randbelow(LARGEST_ID - 1) + 1)
        wrapped = vault.new_member_key(member=customer_id)
        member = vault.member(wrapped, member=customer_id)
        ids.append(customer_id)
        customers.append(
            _customer(customer_id, newcomer, actor=actor, key=(wrapped, member))
        )
        for address in newcomer.addresses:
            lookup = vault.blind_index(address.kind, address.value)
            contacts.append(
                _contact(customer_id, newcomer, address, keys=(member, lookup))
            )
    together = list(zip(ids, newcomers, strict=True))
    _insert(session, CustomerRow, customers)
    _insert(session, ContactRow, contacts)
    _insert(session, ConsentRow, _consents(together))
    _insert(session, ChannelRow, _channels(together))
    _insert(session, ContactWindowRow, _windows(together))
    _insert(
        session,
        TopicRow,
        [{"customer_id": i, "category": c} for i, n in together for c in n.topics],
    )
    _insert(
        session,
        SegmentRow,
        [{"customer_id": i, "segment": s} for i, n in together for s in n.segments],
    )
    note_changes(session, *ids)
    return ids


def _customer(
    customer_id: CustomerID,
    newcomer: Newcomer,
    *,
    actor: str,
    key: tuple[bytes, MemberVault],
) -> _Values:
    wrapped, member = key
    return {
        "id": customer_id,
        "status": CustomerStatus.ACTIVE,
        "enrolled_at": newcomer.enrolled_at,
        "enrolled_by": actor,
        "home_store_id": newcomer.person.home_store,
        "language": newcomer.person.language,
        "time_zone": newcomer.person.time_zone,
        "member_key": wrapped,
        **sealed_names(member, newcomer.person),
    }


def _contact(
    customer_id: CustomerID,
    newcomer: Newcomer,
    address: Address,
    *,
    keys: tuple[MemberVault, bytes],
) -> _Values:
    member, lookup = keys
    return {
        "customer_id": customer_id,
        "kind": address.kind,
        "value": member.seal("contact", address.value),
        "lookup": lookup,
        "landline": address.landline,
        "added_at": newcomer.enrolled_at,
        "verified_at": newcomer.enrolled_at,
    }


def _consents(newcomers: Iterable[tuple[CustomerID, Newcomer]]) -> list[_Values]:
    return [
        {
            "customer_id": customer_id,
            "purpose": consent.purpose,
            "channel": consent.channel,
            "given": consent.given,
            "wording": consent.wording,
            "wording_version": consent.wording_version,
            "source": consent.source,
            "actor": consent.actor,
            "at": consent.at,
        }
        for customer_id, newcomer in newcomers
        for consent in newcomer.consents
    ]


def _channels(newcomers: Iterable[tuple[CustomerID, Newcomer]]) -> list[_Values]:
    return [
        {"customer_id": customer_id, "position": position, "channel": channel}
        for customer_id, newcomer in newcomers
        for position, channel in enumerate(newcomer.channels)
    ]


def _windows(newcomers: Iterable[tuple[CustomerID, Newcomer]]) -> list[_Values]:
    return [
        {
            "customer_id": customer_id,
            "weekday": day,
            "from_minute": window.start,
            "until_minute": window.until,
        }
        for customer_id, newcomer in newcomers
        for window in newcomer.windows
        for day in sorted(window.days)
    ]


def _insert(session: Session, table: type[Base], rows: list[_Values]) -> None:
    if rows:
        session.execute(insert(table), rows)
