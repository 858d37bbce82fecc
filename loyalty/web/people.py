"""Who is asking: the member of staff or the customer behind a request's cookie."""

from typing import Final

from flask import Response, g, request

from loyalty.core.clock import machine_now
from loyalty.customers.service.links import (
    CustomerPresence,
    find_customer_session,
    touch_customer_session,
)
from loyalty.customers.values import CustomerID
from loyalty.staff.queries import find_presence
from loyalty.staff.rules import scope_of
from loyalty.staff.service.sessions import touch_session
from loyalty.staff.values import Permission, Presence, Scope, StaffMember
from loyalty.web.context import database, parts

STAFF_COOKIE: Final = "staff"
WALLET_COOKIE: Final = "wallet"
_WALLET_SECONDS: Final = 180 * 24 * 3600


class NobodySignedIn(Exception):
    """The page needs somebody signed in; a guard answers it before the page runs."""


def presence() -> Presence | None:
    """Return who of the staff is signed in, looked up once a request."""
    if "presence" not in g:
        g.presence = _find_presence()
    found: Presence | None = g.presence
    return found


def current_staff() -> StaffMember:
    """
    Return the member of staff who is signed in.

    :raises NobodySignedIn: on a page without a guard for staff
    """
    found = presence()
    if found is None:
        raise NobodySignedIn
    return found.member


def current_store() -> int | None:
    """Return the number of the store that the signed-in person works in, if set."""
    found = presence()
    return found.session.store_id if found else None


def current_scope(permission: Permission) -> Scope:
    """Return the stores in which the signed-in person has a permission."""
    return scope_of(current_staff(), permission)


def staff_language() -> str | None:
    """Return the language of the member of staff who is signed in, if one is."""
    found = presence()
    return found.member.language if found else None


def customer_presence() -> CustomerPresence | None:
    """Return the customer whose wallet this browser opened, looked up once."""
    if "customer_presence" not in g:
        g.customer_presence = _find_customer()
    found: CustomerPresence | None = g.customer_presence
    return found


def current_customer_id() -> CustomerID:
    """
    Return the customer whose wallet this is.

    :raises NobodySignedIn: on a page without a guard for customers
    """
    found = customer_presence()
    if found is None:
        raise NobodySignedIn
    return found.customer_id


def customer_language() -> str | None:
    """Return the language of the customer whose wallet this is, if any."""
    found = customer_presence()
    return found.language if found else None


def set_staff_cookie(response: Response, token: str) -> None:
    """Hand a sign-in's token to the browser, until the browser closes."""
    _set(response, STAFF_COOKIE, token, max_age=None)


def set_wallet_cookie(response: Response, token: str) -> None:
    """Hand an opened wallet's token to the browser."""
    _set(response, WALLET_COOKIE, token, max_age=_WALLET_SECONDS)


def drop_cookie(response: Response, name: str) -> None:
    """Take a token back from the browser."""
    response.delete_cookie(
        name, httponly=True, samesite="Lax", secure=parts().secure_cookies
    )


def _set(response: Response, name: str, token: str, *, max_age: int | None) -> None:
    response.set_cookie(
        name,
        token,
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=parts().secure_cookies,
    )


def _find_presence() -> Presence | None:
    token = request.cookies.get(STAFF_COOKIE)
    if not token:
        return None
    now = machine_now()
    with database().transaction() as session:
        found = find_presence(
            session, token=token, limits=parts().staff_limits, now=now
        )
        if found is not None:
            touch_session(session, session_id=found.session.id, now=now)
    return found


def _find_customer() -> CustomerPresence | None:
    token = request.cookies.get(WALLET_COOKIE)
    if not token:
        return None
    now = machine_now()
    with database().transaction() as session:
        found = find_customer_session(session, token=token, now=now)
        if found is not None:
            touch_customer_session(session, token=token, now=now)
    return found
