"""What a shop never recommends."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "exclusions"
down_revision = "merged_tiers"
branch_labels = None
depends_on = None

_COLUMNS = ("excluded_categories", "excluded_words")


def upgrade() -> None:
    """Go forward."""
    for name in _COLUMNS:
        op.add_column(
            "programme",
            sa.Column(
                name, postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False
            ),
        )


def downgrade() -> None:
    """Go back."""
    for name in reversed(_COLUMNS):
        op.drop_column("programme", name)
