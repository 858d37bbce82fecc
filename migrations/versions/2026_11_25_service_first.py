"""Let service messages be claimed before all others."""

from alembic import op

revision = "service_first"
down_revision = "books_checked"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.execute(
        "CREATE INDEX ix_message_due_service ON message (channel, due_at)"
        " WHERE state = 'planned' AND kind = 'service'"
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_message_due_service", table_name="message")
