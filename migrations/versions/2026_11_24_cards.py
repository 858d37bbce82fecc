"""States and history of cards, printed cards, merged records."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "cards"
down_revision = "coupon_codes"
branch_labels = None
depends_on = None

REASONS = ("lost", "stolen", "damaged", "unwanted")
ACTIONS = (
    "issued",
    "attached",
    "blocked",
    "unblocked",
    "replaced",
    "closed",
    "made_main",
)


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(
        *values, name=name, native_enum=False, create_constraint=True, length=32
    )


def upgrade() -> None:
    """Go forward."""
    _cards()
    _blanks()
    _merges()


def _cards() -> None:
    op.add_column(
        "card",
        sa.Column(
            "main", sa.Boolean(), nullable=False, server_default=sa.text("false")
        ),
    )
    op.add_column("card", sa.Column("reason", sa.String(32), nullable=True))
    op.create_check_constraint("cardreason", "card", sa.column("reason").in_(REASONS))
    op.add_column(
        "card", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("card", sa.Column("replaced_by", sa.String(), nullable=True))
    op.create_check_constraint(
        "successor", "card", "(state = 'replaced') = (replaced_by is not null)"
    )
    op.create_index(
        "uq_card_main",
        "card",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("main"),
    )
    op.create_table(
        "card_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", _enum("cardaction", ACTIONS), nullable=False),
        sa.Column("reason", _enum("cardreason", REASONS), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["card.id"], name=op.f("fk_card_event_card_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_event")),
    )
    op.create_index(op.f("ix_card_event_card_id_id"), "card_event", ["card_id", "id"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON card_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _blanks() -> None:
    op.create_table(
        "card_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_batch")),
    )
    op.create_table(
        "card_blank",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number ~ '^[0-9]{16}$'", name=op.f("ck_card_blank_number")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["card_batch.id"], name=op.f("fk_card_blank_batch_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_card_blank")),
    )
    op.create_index(
        op.f("ix_card_blank_batch_id_number"), "card_blank", ["batch_id", "number"]
    )


def _merges() -> None:
    op.add_column("customer", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_customer_merged_into"), "customer", "customer", ["merged_into"], ["id"]
    )
    op.create_index(op.f("ix_customer_merged_into"), "customer", ["merged_into"])
    op.drop_constraint(op.f("ck_customer_customerstatus"), "customer", type_="check")
    op.create_check_constraint(
        "customerstatus",
        "customer",
        sa.column("status").in_(("active", "erased", "merged")),
    )
    op.create_check_constraint(
        "merged", "customer", "(status = 'merged') = (merged_into is not null)"
    )
    op.create_table(
        "customer_merge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("merged_id", sa.BigInteger(), nullable=False),
        sa.Column("into_id", sa.BigInteger(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("taken", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "merged_id <> into_id", name=op.f("ck_customer_merge_two_records")
        ),
        sa.ForeignKeyConstraint(
            ["merged_id"], ["customer.id"], name=op.f("fk_customer_merge_merged_id")
        ),
        sa.ForeignKeyConstraint(
            ["into_id"], ["customer.id"], name=op.f("fk_customer_merge_into_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merge")),
    )
    op.create_index(op.f("ix_customer_merge_into_id"), "customer_merge", ["into_id"])
    op.create_index(
        op.f("ix_customer_merge_merged_id"), "customer_merge", ["merged_id"]
    )
    op.create_index(
        "uq_customer_merge_standing",
        "customer_merge",
        ["merged_id"],
        unique=True,
        postgresql_where=sa.text("undone_at is null"),
    )


def downgrade() -> None:
    """Go back; merged records become records of their own."""
    op.drop_table("customer_merge")
    op.drop_constraint(op.f("ck_customer_merged"), "customer", type_="check")
    op.drop_constraint(op.f("ck_customer_customerstatus"), "customer", type_="check")
    op.execute("UPDATE customer SET status = 'active' WHERE status = 'merged'")
    op.create_check_constraint(
        "customerstatus", "customer", sa.column("status").in_(("active", "erased"))
    )
    op.drop_column("customer", "merged_into")
    op.drop_table("card_blank")
    op.drop_table("card_batch")
    op.drop_table("card_event")
    op.drop_index("uq_card_main", table_name="card")
    op.drop_constraint(op.f("ck_card_successor"), "card", type_="check")
    op.drop_constraint(op.f("ck_card_cardreason"), "card", type_="check")
    for column in ("replaced_by", "changed_at", "reason", "main"):
        op.drop_column("card", column)
