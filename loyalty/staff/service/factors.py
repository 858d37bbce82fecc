"""The second factor: codes of an authenticator (RFC 6238), and recovery codes.

A code is good for its half minute and the one before and after it, once: the step
of the last code used is kept, and a code of that step or an earlier one is refused.
The row is locked first, so two requests with one code can't both win.
"""

import secrets
from datetime import datetime
from typing import Final

import pyotp
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.core.texts import gettext as _
from loyalty.core.vault import vault_of
from loyalty.staff.models import RecoveryCodeRow, StaffRow
from loyalty.staff.values import StaffID

_STEP_SECONDS: Final = 30
_RECOVERY_CODES: Final = 10
_RECOVERY_BYTES: Final = 10
_ISSUER: Final = "Loyalty"


class CodeWrong(Refused):
    """The code is wrong, too old, or was used before."""

    code = "code_wrong"


class NotEnrolling(Refused):
    """There is no authenticator waiting to be confirmed."""

    code = "not_enrolling"


def begin_totp(session: Session, *, staff_id: StaffID) -> str:
    """
    Make a new seed and return its ``otpauth://`` address for a QR code.

    It counts only after ``confirm_totp``; until then an older one stays in force.

    :raises NotEnrolling: if an authenticator is in force; remove it first
    """
    row = _lock(session, staff_id)
    if row.totp_confirmed_at is not None:
        message = _("An authenticator is already in use.")
        raise NotEnrolling(message)
    seed = pyotp.random_base32(32)
    row.totp_secret = vault_of(session).seal(_field(staff_id), seed)
    row.totp_last_step = None
    return pyotp.TOTP(seed).provisioning_uri(name=row.email, issuer_name=_ISSUER)


def pending_totp(session: Session, *, staff_id: StaffID) -> str | None:
    """Return the address of a seed that waits for its confirmation, if one does."""
    row = session.get_one(StaffRow, staff_id)
    if row.totp_secret is None or row.totp_confirmed_at is not None:
        return None
    seed = vault_of(session).open(_field(staff_id), row.totp_secret)
    return pyotp.TOTP(seed).provisioning_uri(name=row.email, issuer_name=_ISSUER)


def confirm_totp(
    session: Session, *, staff_id: StaffID, code: str, now: datetime
) -> tuple[str, ...]:
    """
    Put the authenticator in force and return ten recovery codes, shown once.

    :raises NotEnrolling: if none is waiting
    :raises CodeWrong: if the code is not one of its
    """
    row = _lock(session, staff_id)
    if row.totp_secret is None or row.totp_confirmed_at is not None:
        message = _("Start again: no authenticator waits to be confirmed.")
        raise NotEnrolling(message)
    _use_totp(session, row, code, now)
    row.totp_confirmed_at = now
    audit.record(
        session,
        now=now,
        actor=f"staff:{staff_id}",
        action="staff.totp_on",
        subject=f"staff:{staff_id}",
    )
    return renew_recovery_codes(session, staff_id=staff_id)


def remove_totp(
    session: Session, *, staff_id: StaffID, actor: str, now: datetime
) -> None:
    """Take the authenticator and the recovery codes out of force."""
    row = _lock(session, staff_id)
    row.totp_secret = row.totp_confirmed_at = row.totp_last_step = None
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.staff_id == staff_id))
    audit.record(
        session,
        now=now,
        actor=actor,
        action="staff.totp_off",
        subject=f"staff:{staff_id}",
    )


def check_second_factor(
    session: Session, *, staff_id: StaffID, code: str, now: datetime
) -> None:
    """
    Use up a code of the authenticator, or a recovery code.

    :raises CodeWrong: if it is wrong, too old or used before
    """
    row = _lock(session, staff_id)
    if row.totp_confirmed_at is None:
        raise _wrong()
    tidy = code.replace(" ", "").replace("-", "").lower()
    if tidy.isascii() and tidy.isdigit():
        _use_totp(session, row, tidy, now)
    else:
        _use_recovery_code(session, staff_id, tidy, now)


def renew_recovery_codes(session: Session, *, staff_id: StaffID) -> tuple[str, ...]:
    """Replace the recovery codes and return the new ones (80 bits each)."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.staff_id == staff_id))
    codes = [secrets.token_hex(_RECOVERY_BYTES) for _at in range(_RECOVERY_CODES)]
    session.add_all(
        RecoveryCodeRow(code_hash=_hash(session, staff_id, code), staff_id=staff_id)
        for code in codes
    )
    return tuple(
        "-".join(code[at : at + 5] for at in range(0, len(code), 5)) for code in codes
    )


def _wrong() -> CodeWrong:
    return CodeWrong(_("This code is wrong or was used already. Wait for the next."))


def _use_totp(session: Session, row: StaffRow, code: str, now: datetime) -> None:
    if row.totp_secret is None:
        raise _wrong()
    totp = pyotp.TOTP(vault_of(session).open(_field(row.id), row.totp_secret))
    present = int(now.timestamp()) // _STEP_SECONDS
    for step in (present - 1, present, present + 1):
        used = row.totp_last_step is not None and step <= row.totp_last_step
        right = secrets.compare_digest(totp.generate_otp(step), code)
        if right and not used:
            row.totp_last_step = step
            return
    raise _wrong()


def _use_recovery_code(
    session: Session, staff_id: StaffID, code: str, now: datetime
) -> None:
    used = session.execute(
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.code_hash == _hash(session, staff_id, code),
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCodeRow.staff_id)
    ).first()
    if used is None:
        raise _wrong()
    audit.record(
        session,
        now=now,
        actor=f"staff:{staff_id}",
        action="staff.recovery_code",
        subject=f"staff:{staff_id}",
    )


def _hash(session: Session, staff_id: StaffID, code: str) -> bytes:
    return vault_of(session).blind_index("staff recovery code", f"{staff_id}:{code}")


def _field(staff_id: StaffID) -> str:
    return f"staff.totp:{staff_id}"


def _lock(session: Session, staff_id: StaffID) -> StaffRow:
    return session.get_one(StaffRow, staff_id, with_for_update=True)
