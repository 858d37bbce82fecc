"""How far delivery's books were checked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "books_checked"
down_revision = "delivery_watch"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "delivery_checked",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=False),
        sa.Column("ceiling_xid", sa.BigInteger(), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("by_state", postgresql.JSONB(), nullable=False),
        sa.Column("suspects", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_delivery_checked")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("delivery_checked")
