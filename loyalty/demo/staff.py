"""The demo's people behind the counter, whose passwords everybody may know."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.staff.service.members import add_member, set_password_hash
from loyalty.staff.service.passwords import hash_password
from loyalty.staff.values import Post, Role
from loyalty.stores.values import StoreID


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """A door of the demo: who one is behind it, and how one gets in."""

    role: Role
    name: str
    email: str
    password: str


SIGN_INS: Final = tuple(
    SignIn(
        role=role,
        name=name,
        email=f"{role.value}@example.org",
        password=f"demo-{role.value}-2026",
    )
    for role, name in (
        (Role.CASHIER, "Casey Till"),
        (Role.MANAGER, "Morgan Store"),
        (Role.MARKETER, "Marta Offer"),
        (Role.ADMINISTRATOR, "Ada Root"),
    )
)
"""Published on the demo's first page; ``LOYALTY_DEMO`` is never set in production."""

_IN_ONE_STORE: Final = frozenset({Role.CASHIER, Role.MANAGER})


def hire(session: Session, *, store_id: StoreID, actor: str, now: datetime) -> None:
    """Add one person of each role; cashier and manager work in the store named."""
    for sign_in in SIGN_INS:
        place = store_id if sign_in.role in _IN_ONE_STORE else None
        member = add_member(
            session,
            email=sign_in.email,
            name=sign_in.name,
            posts=[Post(role=sign_in.role, store_id=place)],
            actor=actor,
            now=now,
        )
        set_password_hash(
            session,
            staff_id=member.id,
            password_hash=hash_password(sign_in.password),
            actor=actor,
            now=now,
        )
