"""Tiers, who has which, and how they came to it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "tiers"
down_revision = "kept_quotes"
branch_labels = None
depends_on = None

APPEND_ONLY = ("tier_ladder", "member_tier_change")
"""Tables whose rows may be added and read, never changed or removed."""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "tier_ladder",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "points",
                "spent",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "span",
            sa.Enum(
                "rolling",
                "calendar_year",
                name="span",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("grace_days", sa.BigInteger(), nullable=False),
        sa.Column("tiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.CheckConstraint(
            "days > 0 and grace_days >= 0", name=op.f("ck_tier_ladder_days_positive")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_tier_ladder")),
    )
    op.create_table(
        "member_tier",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("falls_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_member_tier_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_member_tier")),
    )
    op.create_index(op.f("ix_member_tier_tier"), "member_tier", ["tier"], unique=False)
    op.create_table(
        "member_tier_change",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "change",
            sa.Enum(
                "up",
                "warned",
                "kept",
                "down",
                "ladder",
                name="change",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("measure", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("falls_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ladder_version", sa.BigInteger(), nullable=False),
        sa.Column("latest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_member_tier_change_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["ladder_version"],
            ["tier_ladder.version"],
            name=op.f("fk_member_tier_change_ladder_version"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "number", name=op.f("pk_member_tier_change")
        ),
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Go back."""
    op.drop_table("member_tier_change")
    op.drop_index(op.f("ix_member_tier_tier"), table_name="member_tier")
    op.drop_table("member_tier")
    op.drop_table("tier_ladder")
