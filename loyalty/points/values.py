"""The ledger's vocabulary."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from loyalty.customers.values import CustomerID
from loyalty.stores.values import PointsRule

AdjustmentID = NewType("AdjustmentID", int)


class Account(StrEnum):
    """The two sides of every transfer: the member's and the programme's accounts."""

    PENDING = "pending"
    AVAILABLE = "available"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    ADJUSTED = "adjusted"
    REVERSED = "reversed"


MEMBERS = (Account.PENDING, Account.AVAILABLE)
"""The member's accounts; all others are the programme's."""


class Kind(StrEnum):
    """Why points move."""

    EARN = "earn"
    MATURE = "mature"
    """What was pending can be spent from now on."""

    SPEND = "spend"
    GIVE_BACK = "give_back"
    """What was spent comes back, because the goods did."""

    TAKE_BACK = "take_back"
    """What a purchase earned goes again, because the goods did."""

    UNDO = "undo"
    ADJUST = "adjust"
    MOVE = "move"
    """From one member to another: a gift, a household's pooling, a merge."""

    EXPIRE = "expire"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Who asks for a movement, and how it is known again when it is asked twice."""

    key: str
    """Unique for the member: a second request with it changes nothing."""

    actor: str
    """``staff:12``, ``key:9f3c``, ``customer:815`` or ``system``."""

    store_id: int | None = None
    link: str | None = None
    """What it belongs to, as ``gift:12``; a note for people and other features."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Earning:
    """Points to credit."""

    points: int
    request: Request
    purchase_id: int | None = None
    rule: PointsRule | None = None
    """The version that priced the purchase; None means the one in force."""

    immediately: bool = False
    """Whether they can be spent at once in spite of the programme's delay."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What came of a request; the same again for a replay of it."""

    version: int
    """Of the account, and so of the transfer; unchanged when nothing moved."""

    points: int
    """How many moved, never negative."""

    available: int
    """The member's points after it; negative by what a return left owing."""

    pending: int
    replayed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What a member has at a moment."""

    available: int
    """Negative by what a return left owing; later points fill that first."""

    pending: int
    held: int
    """Reserved for quotes; not to be spent elsewhere meanwhile."""

    @property
    def spendable(self) -> int:
        """How many points can be spent now."""
        return max(0, self.available - self.held)

    @property
    def owing(self) -> int:
        """How many points a return took back beyond the balance."""
        return max(0, -self.available)


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer:
    """One immutable movement, as the member sees it."""

    version: int
    at: datetime
    kind: Kind
    points: int
    """Positive when the member's points grew; pending ones that become available
    count as growth of what can be spent."""

    balance_after: int
    pending_after: int
    debit: Account
    credit: Account
    purchase_id: int | None
    link: str | None = None
    reason: str | None = None
    """Why it was corrected by hand."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiry:
    """Points that will expire together unless they are spent."""

    points: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Coming:
    """Points that are pending, and when the first of them can be spent."""

    points: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Lot:
    """What of points that were earned together is still there."""

    version: int
    """Of the transfer that brought them."""

    place: int
    """Tells lots apart that one transfer brought."""

    remaining: int
    expires_at: datetime
    purchase_id: int | None = None
    capacity: int = 0
    """How many points of it were used, and could come back."""

    pending: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LotUse:
    """How many points a transfer takes from a lot; negative when it gives them back."""

    version: int
    place: int
    points: int


class AdjustmentState(StrEnum):
    """What became of a correction that needs a second person."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Adjustment:
    """A correction by hand that waits, or waited, for a second person."""

    id: AdjustmentID
    customer_id: CustomerID
    points: int
    reason: str
    state: AdjustmentState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class WarningKind(StrEnum):
    """Which of the two warnings before points expire."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpiryWarning:
    """Points of a member that are about to expire, and are warned of together."""

    customer_id: CustomerID
    kind: WarningKind
    expiries: tuple[Expiry, ...]
    """The first to expire first."""

    @property
    def points(self) -> int:
        """How many points it is about."""
        return sum(expiry.points for expiry in self.expiries)
