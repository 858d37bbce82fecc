"""The vocabulary of money that was paid before it is spent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.purchases.values import PurchaseID
from loyalty.stores.values import StoreID

GiftAccountID = NewType("GiftAccountID", int)


class GiftKind(StrEnum):
    """Whose money it is."""

    CARD = "card"
    """Of whoever knows the code."""

    STORED_VALUE = "stored_value"
    """Of one member."""


class GiftState(StrEnum):
    """What may be done with an account."""

    WAITING = "waiting"
    """Made, not paid: nothing is on it yet."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    """Nothing can be spent until somebody unblocks it; nothing is lost."""

    CANCELLED = "cancelled"
    """The sale was undone and the money given back."""


class Side(StrEnum):
    """The two sides of a transfer: the account's balance, and where money goes."""

    BALANCE = "balance"
    SOLD = "sold"
    SPENT = "spent"
    EXPIRED = "expired"
    MOVED = "moved"
    """From one account to another: the other has the opposite transfer."""


class Move(StrEnum):
    """Why money moves."""

    SELL = "sell"
    """Paid for: a card activated, a balance topped up."""

    CANCEL = "cancel"
    """The sale undone before anything was spent."""

    SPEND = "spend"
    REFUND = "refund"
    """Goods came back: what was spent on them returns."""

    EXPIRE = "expire"
    GIVE = "give"
    TAKE = "take"


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """Money to move, with what makes it repeatable and traceable."""

    move: Move
    amount: Money
    request_key: str
    """Unique for the account; a second request with it changes nothing."""

    actor: str
    store_id: StoreID | None = None
    purchase_id: PurchaseID | None = None
    reverses: int | None = None
    """The version of the transfer that this one takes back, in whole or in part."""

    other_id: GiftAccountID | None = None
    """The account on the other side of a move between two."""

    beyond_most: bool = False
    """Whether more may lie there afterwards than the shop sells onto one account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GiftTransfer:
    """One immutable movement; all that its request was answered with."""

    account_id: GiftAccountID
    version: int
    at: datetime
    move: Move
    amount: Money
    """Signed: positive when the balance grew."""

    balance_after: Money
    purchase_id: PurchaseID | None
    store_id: StoreID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class GiftAccount:
    """A gift card, or what a member has stored."""

    id: GiftAccountID
    kind: GiftKind
    customer_id: CustomerID | None
    state: GiftState
    ending: str
    """The code's last characters, by which people tell cards apart; no secret."""

    face: Money
    """What the card was made for; nothing for stored value."""

    balance: Money
    issued_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCard:
    """A card just made: the only time that its code is seen."""

    account: GiftAccount
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GiftPolicy:
    """What the shop promises of its cards; money in minor units of the programme."""

    valid_days: int | None = None
    """How long after it was last paid for; None is for ever."""

    least: int = 1
    most: int = 100_000
    """The least and most of one sale."""

    most_balance: int = 500_000
    refund_days: int = 90
    """So long at least a refund can be spent, whatever the card's end was."""

    def end(self, *, now: datetime) -> datetime | None:
        """Return when money paid now ends."""
        return None if self.valid_days is None else now + timedelta(self.valid_days)
