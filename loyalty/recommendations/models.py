"""Tables for runs of the recommender, its models, and what it recommends."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import CustomerID
from loyalty.offers.values import Aim, NothingBecause, Parts, Reason
from loyalty.promotions.values.states import PromotionID
from loyalty.recommendations.values import ModelState, RunID, RunKind, RunState

_JSON = JSONB(none_as_null=True)


class RunRow(Base):
    """
    One run of the recommender; the row is the truth of how far it is.

    Each process that takes it has the next number as its ``attempt``; one that finds
    another there has lost the row.
    """

    __tablename__ = "recommender_run"
    __table_args__ = (
        CheckConstraint("done >= 0 and total >= 0", name="counts"),
        Index(
            "uq_recommender_run_going",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("state in ('queued', 'running')"),
        ),
        Index(None, "kind", "asked_at"),
    )

    id: Mapped[RunID] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[RunKind]
    subject: Mapped[str]
    state: Mapped[RunState] = mapped_column(index=True)
    attempt: Mapped[int]
    step: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    started_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    """When the run last said so, by the machine's clock."""

    finished_at: Mapped[datetime | None]
    model_version: Mapped[str | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(_JSON)
    error: Mapped[str | None]


class ModelRow(Base):
    """
    What is known of a stored model.

    The models' folder is the truth, and this is a copy of what stands there: the web
    does not read it, and may run on another machine.
    """

    __tablename__ = "recommender_model"

    version: Mapped[str] = mapped_column(primary_key=True)
    trained_at: Mapped[datetime]
    state: Mapped[ModelState]
    facts: Mapped[dict[str, Any]] = mapped_column(_JSON)
    report: Mapped[dict[str, Any] | None] = mapped_column(_JSON)
    verdict: Mapped[dict[str, Any] | None] = mapped_column(_JSON)


class RecommendationRow(Base):
    """A promotion that would be the customer's next offer; replaced by each run."""

    __tablename__ = "recommendation"
    __table_args__ = (
        UniqueConstraint("customer_id", "promotion_id"),
        CheckConstraint("rank >= 1", name="rank"),
        CheckConstraint("probability between 0 and 1", name="probability"),
    )

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    rank: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    promotion_id: Mapped[PromotionID] = mapped_column(
        ForeignKey("promotion.id"), index=True
    )
    score: Mapped[float]
    probability: Mapped[float]
    value: Mapped[float]
    aim: Mapped[Aim]
    parts: Mapped[Parts] = mapped_column(JSONB)
    reason: Mapped[Reason] = mapped_column(JSONB)
    model_version: Mapped[str]
    scored_at: Mapped[datetime]


class NothingRow(Base):
    """A customer to whom nothing is recommended, and why."""

    __tablename__ = "recommendation_nothing"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    because: Mapped[NothingBecause] = mapped_column(index=True)
    model_version: Mapped[str]
    scored_at: Mapped[datetime]
