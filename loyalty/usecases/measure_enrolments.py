"""How enrolling at the tills goes: noted with each enrolment, told for one day.

The seconds run from the moment the cashier's empty page was made until the member
was. They stand in the audit, beside who enrolled whom.
"""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.audit import AuditEntry
from loyalty.core.periods import business_day, day_period
from loyalty.customers.values import CustomerID
from loyalty.stores.values import Store

_ACTION = "customer.enrol"


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolments:
    """A store's enrolments of one day."""

    count: int
    median_seconds: int | None
    """None while no duration is known."""


def note_enrolment(
    session: Session,
    *,
    customer_id: CustomerID,
    store: Store,
    seconds: int | None,
    actor: str,
    now: datetime,
) -> None:
    """Note that somebody enrolled; ``seconds`` None when nobody measured."""
    audit.record(
        session,
        now=now,
        actor=actor,
        action=_ACTION,
        subject=f"customer:{customer_id}",
        after={"store": store.code, "seconds": seconds},
    )


def enrolments_today(session: Session, *, store: Store, now: datetime) -> Enrolments:
    """Return the enrolments at the store's tills on its present business day."""
    today = day_period(business_day(now, store.time_zone), store.time_zone)
    notes = session.scalars(
        select(AuditEntry.after).where(
            AuditEntry.at >= today.start,
            AuditEntry.at < today.until,
            AuditEntry.action == _ACTION,
            AuditEntry.after["store"].astext == store.code,
        )
    ).all()
    known = [
        seconds
        for note in notes
        if note is not None and isinstance(seconds := note.get("seconds"), int)
    ]
    return Enrolments(
        count=len(notes), median_seconds=round(median(known)) if known else None
    )
