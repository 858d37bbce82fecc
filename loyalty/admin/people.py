"""People: who works here, as what and where."""

import secrets
from http import HTTPStatus
from typing import Final

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
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.staff.queries import get_member, list_members
from loyalty.staff.rules import scope_of
from loyalty.staff.service.factors import remove_totp
from loyalty.staff.service.members import (
    add_member,
    set_disabled,
    set_password_hash,
    set_posts,
)
from loyalty.staff.service.passwords import hash_password
from loyalty.staff.values import Permission, Post, Role, StaffID, StaffMember
from loyalty.stores.queries import list_stores
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to

_PASSWORD_BYTES: Final = 12


@blueprint.get("/people")
@requires(Permission.STAFF_READ)
def people() -> ResponseReturnValue:
    """Show who works in the stores that the person has to do with."""
    return _show_people(FieldProblems())


@blueprint.post("/people")
@requires(Permission.STAFF_WRITE)
def add_person() -> ResponseReturnValue:
    """Add somebody, with a first password that is shown once."""
    needs_all_stores(Permission.STAFF_WRITE)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    password_hash = hash_password(password)
    now = machine_now()
    try:
        with database().transaction() as session:
            member = add_member(
                session,
                email=request.form.get("email", ""),
                name=request.form.get("name", ""),
                posts=_typed_posts(),
                actor=actor(),
                now=now,
            )
            set_password_hash(
                session,
                staff_id=member.id,
                password_hash=password_hash,
                actor=actor(),
                now=now,
            )
    except Invalid as error:
        return _show_people(
            problems_by_field(error), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    except LoyaltyError as error:
        return _show_people(FieldProblems(email=str(error)), status=HTTPStatus.CONFLICT)
    return _show_person(member, password=password)


@blueprint.get("/people/<int:staff_id>")
@requires(Permission.STAFF_READ)
def person(staff_id: int) -> ResponseReturnValue:
    """Show one person with the roles."""
    with database().transaction() as session:
        member = get_member(session, staff_id=StaffID(staff_id))
    if not _in_reach(member):
        needs_all_stores(Permission.STAFF_READ)
    return _show_person(member)


@blueprint.post("/people/<int:staff_id>/posts")
@requires(Permission.STAFF_WRITE)
def change_posts(staff_id: int) -> ResponseReturnValue:
    """Give somebody exactly the roles that were ticked."""
    needs_all_stores(Permission.STAFF_WRITE)
    try:
        with database().transaction() as session:
            set_posts(
                session,
                staff_id=StaffID(staff_id),
                posts=_typed_posts(),
                actor=actor(),
                now=machine_now(),
            )
    except LoyaltyError as error:
        flash(str(error), "bad")
    else:
        flash(_("Saved."))
    return redirect_to(f"/admin/people/{staff_id}")


@blueprint.post("/people/<int:staff_id>/disable")
@requires(Permission.STAFF_WRITE)
def disable_person(staff_id: int) -> ResponseReturnValue:
    """Shut somebody out at once."""
    return _set_disabled(staff_id, disabled=True, done=_("Shut out everywhere."))


@blueprint.post("/people/<int:staff_id>/enable")
@requires(Permission.STAFF_WRITE)
def enable_person(staff_id: int) -> ResponseReturnValue:
    """Let somebody in again."""
    return _set_disabled(staff_id, disabled=False, done=_("Let in again."))


@blueprint.post("/people/<int:staff_id>/second-factor/reset")
@requires(Permission.STAFF_WRITE)
def reset_second_factor(staff_id: int) -> ResponseReturnValue:
    """Take somebody's lost authenticator out of force."""
    needs_all_stores(Permission.STAFF_WRITE)
    with database().transaction() as session:
        get_member(session, staff_id=StaffID(staff_id))
        remove_totp(
            session, staff_id=StaffID(staff_id), actor=actor(), now=machine_now()
        )
    flash(_("The authenticator is out of force; a new one can be set up."))
    return redirect_to(f"/admin/people/{staff_id}")


@blueprint.post("/people/<int:staff_id>/password")
@requires(Permission.STAFF_WRITE)
def new_password(staff_id: int) -> ResponseReturnValue:
    """Set a new first password, which is shown once."""
    needs_all_stores(Permission.STAFF_WRITE)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    password_hash = hash_password(password)
    with database().transaction() as session:
        set_password_hash(
            session,
            staff_id=StaffID(staff_id),
            password_hash=password_hash,
            actor=actor(),
            now=machine_now(),
        )
        member = get_member(session, staff_id=StaffID(staff_id))
    return _show_person(member, password=password)


def role_names() -> dict[Role, str]:
    """Return what each role is called."""
    return {
        Role.CASHIER: _("Cashier"),
        Role.MANAGER: _("Manager"),
        Role.MARKETER: _("Marketer"),
        Role.ADMINISTRATOR: _("Administrator"),
    }


def _set_disabled(staff_id: int, *, disabled: bool, done: str) -> ResponseReturnValue:
    needs_all_stores(Permission.STAFF_WRITE)
    try:
        with database().transaction() as session:
            set_disabled(
                session,
                staff_id=StaffID(staff_id),
                disabled=disabled,
                actor=actor(),
                now=machine_now(),
            )
    except LoyaltyError as error:
        flash(str(error), "bad")
    else:
        flash(done)
    return redirect_to(f"/admin/people/{staff_id}")


def _typed_posts() -> list[Post]:
    """
    Read ``role@store`` of each ticked box; ``role@all`` is every store.

    :raises Invalid: if one is no such thing
    """
    posts = []
    with database().transaction() as session:
        stores = {str(store.id): store.id for store in list_stores(session)}
    for text in request.form.getlist("posts"):
        role, _at, store = text.partition("@")
        if role not in set(Role) or (store != "all" and store not in stores):
            raise Invalid.field(
                pointer="/posts", message=_("Choose roles and stores from the list.")
            )
        posts.append(Post(role=Role(role), store_id=stores.get(store)))
    if not posts:
        raise Invalid.field(pointer="/posts", message=_("Choose at least one role."))
    return posts


def _in_reach(member: StaffMember) -> bool:
    scope = scope_of(current_staff(), Permission.STAFF_READ)
    return scope.everywhere or any(scope.covers(post.store_id) for post in member.posts)


def _show_people(
    problems: FieldProblems, *, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    with database().transaction() as session:
        members = [one for one in list_members(session) if _in_reach(one)]
        stores = list_stores(session)
    return show(
        "people.html",
        status=status,
        members=members,
        stores=stores,
        store_names={store.id: store.name for store in stores},
        roles=role_names(),
        problems=problems,
        typed=request.form,
        chosen=request.form.getlist("posts"),
        may_write=_may_write(),
    )


def _show_person(
    member: StaffMember, *, password: str | None = None
) -> ResponseReturnValue:
    with database().transaction() as session:
        stores = list_stores(session)
    return show(
        "person.html",
        member=member,
        password=password,
        stores=stores,
        roles=role_names(),
        chosen=[f"{post.role}@{post.store_id or 'all'}" for post in member.posts],
        myself=member.id == current_staff().id,
        may_write=_may_write(),
    )


def _may_write() -> bool:
    return scope_of(current_staff(), Permission.STAFF_WRITE).everywhere
