"""Adding people, and changing what is known of them."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.core.texts import gettext as _
from loyalty.core.vault import MemberVault, Vault, vault_of
from loyalty.customers import queries
from loyalty.customers.models import ContactRow, CustomerRow
from loyalty.customers.rules import Address
from loyalty.customers.service.changes import note_changes
from loyalty.customers.values import ContactID, ContactKind, CustomerID, CustomerStatus
from loyalty.stores.values import StoreID

LARGEST_ID = 2**53
"""JSON numbers are exact up to here."""


class AddressTaken(Refused):
    """The phone number or e-mail address belongs to someone already."""

    code = "address_taken"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """What may be said about a person when they enrol; all but language is free."""

    language: str
    time_zone: str
    home_store: StoreID | None = None
    first_name: str | None = None
    last_name: str | None = None
    birthday: date | None = None


def add_customer(
    session: Session, *, person: Person, actor: str, now: datetime
) -> CustomerID:
    """Add a customer under a random number, with a key of their own."""
    customer_id = _unused_id(session)
    vault = vault_of(session)
    wrapped = vault.new_member_key(member=customer_id)
    member = vault.member(wrapped, member=customer_id)
    session.add(
        CustomerRow(
            id=customer_id,
            status=CustomerStatus.ACTIVE,
            enrolled_at=now,
            enrolled_by=actor,
            home_store_id=person.home_store,
            language=person.language,
            time_zone=person.time_zone,
            member_key=wrapped,
            **sealed_names(member, person),
        )
    )
    session.flush()
    return customer_id


def sealed_names(member: MemberVault, person: Person) -> dict[str, bytes | None]:
    """Return the person's own values as the columns of the customer table."""
    values = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "birthday": person.birthday.isoformat() if person.birthday else None,
    }
    return {
        column: member.seal(f"customer.{column}", value) if value else None
        for column, value in values.items()
    }


def add_contact(
    session: Session, *, customer_id: CustomerID, address: Address, now: datetime
) -> ContactID:
    """
    Add a phone number or an e-mail address, not verified yet.

    :raises AddressTaken: if it is known, of this customer or another
    """
    row = queries.get_row(session, customer_id=customer_id)
    vault = vault_of(session)
    if row.member_key is None:
        message = "The member was erased."
        raise AddressTaken(message)
    member = vault.member(row.member_key, member=customer_id)
    contact_id: ContactID | None = session.scalar(
        insert(ContactRow)
        .values(
            customer_id=customer_id,
            kind=address.kind,
            value=member.seal("contact", address.value),
            lookup=lookup_of(vault, customer_id, address),
            landline=address.landline,
            added_at=now,
        )
        .on_conflict_do_nothing(index_elements=[ContactRow.lookup])
        .returning(ContactRow.id)
    )
    if contact_id is None:
        message = "This address belongs to a member already."
        raise AddressTaken(message)
    return contact_id


class LastAddress(Refused):
    """The only address that reaches a customer stays."""

    code = "last_address"


def remove_contact(
    session: Session,
    *,
    customer_id: CustomerID,
    contact_id: ContactID,
    now: datetime,
) -> None:
    """
    Take an address of a customer's away, if another one is left; of others nothing.

    :raises LastAddress: if it is the last one
    """
    own = queries.records_of(session, customer_id=customer_id)
    rows = session.scalars(
        select(ContactRow).where(ContactRow.customer_id.in_(own)).with_for_update()
    ).all()
    found = next((row for row in rows if row.id == contact_id), None)
    if found is None:
        return
    if len(rows) == 1:
        raise LastAddress(_("This is your only address: add another one first."))
    session.delete(found)
    audit.record(
        session,
        now=now,
        actor=f"customer:{customer_id}",
        action="contact.remove",
        subject=f"customer:{found.customer_id}",
        before={"contact": contact_id, "kind": found.kind.value},
    )


def lookup_of(vault: Vault, customer_id: CustomerID, address: Address) -> bytes:
    """Return by what an address is found; many people may live at a postal one."""
    value = address.value
    if address.kind is ContactKind.POST:
        value = f"{customer_id}:{value}"
    return vault.blind_index(address.kind, value)


def verify_contact(session: Session, *, contact_id: ContactID, now: datetime) -> None:
    """Note that the customer has shown to hold the address."""
    row = session.get_one(ContactRow, contact_id)
    row.verified_at = row.verified_at or now


def set_language(session: Session, *, customer_id: CustomerID, language: str) -> None:
    """Change the language in which the customer is written to."""
    row = queries.get_row(session, customer_id=customer_id)
    if row.language != language:
        row.language = language
        note_changes(session, customer_id)


def _unused_id(session: Session) -> CustomerID:
    while True:
        number = CustomerID(secrets.randbelow(LARGEST_ID - 1) + 1)
        if session.scalar(select(CustomerRow.id).where(CustomerRow.id == number)):
            continue
        return number
