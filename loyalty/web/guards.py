"""Who may open a page: declared beside the view, enforced in one place.

A decorator only writes the declaration on the view; ``enforce`` runs before every
request and refuses what no declaration allows. A view without one is a bug: it
answers 500 here, and a test over all routes finds it before that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from flask import Flask, current_app, request

from loyalty.core.errors import Forbidden
from loyalty.core.texts import gettext as _
from loyalty.staff.rules import may
from loyalty.staff.values import Permission
from loyalty.web.people import (
    NobodySignedIn,
    current_customer_id,
    current_staff,
    current_store,
)

_ATTRIBUTE: Final = "loyalty_guard"
_CSRF_EXEMPT: Final = "loyalty_csrf_exempt"
API_PATH: Final = "/api/"
"""Below it, keys are asked for by the API's own guards, and cookies count nothing."""

OPEN_ENDPOINTS: Final = frozenset(
    {
        "static",
        "api-docs.openapi_json",
        "api-docs.openapi_swagger_ui",
        "api-docs.openapi_redoc",
        "api-docs.openapi_rapidoc",
        "api-page.show",
        "Health.show_health",
    }
)
"""Views that libraries add: Flask's (which has no folder here) and the API's own
description, which holds nothing secret; and the API's page and its sign of life."""

View = TypeVar("View", bound=Callable[..., object])


class Audience(StrEnum):
    """Whom a view is for."""

    EVERYBODY = "everybody"
    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """A view's declaration."""

    audience: Audience
    permission: Permission | None = None
    why: str = ""
    """For what is open to everybody: the reason."""


class NotAllowed(Forbidden):
    """The person signed in has no such permission, or not in that store."""

    code = "not_allowed"


class NoStoreChosen(Forbidden):
    """The page belongs to a store, and the person has not said which."""

    code = "no_store_chosen"


class Unguarded(Exception):
    """A view declares no guard; never normal business."""


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare that a view is for staff with a permission.

    Where the address has a ``store_id``, the permission is asked for that store.
    """
    return _declare(Guard(audience=Audience.STAFF, permission=permission))


def requires_staff(view: View) -> View:
    """Declare that a view is for anybody of the staff, such as one's own account."""
    return _declare(Guard(audience=Audience.STAFF))(view)


def requires_customer(view: View) -> View:
    """Declare that a view is for the customer whose wallet the browser opened."""
    return _declare(Guard(audience=Audience.CUSTOMER))(view)


def open_to_all(why: str) -> Callable[[View], View]:
    """Declare that a view is for everybody, and why."""
    return _declare(Guard(audience=Audience.EVERYBODY, why=why))


def csrf_exempt(why: str) -> Callable[[View], View]:
    """Let a view accept forms without our token, such as one-click unsubscribe."""

    def declare(view: View) -> View:
        setattr(view, _CSRF_EXEMPT, why)
        return view

    return declare


def is_csrf_exempt(endpoint: str) -> bool:
    """Test whether the view behind an endpoint declared that it needs no token."""
    return hasattr(current_app.view_functions.get(endpoint), _CSRF_EXEMPT)


def guard_of(view: Callable[..., object] | None) -> Guard | None:
    """Return a view's declaration, or None."""
    found = getattr(view, _ATTRIBUTE, None)
    return found if isinstance(found, Guard) else None


def work_store() -> int:
    """
    Return the store in which the signed-in person works just now.

    :raises NoStoreChosen: if they have not said, which the page at
        ``/staff/store`` asks them
    """
    store = current_store()
    if store is None:
        raise NoStoreChosen(_("Choose the store you work in first."))
    return store


def install(app: Flask) -> None:
    """Enforce the declarations of all views but the API's."""
    app.before_request(enforce)


def enforce() -> None:
    """
    Refuse the request unless the view's declaration allows it.

    :raises NobodySignedIn: if the view needs somebody, and nobody is signed in
    :raises NotAllowed: if the person may not
    :raises Unguarded: if the view declares nothing
    """
    if (
        request.endpoint is None
        or request.endpoint in OPEN_ENDPOINTS
        or request.path.startswith(API_PATH)
    ):
        return
    guard = guard_of(current_app.view_functions.get(request.endpoint))
    if guard is None:
        raise Unguarded(request.endpoint)
    match guard.audience:
        case Audience.STAFF:
            _check(guard)
        case Audience.CUSTOMER:
            current_customer_id()
        case Audience.EVERYBODY:
            pass


def _check(guard: Guard) -> None:
    member = current_staff()
    if guard.permission is None:
        return
    store_id = (request.view_args or {}).get("store_id")
    if not may(member, guard.permission, store_id=store_id):
        raise NotAllowed(_("Your role does not include this. Ask your manager."))


def _declare(guard: Guard) -> Callable[[View], View]:
    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, guard)
        return view

    return declare


__all__ = [
    "API_PATH",
    "OPEN_ENDPOINTS",
    "Audience",
    "Guard",
    "NoStoreChosen",
    "NobodySignedIn",
    "NotAllowed",
    "Unguarded",
    "csrf_exempt",
    "guard_of",
    "install",
    "is_csrf_exempt",
    "open_to_all",
    "requires",
    "requires_customer",
    "requires_staff",
    "work_store",
]
