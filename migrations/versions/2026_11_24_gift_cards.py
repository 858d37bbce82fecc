"""Gift cards and stored value."""

import sqlalchemy as sa
from alembic import op

revision = "gift_cards"
down_revision = "20261122a"
branch_labels = None
depends_on = None

APPEND_ONLY = ("gift_transfer",)
"""Tables whose rows may be added and read, never changed or removed."""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "gift_policy",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_days", sa.BigInteger(), nullable=True),
        sa.Column("least", sa.BigInteger(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("most_balance", sa.BigInteger(), nullable=False),
        sa.Column("refund_days", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "0 < least and least <= most and most <= most_balance",
            name=op.f("ck_gift_policy_amounts"),
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_gift_policy_only_one")),
        sa.CheckConstraint(
            "valid_days > 0 and refund_days > 0", name=op.f("ck_gift_policy_days")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_policy")),
    )
    op.create_table(
        "gift_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "card",
                "stored_value",
                name="giftkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("lookup", sa.LargeBinary(), nullable=True),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "active",
                "blocked",
                "cancelled",
                name="giftstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("face", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'card') = (lookup is not null) and "
            "(kind = 'card') = (customer_id is null)",
            name=op.f("ck_gift_account_code_or_member"),
        ),
        sa.CheckConstraint(
            "balance >= 0 and face >= 0", name=op.f("ck_gift_account_never_below_zero")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_gift_account_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_account")),
        sa.UniqueConstraint(
            "customer_id", "currency", name=op.f("uq_gift_account_customer_id_currency")
        ),
        sa.UniqueConstraint("lookup", name=op.f("uq_gift_account_lookup")),
    )
    op.create_index(
        op.f("ix_gift_account_expires_at"), "gift_account", ["expires_at"], unique=False
    )
    op.create_table(
        "gift_transfer",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "debit",
            sa.Enum(
                "balance",
                "sold",
                "spent",
                "expired",
                "moved",
                name="debit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "credit",
            sa.Enum(
                "balance",
                "sold",
                "spent",
                "expired",
                "moved",
                name="credit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=False),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.Column("other_id", sa.BigInteger(), nullable=True),
        sa.Column("purchase_id", sa.BigInteger(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(debit = 'balance') <> (credit = 'balance')",
            name=op.f("ck_gift_transfer_one_side_is_balance"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_gift_transfer_amount_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["gift_account.id"],
            name=op.f("fk_gift_transfer_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["gift_account.id"], name=op.f("fk_gift_transfer_other_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_gift_transfer_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_gift_transfer_store_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "version", name=op.f("pk_gift_transfer")),
        sa.UniqueConstraint(
            "account_id",
            "request_key",
            name=op.f("uq_gift_transfer_account_id_request_key"),
        ),
    )
    op.create_index(
        op.f("ix_gift_transfer_purchase_id"),
        "gift_transfer",
        ["purchase_id"],
        unique=False,
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Go back."""
    op.drop_index(op.f("ix_gift_transfer_purchase_id"), table_name="gift_transfer")
    op.drop_table("gift_transfer")
    op.drop_index(op.f("ix_gift_account_expires_at"), table_name="gift_account")
    op.drop_table("gift_account")
    op.drop_table("gift_policy")
