"""Addresses to which nothing goes any more, and taking one back into use."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, NotFound
from loyalty.core.texts import gettext as _
from loyalty.customers.models import ContactRow
from loyalty.customers.queries import records_of
from loyalty.customers.values import ContactID, CustomerID, Suppression

SOFT_BOUNCES: Final = 3
"""So many messages that come back end the use of an address …"""

SOFT_WITHIN: Final = timedelta(days=30)
"""… if no more than this lies between one and the next."""

_TAKEN_BACK: Final = (Suppression.BLOCKED, "refused by the provider")
_SHORTEST_REASON: Final = 3
_LONGEST_REASON: Final = 200


class ContactNotFound(NotFound):
    """There is no such address, or it is another customer's."""

    code = "contact_not_found"


def suppress(
    session: Session,
    *,
    contact_id: ContactID,
    why: Suppression,
    actor: str,
    now: datetime,
) -> None:
    """Let nothing go to an address any more; doing it again changes nothing."""
    row = session.get(ContactRow, contact_id, with_for_update=True)
    if row is None or row.suppressed_at is not None:
        return
    row.suppressed_at, row.suppressed_why = now, why
    audit.record(
        session,
        now=now,
        actor=actor,
        action="contact.suppress",
        subject=f"customer:{row.customer_id}",
        after={"contact": contact_id, "why": why.value},
    )


def count_soft_bounce(
    session: Session, *, contact_id: ContactID, actor: str, now: datetime
) -> None:
    """Count a message that came back and might have arrived; the third one is enough.

    To be called once for each message.
    """
    row = session.get(ContactRow, contact_id, with_for_update=True)
    if row is None:
        return
    recent = row.soft_bounced_at is not None and now < row.soft_bounced_at + SOFT_WITHIN
    row.soft_bounces = row.soft_bounces + 1 if recent else 1
    row.soft_bounced_at = now
    if row.soft_bounces >= SOFT_BOUNCES:
        suppress(
            session,
            contact_id=contact_id,
            why=Suppression.SOFT_BOUNCES,
            actor=actor,
            now=now,
        )


def forget_soft_bounces(session: Session, *, contact_id: ContactID) -> None:
    """Begin to count anew: something has arrived."""
    row = session.get(ContactRow, contact_id)
    if row is not None and row.soft_bounces:
        row.soft_bounces, row.soft_bounced_at = 0, None


def unblock(
    session: Session, *, contact_id: ContactID, actor: str, now: datetime
) -> None:
    """Use an address again whose owner takes the block away; nothing else."""
    row = session.get(ContactRow, contact_id, with_for_update=True)
    if row is None or row.suppressed_why not in _TAKEN_BACK:
        return
    before = row.suppressed_why
    row.suppressed_at = row.suppressed_why = None
    audit.record(
        session,
        now=now,
        actor=actor,
        action="contact.unblock",
        subject=f"customer:{row.customer_id}",
        before={"contact": contact_id, "why": before},
    )


def restore(
    session: Session,
    *,
    customer_id: CustomerID,
    contact_id: ContactID,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """
    Use an address again, because a person says why; consents stay as they are.

    :raises ContactNotFound: if the customer has no such address
    :raises Invalid: if no reason is given
    """
    row = session.get(ContactRow, contact_id, with_for_update=True)
    own = records_of(session, customer_id=customer_id)
    if row is None or row.customer_id not in own:
        raise ContactNotFound(_("This member has no such address."))
    reason = " ".join(reason.split())
    if not _SHORTEST_REASON <= len(reason) <= _LONGEST_REASON:
        message = _("Say in a few words why it works again; the audit keeps it.")
        raise Invalid.field(pointer="/reason", message=message, code="reason_missing")
    if row.suppressed_at is None:
        return
    before = row.suppressed_why
    row.suppressed_at = row.suppressed_why = None
    row.soft_bounces, row.soft_bounced_at = 0, None
    audit.record(
        session,
        now=now,
        actor=actor,
        action="contact.restore",
        subject=f"customer:{row.customer_id}",
        before={"contact": contact_id, "why": before},
        after={"contact": contact_id, "reason": reason},
    )
