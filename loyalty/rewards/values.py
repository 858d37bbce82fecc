"""The vocabulary of rewards and causes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from loyalty.customers.values import CustomerID

RewardID = NewType("RewardID", int)
RedemptionID = NewType("RedemptionID", int)
CauseID = NewType("CauseID", int)


class RewardKind(StrEnum):
    """What a reward gives."""

    ARTICLE = "article"
    """Something that is handed over at the till."""

    COUPON = "coupon"
    """A code of the member's own, for one use of a promotion."""


class RedemptionState(StrEnum):
    """What became of a redemption."""

    WAITING = "waiting"
    """Paid with points; to be handed over at a till."""

    GIVEN = "given"
    CANCELLED = "cancelled"
    """The points came back, with their old expiry."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reward:
    """One line of the catalogue."""

    code: str
    name: Mapping[str, str]
    """One text a language."""

    points: int
    kind: RewardKind
    valid_from: datetime
    about: Mapping[str, str]
    sku: str | None = None
    """The article that is handed over, if the catalogue knows it."""

    promotion: str | None = None
    """Of which a coupon gives one use."""

    coupon_days: int = 30
    """How long a coupon counts."""

    stock: int | None = None
    """How many are left; None is as many as are asked for."""

    valid_until: datetime | None = None
    withdrawn_at: datetime | None = None

    def open(self, *, now: datetime) -> bool:
        """Test whether it can be redeemed now."""
        return (
            self.withdrawn_at is None
            and self.valid_from <= now
            and (self.valid_until is None or now < self.valid_until)
            and self.stock != 0
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Redemption:
    """Points that one member gave for one reward."""

    id: RedemptionID
    customer_id: CustomerID
    reward: str
    name: Mapping[str, str]
    kind: RewardKind
    points: int
    state: RedemptionState
    at: datetime
    settled_at: datetime | None
    coupon: str | None
    """The code, for the member and the till."""

    batch_id: int | None
    """The coupon's batch among the promotion's codes."""

    promotion: str | None
    balance_after: int
    """The member's points when it was redeemed."""

    replayed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Near:
    """A reward as one member sees it."""

    reward: Reward
    have: int
    missing: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Something good that the shop supports."""

    code: str
    name: Mapping[str, str]
    about: Mapping[str, str]
    ended_at: datetime | None = None
    points: int = 0
    """All that was given to it."""

    mine: int = 0
    """What the member who looks gave to it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """Points that a member gave to a cause."""

    cause: str
    points: int
    balance_after: int
