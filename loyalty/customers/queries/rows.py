"""The customer's row, and the key that opens what is sealed in it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.vault import MemberVault, vault_of
from loyalty.customers.models import ContactRow, CustomerRow
from loyalty.customers.queries.records import STANDING
from loyalty.customers.rules import Address
from loyalty.customers.values import CustomerID


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


def find_by_address(session: Session, *, address: Address) -> CustomerID | None:
    """Return whose address this is, or None; if merged, the record that stands."""
    lookup = vault_of(session).blind_index(address.kind, address.value)
    found = session.scalar(
        select(STANDING)
        .join(ContactRow, ContactRow.customer_id == CustomerRow.id)
        .where(ContactRow.lookup == lookup)
    )
    return None if found is None else CustomerID(found)


def opened(vault: MemberVault | None, field: str, sealed: bytes | None) -> str | None:
    """Return the sealed text in clear; None without a key or without a text."""
    return vault.open(field, sealed) if vault and sealed else None
