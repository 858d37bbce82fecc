"""Let a run be about the newcomers of a running campaign."""

import sqlalchemy as sa
from alembic import op

revision = "top_ups"
down_revision = "past_campaigns"
branch_labels = None
depends_on = None

KINDS = ("train", "score", "rescore", "allocate", "promote", "roll_back")


def upgrade() -> None:
    """Go forward."""
    _allow(*KINDS[:4], "top_up", *KINDS[4:])


def downgrade() -> None:
    """Go back; such runs are forgotten."""
    op.execute("DELETE FROM recommender_run WHERE kind = 'top_up'")
    _allow(*KINDS)


def _allow(*kinds: str) -> None:
    table, name = "recommender_run", "runkind"
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(name, table, sa.column("kind").in_(kinds))
