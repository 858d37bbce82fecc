"""Let a member's history of tiers say that two records became one, or two again."""

import sqlalchemy as sa
from alembic import op

revision = "merged_tiers"
down_revision = "webhooks"
branch_labels = None
depends_on = None

CHANGES = ("up", "warned", "kept", "down", "ladder")


def upgrade() -> None:
    """Go forward."""
    _allow(*CHANGES, "merged")


def downgrade() -> None:
    """Go back; refused by the database where a history says so."""
    _allow(*CHANGES)


def _allow(*changes: str) -> None:
    name, table = "change", "member_tier_change"
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(name, table, sa.column("change").in_(changes))
