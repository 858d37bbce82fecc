"""Coupon codes."""

import sqlalchemy as sa
from alembic import op

revision = "coupon_codes"
down_revision = "gift_cards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "coupon_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bulk",
                "shared",
                name="batchkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "ordered",
                "making",
                "ready",
                "broken",
                name="batchstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=True),
        sa.Column("per_customer", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.String(), nullable=True),
        sa.Column("request_key", sa.String(), nullable=True),
        sa.Column("request_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "count >= 1 and made between 0 and count", name=op.f("ck_coupon_batch_made")
        ),
        sa.CheckConstraint(
            "uses >= 1 and per_customer >= 1", name=op.f("ck_coupon_batch_limits")
        ),
        sa.CheckConstraint(
            "valid_from < valid_until", name=op.f("ck_coupon_batch_period")
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotion.id"],
            name=op.f("fk_coupon_batch_promotion_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_batch")),
        sa.UniqueConstraint(
            "ordered_by",
            "request_key",
            name=op.f("uq_coupon_batch_ordered_by_request_key"),
        ),
    )
    op.create_index(
        op.f("ix_coupon_batch_promotion_id"),
        "coupon_batch",
        ["promotion_id"],
        unique=False,
    )
    op.create_table(
        "coupon_code",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_coupon_code_used")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["coupon_batch.id"], name=op.f("fk_coupon_code_batch_id")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_coupon_code")),
    )
    op.create_index(
        op.f("ix_coupon_code_batch_id"), "coupon_code", ["batch_id"], unique=False
    )
    op.create_table(
        "coupon_use",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("purchase_id", sa.BigInteger(), nullable=True),
        sa.Column("held_by", sa.String(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(purchase_id is null) = (held_by is not null) "
            "and (held_by is null) = (held_until is null)",
            name=op.f("ck_coupon_use_held_or_used"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["coupon_batch.id"], name=op.f("fk_coupon_use_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_coupon_use_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_coupon_use_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_use")),
        sa.UniqueConstraint(
            "held_by", "digest", name=op.f("uq_coupon_use_held_by_digest")
        ),
        sa.UniqueConstraint(
            "purchase_id", "digest", name=op.f("uq_coupon_use_purchase_id_digest")
        ),
    )
    op.create_index(
        op.f("ix_coupon_use_batch_id"), "coupon_use", ["batch_id"], unique=False
    )
    op.create_index(
        op.f("ix_coupon_use_customer_id_digest"),
        "coupon_use",
        ["customer_id", "digest"],
        unique=False,
    )
    op.create_index(
        "ix_coupon_use_held",
        "coupon_use",
        ["digest"],
        unique=False,
        postgresql_where=sa.text("held_until is not null"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index(
        "ix_coupon_use_held",
        table_name="coupon_use",
        postgresql_where=sa.text("held_until is not null"),
    )
    op.drop_index(op.f("ix_coupon_use_customer_id_digest"), table_name="coupon_use")
    op.drop_index(op.f("ix_coupon_use_batch_id"), table_name="coupon_use")
    op.drop_table("coupon_use")
    op.drop_index(op.f("ix_coupon_code_batch_id"), table_name="coupon_code")
    op.drop_table("coupon_code")
    op.drop_index(op.f("ix_coupon_batch_promotion_id"), table_name="coupon_batch")
    op.drop_table("coupon_batch")
