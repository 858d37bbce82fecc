"""Blocks are noted before their seal: the number is what joins them."""

from alembic import op

revision = "points_seals"
down_revision = "tiers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.drop_constraint("fk_points_sealed_seal_number", "points_sealed")


def downgrade() -> None:
    """Go back."""
    op.create_foreign_key(
        "fk_points_sealed_seal_number",
        "points_sealed",
        "points_seal",
        ["seal_number"],
        ["number"],
    )
