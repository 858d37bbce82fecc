"""Sign-ins as browsers hold them: opened, kept alive, ended."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.texts import gettext as _
from loyalty.staff.models import StaffSessionRow
from loyalty.staff.values import StaffID, StaffSessionID

_LONGEST_BROWSER: Final = 200
_TOUCH: Final = timedelta(minutes=1)


class SessionNotFound(NotFound):
    """There is no such sign-in of this person."""

    code = "session_not_found"


def open_session(
    session: Session,
    *,
    staff_id: StaffID,
    browser: str,
    store_id: int | None,
    now: datetime,
) -> str:
    """Open a sign-in and return its token (256 bits), which is not stored."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSessionRow(
            token_hash=sha256(token.encode()).digest(),
            staff_id=staff_id,
            store_id=store_id,
            browser=browser[:_LONGEST_BROWSER],
            created_at=now,
            seen_at=now,
        )
    )
    return token


def touch_session(
    session: Session, *, session_id: StaffSessionID, now: datetime
) -> None:
    """Note that the browser is in use; written at most once a minute."""
    session.execute(
        update(StaffSessionRow)
        .where(StaffSessionRow.id == session_id, StaffSessionRow.seen_at < now - _TOUCH)
        .values(seen_at=now)
    )


def choose_store(
    session: Session, *, session_id: StaffSessionID, store_id: int | None
) -> None:
    """Set the store that the person works in; the edge checked that they may."""
    session.execute(
        update(StaffSessionRow)
        .where(StaffSessionRow.id == session_id)
        .values(store_id=store_id)
    )


def end_session(
    session: Session, *, staff_id: StaffID, session_id: StaffSessionID, now: datetime
) -> None:
    """
    End one of somebody's sign-ins.

    :raises SessionNotFound: if the person has no such sign-in that is still open
    """
    ended = session.execute(
        update(StaffSessionRow)
        .where(
            StaffSessionRow.id == session_id,
            StaffSessionRow.staff_id == staff_id,
            StaffSessionRow.ended_at.is_(None),
        )
        .values(ended_at=now)
        .returning(StaffSessionRow.id)
    ).first()
    if ended is None:
        message = _("That sign-in is over already.")
        raise SessionNotFound(message)


def end_all_sessions(
    session: Session,
    *,
    staff_id: StaffID,
    now: datetime,
    but: StaffSessionID | None = None,
) -> None:
    """End every sign-in of somebody, except the one named."""
    statement = update(StaffSessionRow).where(
        StaffSessionRow.staff_id == staff_id, StaffSessionRow.ended_at.is_(None)
    )
    if but is not None:
        statement = statement.where(StaffSessionRow.id != but)
    session.execute(statement.values(ended_at=now))
