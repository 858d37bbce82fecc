"""Keys: the machines that may call the API."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    needs_all_stores,
    problems_by_field,
    show,
)
from loyalty.core.clock import machine_now
from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.staff.queries import list_keys
from loyalty.staff.service.keys import make_key, revoke_key
from loyalty.staff.values import ApiKeyID, ApiScope, Permission
from loyalty.stores.queries import list_stores
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to


@blueprint.get("/keys")
@requires(Permission.KEYS_WRITE)
def keys() -> ResponseReturnValue:
    """Show every key ever made."""
    needs_all_stores(Permission.KEYS_WRITE)
    return _show(FieldProblems())


@blueprint.post("/keys")
@requires(Permission.KEYS_WRITE)
def create_key() -> ResponseReturnValue:
    """Make a key and show it, once."""
    needs_all_stores(Permission.KEYS_WRITE)
    try:
        with database().transaction() as session:
            stores = {str(store.id): store.id for store in list_stores(session)}
            key = make_key(
                session,
                label=request.form.get("label", ""),
                scopes=_typed_scopes(),
                store_id=_typed_store(stores),
                actor=actor(),
                now=machine_now(),
            )
    except Invalid as error:
        return _show(problems_by_field(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _show(FieldProblems(), made=key)


@blueprint.post("/keys/<int:key_id>/revoke")
@requires(Permission.KEYS_WRITE)
def end_key(key_id: int) -> ResponseReturnValue:
    """Put a key out of force."""
    needs_all_stores(Permission.KEYS_WRITE)
    with database().transaction() as session:
        revoke_key(session, key_id=ApiKeyID(key_id), actor=actor(), now=machine_now())
    flash(_("Revoked: the next request with it is refused."))
    return redirect_to("/admin/keys")


def _typed_scopes() -> list[ApiScope]:
    typed = request.form.getlist("scopes")
    if not set(typed) <= set(ApiScope):
        raise Invalid.field(pointer="/scopes", message=_("Choose from the list."))
    return [ApiScope(scope) for scope in typed]


def _typed_store(stores: Mapping[str, int]) -> int | None:
    typed = request.form.get("store", "")
    if typed and typed not in stores:
        raise Invalid.field(
            pointer="/store", message=_("Choose a store from the list.")
        )
    return stores.get(typed)


def _show(
    problems: FieldProblems, *, made: str | None = None, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    with database().transaction() as session:
        found = list_keys(session)
        stores = list_stores(session)
    return show(
        "keys.html",
        status=status,
        keys=found,
        stores=stores,
        store_names={store.id: store.name for store in stores},
        scopes=list(ApiScope),
        problems=problems,
        typed={} if made else request.form,
        chosen=[] if made else request.form.getlist("scopes"),
        made=made,
    )
