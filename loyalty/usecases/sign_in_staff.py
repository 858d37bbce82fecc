"""Signing staff in: password, then a code where one is set up, then a session.

Checking a password takes some 200 ms of CPU and no transaction may be open
meanwhile, or a flood of sign-ins would hold every connection; so these take the
database and open short transactions of their own.
"""

from dataclasses import dataclass
from datetime import datetime

from loyalty.core import audit
from loyalty.core.database import Database
from loyalty.core.errors import Refused
from loyalty.core.texts import gettext as _
from loyalty.staff import queries
from loyalty.staff.service import factors, members, passwords, sessions
from loyalty.staff.values import StaffID, StaffMember


class SignInRefused(Refused):
    """The address or the password is wrong, or the person is disabled."""

    code = "sign_in_refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """Somebody is in; the token goes into the browser's cookie."""

    member: StaffMember
    token: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeNeeded:
    """The password was right, and a code is asked for."""

    staff_id: StaffID


def sign_in(
    database: Database, *, email: str, password: str, browser: str, now: datetime
) -> SignedIn | CodeNeeded:
    """
    Check a password and, unless a code is needed too, open a session.

    :param now: on the machine's clock
    :raises SignInRefused: without saying what was wrong, in the same time
    :raises TooBusy: if too many passwords are being checked
    """
    with database.transaction() as session:
        found = queries.find_credentials(session, email=email)
    right = passwords.verify_password(found.password_hash if found else None, password)
    if found is None or not right:
        raise SignInRefused(_("The e-mail address or the password is wrong."))
    with database.transaction() as session:
        member = queries.get_member(session, staff_id=found.staff_id)
    if member.second_factor:
        return CodeNeeded(staff_id=found.staff_id)
    return open_for(database, staff_id=found.staff_id, browser=browser, now=now)


def sign_in_with_code(
    database: Database, *, staff_id: StaffID, code: str, browser: str, now: datetime
) -> SignedIn:
    """
    Check the code of somebody whose password was right, and open a session.

    :raises CodeWrong: if it is wrong or was used before
    :raises SignInRefused: if the person was disabled meanwhile
    """
    with database.transaction() as session:
        factors.check_second_factor(session, staff_id=staff_id, code=code, now=now)
    return open_for(database, staff_id=staff_id, browser=browser, now=now)


def open_for(
    database: Database, *, staff_id: StaffID, browser: str, now: datetime
) -> SignedIn:
    """
    Open a session for somebody who has proved who they are.

    :raises SignInRefused: if the person is disabled
    """
    with database.transaction() as session:
        member = queries.get_member(session, staff_id=staff_id)
        if member.disabled_at is not None:
            raise SignInRefused(_("The e-mail address or the password is wrong."))
        token = sessions.open_session(
            session,
            staff_id=staff_id,
            browser=browser,
            store_id=_only_store(member),
            now=now,
        )
        audit.record(
            session,
            now=now,
            actor=member.actor,
            action="staff.sign_in",
            subject=member.actor,
        )
    return SignedIn(member=member, token=token)


def check_password(database: Database, *, member: StaffMember, password: str) -> None:
    """
    Ask for the password again before something that matters.

    :raises SignInRefused: if it is wrong
    """
    with database.transaction() as session:
        found = queries.find_credentials(session, email=member.email)
    if not passwords.verify_password(found.password_hash if found else None, password):
        raise SignInRefused(_("The password is wrong."))


def change_password(
    database: Database, *, member: StaffMember, old: str, new: str, now: datetime
) -> None:
    """
    Change one's own password; every browser has to sign in again.

    :raises SignInRefused: if the old one is wrong
    :raises Invalid: if the new one is too short or too long
    """
    check_password(database, member=member, password=old)
    stored = passwords.hash_password(new)
    with database.transaction() as session:
        members.set_password_hash(
            session,
            staff_id=member.id,
            password_hash=stored,
            actor=member.actor,
            now=now,
        )


def _only_store(member: StaffMember) -> int | None:
    stores = {post.store_id for post in member.posts}
    return stores.pop() if len(stores) == 1 else None
