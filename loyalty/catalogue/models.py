"""Tables of the catalogue."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

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
