"""Opening a customer's pages: asking for a link, and using it.

Asking says the same and does the same work whether or not anybody has the
address: one look-up, one job. The job makes the link and sends it, so that neither
the queue nor the database ever holds the link itself.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.core.jobs import enqueue
from loyalty.customers.queries import find_by_address
from loyalty.customers.rules import parse_address
from loyalty.customers.service import links
from loyalty.customers.values import CustomerID
from loyalty.stores.queries import get_programme

JOB: Final = "send_wallet_link"
"""Takes ``customer_id`` (0: nobody, and nothing is sent)."""


def request_link(session: Session, *, contact: str) -> None:
    """
    Have a link sent to the customer with this phone number or e-mail address.

    Nothing tells whether there is one, or whether the text is an address at all.
    """
    customer_id = _find(session, contact) or CustomerID(0)
    enqueue(session, JOB, customer_id=customer_id)


def open_with_link(session: Session, *, token: str, now: datetime) -> str:
    """
    Use a link up and open the pages in this browser; return the browser's token.

    :param now: on the machine's clock
    :raises LinkNotValid: if the link is unknown, used or expired
    """
    customer_id = links.use_link(session, token=token, now=now)
    return links.open_customer_session(session, customer_id=customer_id, now=now)


def _find(session: Session, contact: str) -> CustomerID | None:
    region = get_programme(session).phone_region
    try:
        address = parse_address(contact, region=region)
    except Invalid:
        return None
    return find_by_address(session, address=address)
