"""Gifts of points, households, friends brought."""

import sqlalchemy as sa
from alembic import op

revision = "sharing"
down_revision = "returns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "sharing_policy",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("gifts_a_day", sa.BigInteger(), nullable=False),
        sa.Column("undo_minutes", sa.BigInteger(), nullable=False),
        sa.Column("household_most", sa.BigInteger(), nullable=False),
        sa.Column("friend_points", sa.BigInteger(), nullable=False),
        sa.Column("referrer_points", sa.BigInteger(), nullable=False),
        sa.Column("referrals_a_year", sa.BigInteger(), nullable=False),
        sa.Column("new_days", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_sharing_policy_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_policy")),
    )
    op.create_table(
        "household",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("keeper_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["keeper_id"], ["customer.id"], name=op.f("fk_household_keeper_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
    )
    op.create_index(
        op.f("ix_household_keeper_id"), "household", ["keeper_id"], unique=False
    )
    op.create_table(
        "points_gift",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("giver", sa.BigInteger(), nullable=False),
        sa.Column("receiver", sa.BigInteger(), nullable=False),
        sa.Column("from_purse", sa.BigInteger(), nullable=False),
        sa.Column("to_purse", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("giver <> receiver", name=op.f("ck_points_gift_two_people")),
        sa.CheckConstraint("points > 0", name=op.f("ck_points_gift_points_positive")),
        sa.ForeignKeyConstraint(
            ["from_purse"], ["customer.id"], name=op.f("fk_points_gift_from_purse")
        ),
        sa.ForeignKeyConstraint(
            ["giver"], ["customer.id"], name=op.f("fk_points_gift_giver")
        ),
        sa.ForeignKeyConstraint(
            ["receiver"], ["customer.id"], name=op.f("fk_points_gift_receiver")
        ),
        sa.ForeignKeyConstraint(
            ["to_purse"], ["customer.id"], name=op.f("fk_points_gift_to_purse")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_gift")),
        sa.UniqueConstraint(
            "giver", "request_key", name=op.f("uq_points_gift_giver_request_key")
        ),
    )
    op.create_index(
        op.f("ix_points_gift_giver_day"), "points_gift", ["giver", "day"], unique=False
    )
    op.create_index(
        op.f("ix_points_gift_receiver"), "points_gift", ["receiver"], unique=False
    )
    op.create_table(
        "referral_code",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_referral_code_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_referral_code")),
        sa.UniqueConstraint("code", name=op.f("uq_referral_code_code")),
    )
    op.create_table(
        "referral_device",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_referral_device_customer_id"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "digest", name=op.f("pk_referral_device")
        ),
    )
    op.create_index(
        op.f("ix_referral_device_digest"), "referral_device", ["digest"], unique=False
    )
    op.create_table(
        "household_invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.Column("invited", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_invitation_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["invited"], ["customer.id"], name=op.f("fk_household_invitation_invited")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_invitation")),
    )
    op.create_index(
        op.f("ix_household_invitation_household_id"),
        "household_invitation",
        ["household_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_household_invitation_invited"),
        "household_invitation",
        ["invited"],
        unique=False,
    )
    op.create_table(
        "household_member",
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_household_member_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_member_household_id"),
        ),
        sa.PrimaryKeyConstraint(
            "household_id", "customer_id", "joined_at", name=op.f("pk_household_member")
        ),
    )
    op.create_index(
        "uq_household_member_now",
        "household_member",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("left_at is null"),
    )
    op.create_table(
        "household_move",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("keeper_id", sa.BigInteger(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=False),
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_household_move_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_move_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["keeper_id"], ["customer.id"], name=op.f("fk_household_move_keeper_id")
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "version", name=op.f("pk_household_move")
        ),
    )
    op.create_index(
        op.f("ix_household_move_household_id"),
        "household_move",
        ["household_id"],
        unique=False,
    )
    op.create_table(
        "referral",
        sa.Column("friend_id", sa.BigInteger(), nullable=False),
        sa.Column("referrer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "due",
                "paid",
                "reversing",
                "reversed",
                name="referralstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purchase_id", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("friend_points", sa.BigInteger(), nullable=False),
        sa.Column("friend_version", sa.BigInteger(), nullable=True),
        sa.Column("referrer_points", sa.BigInteger(), nullable=False),
        sa.Column("referrer_version", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "friend_id <> referrer_id", name=op.f("ck_referral_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["friend_id"], ["customer.id"], name=op.f("fk_referral_friend_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_referral_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["referrer_id"], ["customer.id"], name=op.f("fk_referral_referrer_id")
        ),
        sa.PrimaryKeyConstraint("friend_id", name=op.f("pk_referral")),
    )
    op.create_index(
        "ix_referral_due",
        "referral",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state in ('due', 'reversing')"),
    )
    op.create_index(
        op.f("ix_referral_purchase_id"), "referral", ["purchase_id"], unique=False
    )
    op.create_index(
        op.f("ix_referral_referrer_id_paid_at"),
        "referral",
        ["referrer_id", "paid_at"],
        unique=False,
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index(op.f("ix_referral_referrer_id_paid_at"), table_name="referral")
    op.drop_index(op.f("ix_referral_purchase_id"), table_name="referral")
    op.drop_index(
        "ix_referral_due",
        table_name="referral",
        postgresql_where=sa.text("state in ('due', 'reversing')"),
    )
    op.drop_table("referral")
    op.drop_index(op.f("ix_household_move_household_id"), table_name="household_move")
    op.drop_table("household_move")
    op.drop_index(
        "uq_household_member_now",
        table_name="household_member",
        postgresql_where=sa.text("left_at is null"),
    )
    op.drop_table("household_member")
    op.drop_index(
        op.f("ix_household_invitation_invited"), table_name="household_invitation"
    )
    op.drop_index(
        op.f("ix_household_invitation_household_id"), table_name="household_invitation"
    )
    op.drop_table("household_invitation")
    op.drop_index(op.f("ix_referral_device_digest"), table_name="referral_device")
    op.drop_table("referral_device")
    op.drop_table("referral_code")
    op.drop_index(op.f("ix_points_gift_receiver"), table_name="points_gift")
    op.drop_index(op.f("ix_points_gift_giver_day"), table_name="points_gift")
    op.drop_table("points_gift")
    op.drop_index(op.f("ix_household_keeper_id"), table_name="household")
    op.drop_table("household")
    op.drop_table("sharing_policy")
