"""Tables of the money ledger. A trigger refuses to alter or delete a transfer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base, enum_type
from loyalty.customers.values import CustomerID
from loyalty.giftcards.values import GiftAccountID, GiftKind, GiftState, Side
from loyalty.purchases.values import PurchaseID
from loyalty.stores.values import StoreID


class GiftAccountRow(Base):
    """A card or a member's stored value: the row that writers lock first.

    Money is in minor units of the currency. Of a code only its HMAC is kept.
    """

    __tablename__ = "gift_account"
    __table_args__ = (
        CheckConstraint("balance >= 0 and face >= 0", name="never_below_zero"),
        CheckConstraint(
            "(kind = 'card') = (lookup is not null) and "
            "(kind = 'card') = (customer_id is null)",
            name="code_or_member",
        ),
        UniqueConstraint("lookup"),
        UniqueConstraint("customer_id", "currency"),
        Index(None, "expires_at"),
    )

    id: Mapped[GiftAccountID] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[GiftKind]
    customer_id: Mapped[CustomerID | None] = mapped_column(ForeignKey("customer.id"))
    lookup: Mapped[bytes | None]
    ending: Mapped[str]
    state: Mapped[GiftState]
    currency: Mapped[str]
    face: Mapped[int]
    balance: Mapped[int]
    version: Mapped[int]
    """The version of the last transfer."""

    issued_at: Mapped[datetime]
    issued_by: Mapped[str]
    expires_at: Mapped[datetime | None]


class GiftTransferRow(Base):
    """One movement of a positive amount from one side to another."""

    __tablename__ = "gift_transfer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(debit = 'balance') <> (credit = 'balance')", name="one_side_is_balance"
        ),
        UniqueConstraint("account_id", "request_key"),
        Index(None, "purchase_id"),
    )

    account_id: Mapped[GiftAccountID] = mapped_column(
        ForeignKey("gift_account.id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    debit: Mapped[Side] = mapped_column(enum_type(Side, name="debit"))
    credit: Mapped[Side] = mapped_column(enum_type(Side, name="credit"))
    amount: Mapped[int]
    balance_after: Mapped[int]
    request_key: Mapped[str]
    reverses: Mapped[int | None]
    other_id: Mapped[GiftAccountID | None] = mapped_column(
        ForeignKey("gift_account.id")
    )
    purchase_id: Mapped[PurchaseID | None] = mapped_column(ForeignKey("purchase.id"))
    store_id: Mapped[StoreID | None] = mapped_column(ForeignKey("store.id"))
    actor: Mapped[str]


class GiftPolicyRow(Base):
    """What the shop promises of its cards."""

    __tablename__ = "gift_policy"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint(
            "0 < least and least <= most and most <= most_balance", name="amounts"
        ),
        CheckConstraint("valid_days > 0 and refund_days > 0", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    valid_days: Mapped[int | None]
    least: Mapped[int]
    most: Mapped[int]
    most_balance: Mapped[int]
    refund_days: Mapped[int]
