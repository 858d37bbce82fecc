"""A customer connects a chat with the shop's bot, by a link from their own pages."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.links import read_link, sign_link
from loyalty.core.vault import vault_of
from loyalty.customers.queries import owner_of, standing_record
from loyalty.customers.rules import Address
from loyalty.customers.service.people import AddressTaken, add_contact, verify_contact
from loyalty.customers.service.suppression import unblock
from loyalty.customers.values import ContactKind, CustomerID

TELEGRAM_KEY: Final = "telegram webhook"
"""What Telegram's secret token is derived for from the installation's secret."""

_PURPOSE: Final = "telegram"
_LASTS: Final = timedelta(hours=1)


def chat_link(
    session: Session, *, bot: str, customer_id: CustomerID, now: datetime
) -> str:
    """Return the link that opens the bot, which then knows whose chat it is."""
    token = sign_link(vault_of(session), _PURPOSE, {"c": customer_id}, now + _LASTS)
    return f"https://t.me/{bot}?start={token}"


def connect_chat(session: Session, *, token: str, chat: str, now: datetime) -> None:
    """
    Keep the chat as a proved address of the customer's.

    :raises LinkInvalid: if the link is none of ours
    :raises LinkExpired: after an hour
    :raises AddressTaken: if the chat is another member's
    """
    stated = read_link(vault_of(session), _PURPOSE, token, now)["c"]
    customer_id = standing_record(session, customer_id=CustomerID(int(stated)))
    address = Address(kind=ContactKind.TELEGRAM, value=chat)
    lookup = vault_of(session).blind_index(address.kind, address.value)
    owner = owner_of(session, lookup=lookup)
    if owner is None:
        contact_id = add_contact(
            session, customer_id=customer_id, address=address, now=now
        )
        verify_contact(session, contact_id=contact_id, now=now)
    elif owner[0] == customer_id:
        unblock(session, contact_id=owner[1], actor=f"customer:{customer_id}", now=now)
    else:
        message = "This chat belongs to a member already."
        raise AddressTaken(message)
