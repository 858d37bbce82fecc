"""Seals cover the audit as well."""

import sqlalchemy as sa
from alembic import op

revision = "audit_seals"
down_revision = "purses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; seals from before covered movements in another form and are cut."""
    for table in ("points_seal", "points_sealed"):
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        op.execute(f"DELETE FROM {table}")  # noqa: S608  # our own table
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
    op.add_column("points_seal", sa.Column("notes", sa.BigInteger(), nullable=False))
    op.create_table(
        "audit_sealed",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seal_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_sealed_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_sealed")),
    )
    op.create_index(
        op.f("ix_audit_sealed_seal_number"), "audit_sealed", ["seal_number"]
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON audit_sealed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("audit_sealed")
    op.drop_column("points_seal", "notes")
