"""A customer shows, by a link sent there, that an address is theirs.

The link is signed and lives for days, as a welcome mail waits to be read. It opens
the pages only when it confirms the address: a second use of it opens nothing, for
that there are links of ten minutes.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.links import LinkInvalid, read_link
from loyalty.core.vault import vault_of
from loyalty.customers.queries import get_profile
from loyalty.customers.service.links import open_customer_session
from loyalty.customers.service.people import verify_contact
from loyalty.customers.values import Contact, CustomerID
from loyalty.delivery.render import CONFIRM_PURPOSE


def read_confirm_link(
    session: Session, *, token: str, now: datetime
) -> tuple[CustomerID, Contact]:
    """
    Return whose address the link confirms; reading it changes nothing.

    :raises LinkInvalid: if it is none of ours, or the address is not theirs any more
    :raises LinkExpired: after seven days
    """
    values = read_link(vault_of(session), CONFIRM_PURPOSE, token, now)
    customer_id = CustomerID(int(values["c"]))
    profile = get_profile(session, customer_id=customer_id)
    for contact in profile.contacts:
        if contact.id == values["k"]:
            return customer_id, contact
    message = "This address is not used any more."
    raise LinkInvalid(message)


def confirm_address(
    session: Session, *, token: str, now: datetime, machine_now: datetime
) -> str | None:
    """
    Confirm the address and open the customer's pages.

    :param machine_now: for what guards the browser
    :returns: the browser's token, or None when the address was confirmed before
    :raises LinkInvalid: as for reading
    :raises LinkExpired: as for reading
    """
    customer_id, contact = read_confirm_link(session, token=token, now=now)
    if contact.verified_at is not None:
        return None
    verify_contact(session, contact_id=contact.id, now=now)
    return open_customer_session(session, customer_id=customer_id, now=machine_now)
