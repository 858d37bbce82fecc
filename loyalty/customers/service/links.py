"""Opening a customer's pages: single-use links, and the browsers they opened.

Of a link and of a browser's token only the SHA-256 is stored. Both are measured on
the machine's clock, which nothing in the demo moves.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.core.texts import gettext as _
from loyalty.customers.models import CustomerRow, CustomerSessionRow, LinkRow
from loyalty.customers.values import CustomerID, CustomerStatus

LINK_LIFETIME: Final = timedelta(minutes=10)
SESSION_IDLE: Final = timedelta(days=30)
SESSION_ABSOLUTE: Final = timedelta(days=180)
WALLET: Final = "wallet"
_TOUCH: Final = timedelta(minutes=5)


class LinkNotValid(Refused):
    """The link is unknown, was used, or is older than ten minutes."""

    code = "link_not_valid"


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerPresence:
    """A customer whose pages are open in this browser."""

    customer_id: CustomerID
    language: str


def make_link(
    session: Session,
    *,
    customer_id: CustomerID,
    now: datetime,
    purpose: str = WALLET,
    lifetime: timedelta = LINK_LIFETIME,
) -> str:
    """
    Make a single-use link and return its token (256 bits), which is not stored.

    :param now: on the machine's clock
    :raises ValueError: if it should live longer than ten minutes
    """
    if lifetime > LINK_LIFETIME:
        message = f"a link lives at most {LINK_LIFETIME}"
        raise ValueError(message)
    token = secrets.token_urlsafe(32)
    session.add(
        LinkRow(
            secret_hash=_hash(token),
            customer_id=customer_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    return token


def use_link(
    session: Session, *, token: str, now: datetime, purpose: str = WALLET
) -> CustomerID:
    """
    Use a link up and return whose it is; of two requests at once one wins.

    :raises LinkNotValid: if it is unknown, used or expired, without saying which
    """
    customer_id: CustomerID | None = session.scalar(
        update(LinkRow)
        .where(
            LinkRow.secret_hash == _hash(token),
            LinkRow.purpose == purpose,
            LinkRow.used_at.is_(None),
            LinkRow.expires_at > now,
        )
        .values(used_at=now)
        .returning(LinkRow.customer_id)
    )
    if customer_id is None:
        raise LinkNotValid(_("This link was used or is too old. Ask for a new one."))
    return customer_id


def open_customer_session(
    session: Session, *, customer_id: CustomerID, now: datetime
) -> str:
    """Open a customer's pages in a browser and return its token (256 bits)."""
    token = secrets.token_urlsafe(32)
    session.add(
        CustomerSessionRow(
            token_hash=_hash(token),
            customer_id=customer_id,
            created_at=now,
            seen_at=now,
        )
    )
    return token


def find_customer_session(
    session: Session, *, token: str, now: datetime
) -> CustomerPresence | None:
    """Return whose pages a browser opened, unless that is over or they left."""
    found = session.execute(
        select(CustomerRow.id, CustomerRow.language)
        .join(CustomerSessionRow, CustomerSessionRow.customer_id == CustomerRow.id)
        .where(
            CustomerSessionRow.token_hash == _hash(token),
            CustomerSessionRow.ended_at.is_(None),
            CustomerSessionRow.seen_at > now - SESSION_IDLE,
            CustomerSessionRow.created_at > now - SESSION_ABSOLUTE,
            CustomerRow.status == CustomerStatus.ACTIVE,
        )
    ).one_or_none()
    if found is None:
        return None
    return CustomerPresence(customer_id=found.id, language=found.language)


def touch_customer_session(session: Session, *, token: str, now: datetime) -> None:
    """Note that the browser is in use; written at most every five minutes."""
    session.execute(
        update(CustomerSessionRow)
        .where(
            CustomerSessionRow.token_hash == _hash(token),
            CustomerSessionRow.seen_at < now - _TOUCH,
        )
        .values(seen_at=now)
    )


def end_customer_session(session: Session, *, token: str, now: datetime) -> None:
    """Close the customer's pages in one browser."""
    session.execute(
        update(CustomerSessionRow)
        .where(
            CustomerSessionRow.token_hash == _hash(token),
            CustomerSessionRow.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def end_all_customer_sessions(
    session: Session, *, customer_id: CustomerID, now: datetime
) -> None:
    """Close the customer's pages in every browser."""
    session.execute(
        update(CustomerSessionRow)
        .where(
            CustomerSessionRow.customer_id == customer_id,
            CustomerSessionRow.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
