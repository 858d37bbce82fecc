"""How many points somebody may correct by hand without a second person."""

from collections.abc import Iterable, Mapping
from typing import Final

from loyalty.staff.values import Role

LIMITS: Final[Mapping[Role, int]] = {
    Role.CASHIER: 0,
    Role.MANAGER: 500,
    Role.MARKETER: 500,
    Role.ADMINISTRATOR: 5_000,
}
"""The most points, up or down, in one correction, by role."""


def limit_of(roles: Iterable[Role]) -> int:
    """Return the highest limit of somebody's roles."""
    return max((LIMITS[role] for role in roles), default=0)
