"""Adding, changing and disabling people."""

from collections.abc import Sequence
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, Refused
from loyalty.core.texts import LANGUAGES
from loyalty.core.texts import gettext as _
from loyalty.staff import queries
from loyalty.staff.models import StaffRoleRow, StaffRow
from loyalty.staff.queries import StaffNotFound
from loyalty.staff.service.sessions import end_all_sessions
from loyalty.staff.values import Post, Role, StaffID, StaffMember

_LONGEST_NAME = 100


class AddressTaken(Refused):
    """Somebody else signs in with this address."""

    code = "address_taken"


class LastAdministrator(Refused):
    """Nobody would be left who may manage the staff."""

    code = "last_administrator"


def add_member(
    session: Session,
    *,
    email: str,
    name: str,
    posts: Sequence[Post],
    actor: str,
    now: datetime,
) -> StaffMember:
    """
    Add somebody, who can't sign in before a password is set.

    :raises Invalid: if the address or the name is no such thing
    :raises AddressTaken: if somebody has this address
    """
    address = _address(email)
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        wrong = Invalid.field("/name", _("Give a name, up to 100 letters."))
        raise wrong
    staff_id: StaffID | None = session.scalar(
        insert(StaffRow)
        .values(email=address, name=name, language="en", created_at=now)
        .on_conflict_do_nothing(index_elements=[StaffRow.email])
        .returning(StaffRow.id)
    )
    if staff_id is None:
        message = _("This address belongs to a member of staff already.")
        raise AddressTaken(message)
    _put_posts(session, staff_id, posts)
    audit.record(
        session,
        now=now,
        actor=actor,
        action="staff.add",
        subject=f"staff:{staff_id}",
        after={"posts": _post_texts(posts)},
    )
    return queries.get_member(session, staff_id=staff_id)


def set_posts(
    session: Session,
    *,
    staff_id: StaffID,
    posts: Sequence[Post],
    actor: str,
    now: datetime,
) -> StaffMember:
    """
    Give somebody exactly these roles.

    :raises StaffNotFound: if there is nobody with this number
    :raises LastAdministrator: if no administrator of all stores would be left
    """
    before = queries.get_member(session, staff_id=staff_id)
    session.execute(delete(StaffRoleRow).where(StaffRoleRow.staff_id == staff_id))
    _put_posts(session, staff_id, posts)
    _keep_an_administrator(session, before)
    audit.record(
        session,
        now=now,
        actor=actor,
        action="staff.posts",
        subject=f"staff:{staff_id}",
        before={"posts": _post_texts(before.posts)},
        after={"posts": _post_texts(posts)},
    )
    return queries.get_member(session, staff_id=staff_id)


def set_password_hash(
    session: Session,
    *,
    staff_id: StaffID,
    password_hash: str,
    actor: str,
    now: datetime,
) -> None:
    """
    Store a hash made by ``passwords.hash_password`` and end every sign-in.

    :raises StaffNotFound: if there is nobody with this number
    """
    _row(session, staff_id).password_hash = password_hash
    end_all_sessions(session, staff_id=staff_id, now=now)
    audit.record(
        session,
        now=now,
        actor=actor,
        action="staff.password",
        subject=f"staff:{staff_id}",
    )


def set_language(session: Session, *, staff_id: StaffID, language: str) -> None:
    """
    Choose the language somebody's pages are in.

    :raises Invalid: if the pages do not exist in it
    """
    if language not in LANGUAGES:
        wrong = Invalid.field("/language", _("Choose one of the languages listed."))
        raise wrong
    _row(session, staff_id).language = language


def set_disabled(
    session: Session, *, staff_id: StaffID, disabled: bool, actor: str, now: datetime
) -> None:
    """
    Shut somebody out at once, every browser included, or let them in again.

    :raises StaffNotFound: if there is nobody with this number
    :raises LastAdministrator: if no administrator of all stores would be left
    """
    before = queries.get_member(session, staff_id=staff_id)
    _row(session, staff_id).disabled_at = now if disabled else None
    if disabled:
        end_all_sessions(session, staff_id=staff_id, now=now)
        session.flush()
        _keep_an_administrator(session, before)
    audit.record(
        session,
        now=now,
        actor=actor,
        action="staff.disable" if disabled else "staff.enable",
        subject=f"staff:{staff_id}",
    )


def _keep_an_administrator(session: Session, before: StaffMember) -> None:
    if Post(role=Role.ADMINISTRATOR) not in before.posts:
        return
    left = session.scalars(
        select(StaffRow.id)
        .join(StaffRoleRow, StaffRoleRow.staff_id == StaffRow.id)
        .where(
            StaffRow.disabled_at.is_(None),
            StaffRoleRow.role == Role.ADMINISTRATOR,
            StaffRoleRow.store_id.is_(None),
        )
    ).first()
    if left is None:
        message = _("Somebody must remain who may manage all stores.")
        raise LastAdministrator(message)


def _put_posts(session: Session, staff_id: StaffID, posts: Sequence[Post]) -> None:
    session.add_all(
        StaffRoleRow(staff_id=staff_id, role=post.role, store_id=post.store_id)
        for post in dict.fromkeys(posts)
    )
    session.flush()


def _post_texts(posts: Sequence[Post]) -> list[str]:
    return [f"{post.role}@{post.store_id or 'all'}" for post in dict.fromkeys(posts)]


def _address(email: str) -> str:
    try:
        found = validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError as problem:
        wrong = Invalid.field("/email", str(problem), code="email")
        raise wrong from None
    return found.normalized.lower()


def _row(session: Session, staff_id: StaffID) -> StaffRow:
    row = session.get(StaffRow, staff_id, with_for_update=True)
    if row is None:
        message = f"There is no member of staff {staff_id}."
        raise StaffNotFound(message)
    return row
