"""Ways to a customer that prove themselves: a browser, a chat, a postal address.

One of each kind: a new one takes the place of the old. What another customer had (a
browser that two people use) goes over to whoever connected it last.
"""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from loyalty.core.vault import vault_of
from loyalty.customers.models import ContactRow
from loyalty.customers.rules import Address
from loyalty.customers.service.people import add_contact, lookup_of, verify_contact
from loyalty.customers.values import ContactKind, CustomerID


def connect_way(
    session: Session, *, customer_id: CustomerID, address: Address, now: datetime
) -> None:
    """
    Make this the customer's only address of its kind, verified.

    :raises AddressTaken: if the member was erased
    :raises CustomerNotFound: if there is no such customer
    """
    disconnect_way(session, customer_id=customer_id, kind=address.kind)
    lookup = lookup_of(vault_of(session), customer_id, address)
    session.execute(delete(ContactRow).where(ContactRow.lookup == lookup))
    contact_id = add_contact(session, customer_id=customer_id, address=address, now=now)
    verify_contact(session, contact_id=contact_id, now=now)


def disconnect_way(
    session: Session, *, customer_id: CustomerID, kind: ContactKind
) -> None:
    """Forget a customer's addresses of a kind; what waits for them goes elsewhere."""
    session.execute(
        delete(ContactRow).where(
            ContactRow.customer_id == customer_id, ContactRow.kind == kind
        )
    )
