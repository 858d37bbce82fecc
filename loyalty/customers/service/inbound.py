"""What came in from outside before: a repetition changes nothing."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.customers.models import InboundRow

KEPT: Final = timedelta(days=365)


def first_time(session: Session, *, source: str, key: str, now: datetime) -> bool:
    """
    Note that something came in; False if it was noted before.

    Of two at once one waits for the other, and sees it. A failure rolls the note back
    with everything else, so that a repetition is heard then.
    """
    noted = session.scalar(
        insert(InboundRow)
        .values(source=source, key=key[:200], at=now)
        .on_conflict_do_nothing()
        .returning(InboundRow.key)
    )
    return noted is not None


def forget_inbound(session: Session, *, now: datetime) -> None:
    """Forget what nobody will repeat any more."""
    session.execute(delete(InboundRow).where(InboundRow.at < now - KEPT))
