"""Rewards for points, and causes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "rewards"
down_revision = "backtests"
branch_labels = None
depends_on = None

APPEND_ONLY = ("cause_gift",)
"""Tables whose rows may be added and read, never changed or removed."""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "cause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cause")),
        sa.UniqueConstraint("code", name=op.f("uq_cause_code")),
    )
    op.create_table(
        "reward",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "article",
                "coupon",
                name="rewardkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sku", sa.String(), nullable=True),
        sa.Column("promotion", sa.String(), nullable=True),
        sa.Column("coupon_days", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("points > 0", name=op.f("ck_reward_points_positive")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_reward_stock_not_negative")),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_reward_validity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward")),
        sa.UniqueConstraint("code", name=op.f("uq_reward_code")),
    )
    op.create_table(
        "cause_gift",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_cause_gift_points_positive")),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["cause.id"], name=op.f("fk_cause_gift_cause_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "version"],
            ["points_transfer.customer_id", "points_transfer.version"],
            name="fk_cause_gift_transfer",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_cause_gift_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "version", name=op.f("pk_cause_gift")),
    )
    op.create_index(
        op.f("ix_cause_gift_cause_id"), "cause_gift", ["cause_id"], unique=False
    )
    op.create_table(
        "reward_redemption",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reward_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "given",
                "cancelled",
                name="redemptionstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=False),
        sa.Column("coupon", sa.LargeBinary(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id", "version"],
            ["points_transfer.customer_id", "points_transfer.version"],
            name="fk_reward_redemption_transfer",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_reward_redemption_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["reward_id"], ["reward.id"], name=op.f("fk_reward_redemption_reward_id")
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_reward_redemption_store_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_redemption")),
        sa.UniqueConstraint(
            "customer_id",
            "request_key",
            name=op.f("uq_reward_redemption_customer_id_request_key"),
        ),
    )
    op.create_index(
        op.f("ix_reward_redemption_customer_id_at"),
        "reward_redemption",
        ["customer_id", "at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reward_redemption_reward_id"),
        "reward_redemption",
        ["reward_id"],
        unique=False,
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Go back."""
    op.drop_index(
        op.f("ix_reward_redemption_reward_id"), table_name="reward_redemption"
    )
    op.drop_index(
        op.f("ix_reward_redemption_customer_id_at"), table_name="reward_redemption"
    )
    op.drop_table("reward_redemption")
    op.drop_index(op.f("ix_cause_gift_cause_id"), table_name="cause_gift")
    op.drop_table("cause_gift")
    op.drop_table("reward")
    op.drop_table("cause")
