"""Tables for promotions: documents in versions, and what they gave."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import CustomerID
from loyalty.promotions.values.backtests import BacktestID, BacktestState
from loyalty.promotions.values.codes import BatchID, BatchKind, BatchState
from loyalty.promotions.values.kept import QuoteID
from loyalty.promotions.values.states import PromotionID, PromotionState
from loyalty.purchases.values import PurchaseID
from loyalty.stores.values import StoreID


class PromotionRow(Base):
    """A promotion; what it says stands in its versions."""

    __tablename__ = "promotion"

    id: Mapped[PromotionID] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[PromotionState] = mapped_column(index=True)
    version: Mapped[int]
    """The version that counts now."""

    created_at: Mapped[datetime]
    created_by: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    activated_at: Mapped[datetime | None]
    """When it was first activated: its age where promotions are otherwise equal."""


class RuleSetRow(Base):
    """The version of all promotions together; a trigger raises it with each change."""

    __tablename__ = "promotion_rule_set"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]


class VersionRow(Base):
    """What a promotion said at one time; never changed."""

    __tablename__ = "promotion_version"

    promotion_id: Mapped[PromotionID] = mapped_column(
        ForeignKey("promotion.id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, object]] = mapped_column(JSONB)
    at: Mapped[datetime]
    actor: Mapped[str]


class UseRow(Base):
    """One redemption: what a promotion gave in one purchase."""

    __tablename__ = "promotion_use"
    __table_args__ = (
        UniqueConstraint("purchase_id", "promotion_id"),
        Index(None, "customer_id", "promotion_id", "at"),
        Index(None, "promotion_id", "at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    promotion_id: Mapped[PromotionID] = mapped_column(ForeignKey("promotion.id"))
    version: Mapped[int]
    purchase_id: Mapped[PurchaseID] = mapped_column(ForeignKey("purchase.id"))
    customer_id: Mapped[CustomerID | None] = mapped_column(ForeignKey("customer.id"))
    at: Mapped[datetime]
    times: Mapped[int]
    amount: Mapped[int]
    points: Mapped[int]
    given_back_at: Mapped[datetime | None]
    """When all that it was given for came back: it counts for no limit any more."""


class TotalRow(Base):
    """How much of a limited promotion is gone; claimed by a conditional update."""

    __tablename__ = "promotion_total"
    __table_args__ = (CheckConstraint("uses >= 0 and given >= 0", name="positive"),)

    promotion_id: Mapped[PromotionID] = mapped_column(
        ForeignKey("promotion.id"), primary_key=True
    )
    uses: Mapped[int]
    given: Mapped[int]


class CodeBatchRow(Base):
    """Coupon codes that were made together, or one word that many share."""

    __tablename__ = "coupon_batch"
    __table_args__ = (
        CheckConstraint("count >= 1 and made between 0 and count", name="made"),
        CheckConstraint("uses >= 1 and per_customer >= 1", name="limits"),
        CheckConstraint("valid_from < valid_until", name="period"),
        UniqueConstraint("ordered_by", "request_key"),
    )

    id: Mapped[BatchID] = mapped_column(Identity(), primary_key=True)
    promotion_id: Mapped[PromotionID] = mapped_column(
        ForeignKey("promotion.id"), index=True
    )
    kind: Mapped[BatchKind]
    state: Mapped[BatchState]
    label: Mapped[str]
    pattern: Mapped[str]
    """Of a shared code the word itself, which is no secret."""

    count: Mapped[int]
    made: Mapped[int]
    uses: Mapped[int | None]
    per_customer: Mapped[int | None]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    ordered_at: Mapped[datetime]
    ordered_by: Mapped[str]
    made_at: Mapped[datetime | None]
    """When its latest codes were made."""

    voided_at: Mapped[datetime | None]
    voided_by: Mapped[str | None]
    request_key: Mapped[str | None]
    request_hash: Mapped[bytes | None]


class CodeRow(Base):
    """One coupon code, of which only an HMAC is known here."""

    __tablename__ = "coupon_code"
    __table_args__ = (CheckConstraint("used >= 0", name="used"),)

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    batch_id: Mapped[BatchID] = mapped_column(ForeignKey("coupon_batch.id"), index=True)
    used: Mapped[int]
    """Uses and holds; counted where the batch limits them."""


class CodeUseRow(Base):
    """One use of a code in a purchase, or a hold on one until a moment."""

    __tablename__ = "coupon_use"
    __table_args__ = (
        CheckConstraint(
            "(purchase_id is null) = (held_by is not null) "
            "and (held_by is null) = (held_until is null)",
            name="held_or_used",
        ),
        UniqueConstraint("purchase_id", "digest"),
        UniqueConstraint("held_by", "digest"),
        Index(None, "customer_id", "digest"),
        Index(
            "ix_coupon_use_held",
            "digest",
            postgresql_where=text("held_until is not null"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    batch_id: Mapped[BatchID] = mapped_column(ForeignKey("coupon_batch.id"), index=True)
    digest: Mapped[bytes]
    customer_id: Mapped[CustomerID | None] = mapped_column(ForeignKey("customer.id"))
    purchase_id: Mapped[PurchaseID | None] = mapped_column(ForeignKey("purchase.id"))
    held_by: Mapped[str | None]
    held_until: Mapped[datetime | None]
    at: Mapped[datetime]
    returned_at: Mapped[datetime | None]
    """When the purchase was given back, and the use with it."""


class QuoteRow(Base):
    """
    A priced basket with what it was computed from.

    Never changed but for what becomes of it: ``purchase_id`` when it was paid, and
    ``reserved_until`` when its reservation is given up.
    """

    __tablename__ = "promotion_quote"
    __table_args__ = (
        Index(
            None,
            "at",
            postgresql_where=text("purchase_id IS NULL"),
        ),
        Index(None, "customer_id"),
    )

    id: Mapped[QuoteID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    store_id: Mapped[StoreID] = mapped_column(ForeignKey("store.id"))
    customer_id: Mapped[CustomerID | None] = mapped_column(ForeignKey("customer.id"))
    asked_by: Mapped[str]
    engine: Mapped[int]
    inputs: Mapped[dict[str, object]] = mapped_column(JSON)
    """The basket, the facts and the settings, as a case of a file has them."""

    versions: Mapped[list[list[int]]] = mapped_column(JSON)
    """The promotions that could concern it, the older first: number and version."""

    result: Mapped[dict[str, object]] = mapped_column(JSON)
    birthday: Mapped[bytes | None]
    """The customer's, sealed with their key, when an audience asked for it."""

    points_to_spend: Mapped[int]
    reserved_until: Mapped[datetime | None]
    purchase_id: Mapped[PurchaseID | None] = mapped_column(
        ForeignKey("purchase.id"), unique=True
    )


class HoldRow(Base):
    """What a reserved quote holds of a promotion's limits until it runs out."""

    __tablename__ = "promotion_hold"
    __table_args__ = (
        Index(None, "promotion_id", "until"),
        Index(None, "customer_id", "promotion_id"),
        Index(None, "until"),
    )

    quote_id: Mapped[QuoteID] = mapped_column(
        ForeignKey("promotion_quote.id"), primary_key=True
    )
    promotion_id: Mapped[PromotionID] = mapped_column(
        ForeignKey("promotion.id"), primary_key=True
    )
    customer_id: Mapped[CustomerID | None] = mapped_column(ForeignKey("customer.id"))
    at: Mapped[datetime]
    amount: Mapped[int]
    until: Mapped[datetime]


class BacktestRow(Base):
    """
    One back-test; the row is the truth of how far it is.

    Each run takes the next number as its ``attempt``; one that finds another there
    has lost the row.
    """

    __tablename__ = "backtest"
    __table_args__ = (
        CheckConstraint("done >= 0 and total >= 0", name="counts"),
        Index(None, "promotion", "asked_at"),
    )

    id: Mapped[BacktestID] = mapped_column(Identity(), primary_key=True)
    promotion: Mapped[str]
    version: Mapped[int | None]
    """The promotion's, if the document is as it was saved."""

    document: Mapped[dict[str, object]] = mapped_column(JSONB)
    since: Mapped[datetime | None]
    until: Mapped[datetime]
    state: Mapped[BacktestState] = mapped_column(index=True)
    attempt: Mapped[int]
    done: Mapped[int]
    total: Mapped[int]
    """How many purchases there are; 0 until they are counted."""

    result: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    problem: Mapped[str | None]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    beat_at: Mapped[datetime | None]
    """When the run last said so, by the machine's clock."""

    finished_at: Mapped[datetime | None]
    seconds: Mapped[float | None]
