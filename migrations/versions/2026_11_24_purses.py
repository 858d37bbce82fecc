"""Say whose balance paid for rewards and causes."""

import sqlalchemy as sa
from alembic import op

revision = "purses"
down_revision = "rule_set"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("cause_gift", sa.Column("purse_id", sa.BigInteger(), nullable=False))
    op.create_index(
        op.f("ix_cause_gift_customer_id"), "cause_gift", ["customer_id"], unique=False
    )
    op.drop_constraint(op.f("fk_cause_gift_transfer"), "cause_gift", type_="foreignkey")
    op.create_foreign_key(
        "fk_cause_gift_transfer",
        "cause_gift",
        "points_transfer",
        ["purse_id", "version"],
        ["customer_id", "version"],
    )
    op.create_foreign_key(
        op.f("fk_cause_gift_purse_id"), "cause_gift", "customer", ["purse_id"], ["id"]
    )
    op.add_column(
        "reward_redemption", sa.Column("purse_id", sa.BigInteger(), nullable=False)
    )
    op.drop_constraint(
        op.f("fk_reward_redemption_transfer"), "reward_redemption", type_="foreignkey"
    )
    op.create_foreign_key(
        op.f("fk_reward_redemption_purse_id"),
        "reward_redemption",
        "customer",
        ["purse_id"],
        ["id"],
    )
    op.create_foreign_key(
        "fk_reward_redemption_transfer",
        "reward_redemption",
        "points_transfer",
        ["purse_id", "version"],
        ["customer_id", "version"],
    )


def downgrade() -> None:
    """Go back."""
    op.drop_constraint(
        "fk_reward_redemption_transfer", "reward_redemption", type_="foreignkey"
    )
    op.drop_constraint(
        op.f("fk_reward_redemption_purse_id"), "reward_redemption", type_="foreignkey"
    )
    op.create_foreign_key(
        op.f("fk_reward_redemption_transfer"),
        "reward_redemption",
        "points_transfer",
        ["customer_id", "version"],
        ["customer_id", "version"],
    )
    op.drop_column("reward_redemption", "purse_id")
    op.drop_constraint(op.f("fk_cause_gift_purse_id"), "cause_gift", type_="foreignkey")
    op.drop_constraint("fk_cause_gift_transfer", "cause_gift", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_cause_gift_transfer"),
        "cause_gift",
        "points_transfer",
        ["customer_id", "version"],
        ["customer_id", "version"],
    )
    op.drop_index(op.f("ix_cause_gift_customer_id"), table_name="cause_gift")
    op.drop_column("cause_gift", "purse_id")
