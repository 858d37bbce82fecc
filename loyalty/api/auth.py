"""Which machine calls the API, and whether its key allows it.

``require_scope`` only writes on the view what it needs; ``enforce`` checks it before
anything of the request is read. A view that declares nothing is refused. Keys are
looked up at every request, so a revoked one is dead at once. Cookies count nothing
here, which is why no CSRF token is asked for.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from flask import current_app, g, request

from loyalty.core.clock import machine_now
from loyalty.core.errors import Forbidden, LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.staff.rules import may_call
from loyalty.staff.service.keys import use_key
from loyalty.staff.values import ApiScope, KeyIdentity
from loyalty.web.context import database
from loyalty.web.guards import API_PATH, OPEN_ENDPOINTS

_ATTRIBUTE: Final = "loyalty_api_scope"

View = TypeVar("View", bound=Callable[..., object])


class KeyRefused(LoyaltyError):
    """There is no key with the request, or it is unknown or revoked."""

    code = "key_refused"


class ScopeMissing(Forbidden):
    """The key is good, but not for this."""

    code = "scope_missing"


class OtherStore(Forbidden):
    """The key belongs to another store."""

    code = "other_store"


def require_scope(scope: str) -> Callable[[View], View]:
    """
    Declare the scope that a view asks of a key, as ``checkout:quote``.

    :raises ValueError: if there is no such scope
    """
    needed = ApiScope(scope)

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, needed)
        return view

    return declare


def scope_of_endpoint(endpoint: str, method: str) -> ApiScope | None:
    """Return what the view behind an endpoint declared for a method, or None."""
    view = current_app.view_functions.get(endpoint)
    handlers = getattr(view, "view_class", None)
    if handlers is not None:
        verb = "get" if method in {"HEAD", "OPTIONS"} else method.lower()
        view = getattr(handlers, verb, None)
    found = getattr(view, _ATTRIBUTE, None)
    return found if isinstance(found, ApiScope) else None


def caller() -> KeyIdentity:
    """
    Return the machine whose key came with the request.

    :raises KeyRefused: outside of the API
    """
    found = g.get("api_caller")
    if not isinstance(found, KeyIdentity):
        raise KeyRefused(_("Send a key: Authorization: Bearer prefix.secret"))
    return found


def check_store(store_id: int) -> None:
    """
    Refuse a store that the caller's key does not reach.

    :raises OtherStore: if the key belongs to another one
    """
    bound = caller().store_id
    if bound is not None and bound != store_id:
        raise OtherStore(_("This key belongs to another store."))


def check_everywhere() -> None:
    """
    Refuse a key of one store what concerns all of them.

    :raises OtherStore: if the key belongs to a store
    """
    if caller().store_id is not None:
        raise OtherStore(_("This key belongs to one store; this concerns all."))


def may(scope: str) -> bool:
    """Test whether the caller's key has a further scope."""
    return may_call(caller(), ApiScope(scope))


def enforce() -> None:
    """
    Refuse a request below ``/api/`` whose key does not allow it.

    :raises KeyRefused: without a key that is in force
    :raises ScopeMissing: if the key lacks the scope, or the view declares none
    """
    endpoint = request.endpoint
    if (
        endpoint is None
        or endpoint in OPEN_ENDPOINTS
        or not request.path.startswith(API_PATH)
    ):
        return
    kind, _space, key = request.headers.get("Authorization", "").partition(" ")
    found = _find(key.strip()) if kind.lower() == "bearer" else None
    if found is None:
        raise KeyRefused(_("Send a key: Authorization: Bearer prefix.secret"))
    g.api_caller = found
    needed = scope_of_endpoint(endpoint, request.method)
    if needed is None or not may_call(found, needed):
        raise ScopeMissing(
            _("This key does not have the scope %(scope)s.", scope=needed or "-")
        )


def _find(key: str) -> KeyIdentity | None:
    if not key.isascii() or "\0" in key:
        return None
    with database().transaction() as session:
        return use_key(session, key=key, now=machine_now())
