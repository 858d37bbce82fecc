"""Reading staff, their sessions and keys."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.staff.models import (
    ApiKeyRow,
    RecoveryCodeRow,
    StaffRoleRow,
    StaffRow,
    StaffSessionRow,
)
from loyalty.staff.rules import session_stands
from loyalty.staff.values import (
    ApiKey,
    ApiScope,
    Credentials,
    Post,
    Presence,
    SessionLimits,
    StaffID,
    StaffMember,
    StaffSession,
)


class StaffNotFound(NotFound):
    """Nobody with this number or address works here."""

    code = "staff_not_found"


def get_member(session: Session, *, staff_id: StaffID) -> StaffMember:
    """
    Return somebody by number.

    :raises StaffNotFound: if there is nobody
    """
    row = session.get(StaffRow, staff_id)
    if row is None:
        message = f"There is no member of staff {staff_id}."
        raise StaffNotFound(message)
    return _members(session, [row])[0]


def find_member(session: Session, *, email: str) -> StaffMember | None:
    """Return the person who signs in with this address, if there is one."""
    row = session.scalar(select(StaffRow).where(StaffRow.email == email.lower()))
    return _members(session, [row])[0] if row else None


def list_members(session: Session) -> tuple[StaffMember, ...]:
    """Return everybody, also who is disabled, by name."""
    rows = session.scalars(select(StaffRow).order_by(StaffRow.name, StaffRow.id))
    return _members(session, rows.all())


def actor_names(session: Session) -> dict[str, str]:
    """Return what people and keys are called, by how the audit names them."""
    staff = {member.actor: member.name for member in list_members(session)}
    return staff | {f"key:{key.id}": key.label for key in list_keys(session)}


def find_presence(
    session: Session, *, token: str, limits: SessionLimits, now: datetime
) -> Presence | None:
    """Return who is signed in with this token, unless the sign-in is over."""
    row = session.scalar(
        select(StaffSessionRow).where(
            StaffSessionRow.token_hash == sha256(token.encode()).digest(),
            StaffSessionRow.ended_at.is_(None),
        )
    )
    if row is None or not session_stands(
        created_at=row.created_at, seen_at=row.seen_at, limits=limits, now=now
    ):
        return None
    member = get_member(session, staff_id=row.staff_id)
    if member.disabled_at is not None:
        return None
    return Presence(member=member, session=_session_value(row))


def list_sessions(
    session: Session, *, staff_id: StaffID, limits: SessionLimits, now: datetime
) -> tuple[StaffSession, ...]:
    """Return the browsers somebody is signed in with, the latest seen first."""
    rows = session.scalars(
        select(StaffSessionRow)
        .where(StaffSessionRow.staff_id == staff_id, StaffSessionRow.ended_at.is_(None))
        .order_by(StaffSessionRow.seen_at.desc(), StaffSessionRow.id)
    )
    return tuple(
        _session_value(row)
        for row in rows
        if session_stands(
            created_at=row.created_at, seen_at=row.seen_at, limits=limits, now=now
        )
    )


def list_keys(session: Session) -> tuple[ApiKey, ...]:
    """Return every key ever made, the latest first; never a secret."""
    rows = session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.id.desc()))
    return tuple(
        ApiKey(
            id=row.id,
            prefix=row.prefix,
            label=row.label,
            scopes=tuple(ApiScope(scope) for scope in row.scopes),
            store_id=row.store_id,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    )


def _members(session: Session, rows: Sequence[StaffRow]) -> tuple[StaffMember, ...]:
    posts: dict[StaffID, list[Post]] = defaultdict(list)
    for role in session.scalars(
        select(StaffRoleRow)
        .where(StaffRoleRow.staff_id.in_([row.id for row in rows]))
        .order_by(StaffRoleRow.id)
    ):
        posts[role.staff_id].append(Post(role=role.role, store_id=role.store_id))
    return tuple(
        StaffMember(
            id=row.id,
            email=row.email,
            name=row.name,
            language=row.language,
            posts=tuple(posts[row.id]),
            second_factor=row.totp_confirmed_at is not None,
            disabled_at=row.disabled_at,
        )
        for row in rows
    )


def _session_value(row: StaffSessionRow) -> StaffSession:
    return StaffSession(
        id=row.id,
        staff_id=row.staff_id,
        store_id=row.store_id,
        created_at=row.created_at,
        seen_at=row.seen_at,
        browser=row.browser,
    )


def find_credentials(session: Session, *, email: str) -> Credentials | None:
    """Return what a sign-in with this address is checked against, if anything."""
    row = session.scalar(
        select(StaffRow).where(
            StaffRow.email == email.strip().lower(), StaffRow.disabled_at.is_(None)
        )
    )
    return (
        Credentials(staff_id=row.id, password_hash=row.password_hash) if row else None
    )


def count_recovery_codes(session: Session, *, staff_id: StaffID) -> int:
    """Return how many recovery codes somebody has left."""
    return (
        session.scalar(
            select(func.count())
            .select_from(RecoveryCodeRow)
            .where(
                RecoveryCodeRow.staff_id == staff_id, RecoveryCodeRow.used_at.is_(None)
            )
        )
        or 0
    )
