"""Tables of the catalogue."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.catalogue.values import PriceSource
from loyalty.core.database import Base


class CategoryRow(Base):
    """A category; its path names its ancestors."""

    __tablename__ = "category"

    path: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class ProductRow(Base):
    """An article; money is in minor units of the currency."""

    __tablename__ = "product"
    __table_args__ = (Index(None, "categories", postgresql_using="gin"),)

    sku: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    categories: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    brand: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    currency: Mapped[str]
    price: Mapped[int]
    floor_price: Mapped[int | None]
    cost: Mapped[int | None]
    discountable: Mapped[bool]
    weighed: Mapped[bool]
    changed_at: Mapped[datetime]


class PriceRow(Base):
    """
    From when on an article had a price; only ever added.

    A price stays in force until the next one, in the store or everywhere. There is no
    key beside the number: two tills that note the same change at once do not wait for
    each other, and the second note says nothing new.
    """

    __tablename__ = "product_price"
    __table_args__ = (
        CheckConstraint("price > 0", name="positive"),
        Index(None, "sku", "at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    sku: Mapped[str]
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))
    """None where it holds in every store."""

    at: Mapped[datetime]
    price: Mapped[int]
    currency: Mapped[str]
    source: Mapped[PriceSource]
