"""Quotes that are kept, and what their reservations hold."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kept_quotes"
down_revision = "points_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "programme",
        sa.Column(
            "reservation_minutes",
            sa.SmallInteger(),
            server_default="15",
            nullable=False,
        ),
    )
    op.add_column(
        "programme",
        sa.Column(
            "recheck_thresholds",
            sa.Boolean(),
            server_default="false",
            nullable=False,
        ),
    )
    op.add_column(
        "promotion_use",
        sa.Column("given_back_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "promotion_quote",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("engine", sa.BigInteger(), nullable=False),
        sa.Column("inputs", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.Column("versions", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.Column("result", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.Column("birthday", sa.LargeBinary(), nullable=True),
        sa.Column("points_to_spend", sa.BigInteger(), nullable=False),
        sa.Column("reserved_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purchase_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_promotion_quote_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchase.id"],
            name=op.f("fk_promotion_quote_purchase_id"),
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_promotion_quote_store_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_quote")),
        sa.UniqueConstraint("purchase_id", name=op.f("uq_promotion_quote_purchase_id")),
    )
    op.create_index(
        op.f("ix_promotion_quote_at"),
        "promotion_quote",
        ["at"],
        unique=False,
        postgresql_where=sa.text("purchase_id IS NULL"),
    )
    op.create_index(
        op.f("ix_promotion_quote_customer_id"),
        "promotion_quote",
        ["customer_id"],
        unique=False,
    )
    op.create_table(
        "promotion_hold",
        sa.Column("quote_id", sa.String(), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_promotion_hold_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotion.id"],
            name=op.f("fk_promotion_hold_promotion_id"),
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"],
            ["promotion_quote.id"],
            name=op.f("fk_promotion_hold_quote_id"),
        ),
        sa.PrimaryKeyConstraint(
            "quote_id", "promotion_id", name=op.f("pk_promotion_hold")
        ),
    )
    for columns in (["promotion_id", "until"], ["customer_id", "promotion_id"]):
        op.create_index(
            op.f(f"ix_promotion_hold_{'_'.join(columns)}"),
            "promotion_hold",
            columns,
            unique=False,
        )
    op.create_index(
        op.f("ix_promotion_hold_until"), "promotion_hold", ["until"], unique=False
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("promotion_hold")
    op.drop_table("promotion_quote")
    op.drop_column("promotion_use", "given_back_at")
    op.drop_column("programme", "recheck_thresholds")
    op.drop_column("programme", "reservation_minutes")
