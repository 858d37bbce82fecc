"""What each unit cost, what a purchase was paid with, and what came back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "returns"
down_revision = "rewards"
branch_labels = None
depends_on = None

APPEND_ONLY = ("purchase_return", "purchase_return_line", "purchase_return_tender")
"""Tables whose rows may be added and read, never changed or removed."""


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "purchase_line",
        sa.Column("shares", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    op.create_table(
        "purchase_tender",
        sa.Column("purchase_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tender", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchase.id"],
            name=op.f("fk_purchase_tender_purchase_id"),
        ),
        sa.PrimaryKeyConstraint(
            "purchase_id", "position", name=op.f("pk_purchase_tender")
        ),
    )
    op.create_table(
        "purchase_return",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("purchase_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "return",
                "cancellation",
                name="returnkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("refund", sa.BigInteger(), nullable=False),
        sa.Column("delivery", sa.BigInteger(), nullable=False),
        sa.Column("points_taken", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.CheckConstraint(
            "refund >= 0 and delivery >= 0 and points_taken >= 0",
            name=op.f("ck_purchase_return_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchase.id"],
            name=op.f("fk_purchase_return_purchase_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_return")),
        sa.UniqueConstraint(
            "recorded_by",
            "request_key",
            name=op.f("uq_purchase_return_recorded_by_request_key"),
        ),
    )
    op.create_index(
        op.f("ix_purchase_return_purchase_id"),
        "purchase_return",
        ["purchase_id"],
        unique=False,
    )
    op.create_table(
        "purchase_return_line",
        sa.Column("return_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["purchase_return.id"],
            name=op.f("fk_purchase_return_line_return_id"),
        ),
        sa.PrimaryKeyConstraint(
            "return_id", "line", name=op.f("pk_purchase_return_line")
        ),
    )
    op.create_table(
        "purchase_return_tender",
        sa.Column("return_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tender", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["purchase_return.id"],
            name=op.f("fk_purchase_return_tender_return_id"),
        ),
        sa.PrimaryKeyConstraint(
            "return_id", "position", name=op.f("pk_purchase_return_tender")
        ),
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Go back."""
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
    op.drop_table("purchase_tender")
    op.drop_column("purchase_line", "shares")
