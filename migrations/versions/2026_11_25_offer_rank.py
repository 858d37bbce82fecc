"""In which order the offers of a customer were drawn."""

import sqlalchemy as sa
from alembic import op

revision = "offer_rank"
down_revision = "top_ups"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("offer", sa.Column("rank", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("offer", "rank")
