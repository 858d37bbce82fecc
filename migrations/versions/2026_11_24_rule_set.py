"""The version of the rule set, raised with every change of a promotion."""

import sqlalchemy as sa
from alembic import op

revision = "rule_set"
down_revision = "sharing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "promotion_rule_set",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_promotion_rule_set_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_rule_set")),
    )
    # Of a sequence no number comes twice, not even after a rollback.
    op.execute("CREATE SEQUENCE promotion_rule_set_version")
    op.execute(
        "INSERT INTO promotion_rule_set "
        "VALUES (1, nextval('promotion_rule_set_version'))"
    )
    op.execute(
        """
        CREATE FUNCTION raise_rule_set() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE promotion_rule_set
            SET version = nextval('promotion_rule_set_version');
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER raise_rule_set "
        "AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON promotion "
        "FOR EACH STATEMENT EXECUTE FUNCTION raise_rule_set()"
    )


def downgrade() -> None:
    """Go back."""
    op.execute("DROP TRIGGER raise_rule_set ON promotion")
    op.execute("DROP FUNCTION raise_rule_set()")
    op.drop_table("promotion_rule_set")
    op.execute("DROP SEQUENCE promotion_rule_set_version")
