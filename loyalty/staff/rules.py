"""Who may do what, where: the one table of permissions, and how it is asked."""

from datetime import datetime

from loyalty.staff.values import (
    ApiScope,
    KeyIdentity,
    Permission,
    Role,
    Scope,
    SessionLimits,
    StaffMember,
)

_CASHIER = frozenset({Permission.TILL_SERVE})

_MANAGER = _CASHIER | {
    Permission.TILL_CORRECT,
    Permission.CUSTOMERS_READ,
    Permission.CUSTOMERS_WRITE,
    Permission.PROMOTIONS_READ,
    Permission.CAMPAIGNS_READ,
    Permission.RESULTS_READ,
    Permission.DELIVERIES_READ,
    Permission.CATALOGUE_READ,
    Permission.STAFF_READ,
}

_MARKETER = frozenset(
    {
        Permission.CUSTOMERS_READ,
        Permission.PROMOTIONS_READ,
        Permission.PROMOTIONS_WRITE,
        Permission.CAMPAIGNS_READ,
        Permission.CAMPAIGNS_WRITE,
        Permission.RESULTS_READ,
        Permission.DELIVERIES_READ,
        Permission.DELIVERIES_CONTROL,
        Permission.RECOMMENDER_READ,
        Permission.RECOMMENDER_RUN,
        Permission.CATALOGUE_READ,
        Permission.PROGRAMME_WRITE,
    }
)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CASHIER: _CASHIER,
    Role.MANAGER: _MANAGER,
    Role.MARKETER: _MARKETER,
    Role.ADMINISTRATOR: frozenset(Permission),
}
"""What each role may do. What is not here is forbidden."""


def scope_of(member: StaffMember, permission: Permission) -> Scope:
    """Return the stores in which somebody has a permission; maybe none."""
    if member.disabled_at is not None:
        return Scope()
    stores = {
        post.store_id for post in member.posts if permission in PERMISSIONS[post.role]
    }
    if None in stores:
        return Scope(everywhere=True)
    return Scope(stores=frozenset(store for store in stores if store is not None))


def may(
    member: StaffMember, permission: Permission, *, store_id: int | None = None
) -> bool:
    """
    Test whether somebody has a permission: in that store, or else in any.

    What concerns all stores at once needs ``scope_of(…).everywhere`` instead.
    """
    scope = scope_of(member, permission)
    if store_id is None:
        return scope.everywhere or bool(scope.stores)
    return scope.covers(store_id)


def may_call(key: KeyIdentity, scope: ApiScope, *, store_id: int | None = None) -> bool:
    """Test whether a key has a scope and, if a store is named, reaches it."""
    if scope not in key.scopes:
        return False
    return store_id is None or key.store_id is None or key.store_id == store_id


def session_stands(
    *, created_at: datetime, seen_at: datetime, limits: SessionLimits, now: datetime
) -> bool:
    """Test whether a sign-in is neither left alone too long nor too old."""
    idle = (now - seen_at).total_seconds()
    age = (now - created_at).total_seconds()
    return idle < limits.idle and age < limits.absolute
