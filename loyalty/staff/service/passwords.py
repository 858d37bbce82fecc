"""Passwords: argon2id, and a ceiling on how many are checked at once.

A check costs some 200 ms of CPU and 64 MiB. Without a ceiling a flood of sign-ins
would take the tills down with it; above the ceiling a check waits, and is refused
when it waited too long. Call these with no transaction open.
"""

from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from loyalty.core.errors import Invalid, Refused
from loyalty.core.texts import gettext as _

SHORTEST: Final = 12
LONGEST: Final = 256
_WAIT_SECONDS: Final = 10

_hasher = PasswordHasher()
_slots = BoundedSemaphore(2)
_NOBODY: Final = _hasher.hash("nobody signs in with this one")


class TooBusy(Refused):
    """Too many passwords are being checked just now."""

    code = "too_busy"


def hash_password(password: str) -> str:
    """
    Return what is stored of a password.

    :raises Invalid: if it is shorter than 12 or longer than 256 characters
    :raises TooBusy: if no slot came free in time
    """
    if not SHORTEST <= len(password) <= LONGEST:
        wrong = Invalid.field(
            "/password",
            _("Choose a password of 12 to 256 characters."),
            code="password_length",
        )
        raise wrong
    with _Slot():
        return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """
    Test a password; without a stored one it takes as long and is wrong.

    :raises TooBusy: if no slot came free in time
    """
    with _Slot():
        try:
            _hasher.verify(stored or _NOBODY, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


class _Slot:
    """One of the few checks that may run at once."""

    def __enter__(self) -> None:
        if not _slots.acquire(timeout=_WAIT_SECONDS):
            message = _("Too many people are signing in. Try again in a minute.")
            raise TooBusy(message)

    def __exit__(self, *_: object) -> None:
        _slots.release()
