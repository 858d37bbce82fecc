"""A customer shows, by a link or a code sent there, that an address is theirs.

The link is signed and lives for days, as a welcome mail waits to be read. It opens
the pages only when it confirms the address: a second use of it opens nothing, for
that there are links of ten minutes. A yes to offers that waits for the address counts
from then on, with the wording that was shown.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.links import LinkInvalid, read_link
from loyalty.core.vault import vault_of
from loyalty.customers.queries import get_profile, standing_record
from loyalty.customers.service.codes import try_code
from loyalty.customers.service.consents import confirm_consent
from loyalty.customers.service.links import open_customer_session
from loyalty.customers.service.people import verify_contact
from loyalty.customers.values import Channel, Contact, CustomerID
from loyalty.delivery.render import CONFIRM_PURPOSE


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfirmLink:
    """What a link confirms: an address, and perhaps a yes that waits for it."""

    customer_id: CustomerID
    contact: Contact
    statement: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """What came of it."""

    browser: str | None = None
    """The token that opens the pages, when the address was not confirmed before."""

    channel: Channel | None = None
    """Where offers are welcome from now on."""


def read_confirm_link(session: Session, *, token: str, now: datetime) -> ConfirmLink:
    """
    Return whose address the link confirms; reading it changes nothing.

    :raises LinkInvalid: if it is none of ours, or the address is not theirs any more
    :raises LinkExpired: after seven days
    """
    values = read_link(vault_of(session), CONFIRM_PURPOSE, token, now)
    stated = CustomerID(int(values["c"]))
    customer_id = standing_record(session, customer_id=stated)
    profile = get_profile(session, customer_id=customer_id)
    for contact in profile.contacts:
        if contact.id == values["k"]:
            statement = int(values["s"]) if "s" in values else None
            return ConfirmLink(
                customer_id=customer_id, contact=contact, statement=statement
            )
    message = "This address is not used any more."
    raise LinkInvalid(message)


def confirm_address(
    session: Session, *, token: str, now: datetime, machine_now: datetime
) -> Confirmed:
    """
    Confirm the address, and what waited for it; the first time the pages open as well.

    :param machine_now: for what guards the browser
    :raises LinkInvalid: as for reading
    :raises LinkExpired: as for reading
    """
    link = read_confirm_link(session, token=token, now=now)
    channel = _confirm(session, link, source="link", now=now)
    if link.contact.verified_at is not None:
        return Confirmed(channel=channel)
    browser = open_customer_session(
        session, customer_id=link.customer_id, now=machine_now
    )
    return Confirmed(browser=browser, channel=channel)


def confirm_with_code(
    session: Session, *, customer_id: CustomerID, typed: str, now: datetime
) -> Confirmed | None:
    """
    Confirm the address to which the code was sent, and what waited for it.

    The caller commits also what is wrong: guesses are counted.

    :returns: None if no code of the customer's is this one
    """
    row = try_code(session, customer_id=customer_id, typed=typed, now=now)
    if row is None:
        return None
    profile = get_profile(session, customer_id=customer_id)
    contact = next((one for one in profile.contacts if one.id == row.contact_id), None)
    if contact is None:
        return None
    link = ConfirmLink(
        customer_id=customer_id, contact=contact, statement=row.consent_id
    )
    return Confirmed(channel=_confirm(session, link, source="code", now=now))


def _confirm(
    session: Session, link: ConfirmLink, *, source: str, now: datetime
) -> Channel | None:
    verify_contact(session, contact_id=link.contact.id, now=now)
    if link.statement is None:
        return None
    given = confirm_consent(
        session,
        customer_id=link.customer_id,
        statement=link.statement,
        source=source,
        now=now,
    )
    return None if given is None else given.channel
