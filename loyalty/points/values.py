"""The ledger's vocabulary."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

LotID = NewType("LotID", int)


class Account(StrEnum):
    """The two sides of every transfer: the member's and the programme's accounts."""

    PENDING = "pending"
    AVAILABLE = "available"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    ADJUSTED = "adjusted"
    REVERSED = "reversed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Earning:
    """Points to credit for one purchase."""

    points: int
    request_key: str
    """Unique for the member; a second request with it changes nothing."""

    purchase_id: int | None
    store_id: int | None
    rule_version: int
    expires_at: datetime
    actor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer:
    """One immutable movement, as the member sees it."""

    version: int
    at: datetime
    points: int
    """Positive when the member's balance grew."""

    balance_after: int
    debit: Account
    credit: Account
    purchase_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiry:
    """Points that will expire together unless they are spent."""

    points: int
    at: datetime
