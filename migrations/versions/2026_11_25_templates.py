"""Marketers' templates, the sender's address, and the consent to being counted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "templates"
down_revision = "confirmed_consents"
branch_labels = None
depends_on = None

PURPOSES = (
    "offer",
    "birthday",
    "first_purchase",
    "lapsed",
    "points_expiring",
    "service",
)


def one_of(*values: str, name: str) -> sa.Enum:
    """Return VARCHAR with a check."""
    return sa.Enum(
        *values, name=name, native_enum=False, create_constraint=True, length=32
    )


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "template",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("purpose", one_of(*PURPOSES, name="templatepurpose"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint("code", name=op.f("uq_template_code")),
    )
    _create_versions()
    _freeze_versions()
    op.add_column(
        "programme",
        sa.Column("postal_address", sa.String(), server_default="", nullable=False),
    )
    _allow_purposes("marketing", "personalisation", "measurement")


def _create_versions() -> None:
    op.create_table(
        "template_version",
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "state",
            one_of("draft", "published", "withdrawn", name="versionstate"),
            nullable=False,
        ),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_template_version_number")),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at is null)",
            name=op.f("ck_template_version_published_once"),
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["template.id"],
            name=op.f("fk_template_version_template_id"),
        ),
        sa.PrimaryKeyConstraint(
            "template_id", "number", name=op.f("pk_template_version")
        ),
    )
    op.create_index(
        "uq_template_version_draft",
        "template_version",
        ["template_id"],
        unique=True,
        postgresql_where=sa.text("state = 'draft'"),
    )


def _freeze_versions() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_new_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the words of a published template never change';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER words_stand BEFORE UPDATE ON template_version FOR EACH ROW "
        "WHEN (old.published_at IS NOT NULL AND (new.texts IS DISTINCT FROM old.texts "
        "OR new.published_at IS DISTINCT FROM old.published_at)) "
        "EXECUTE FUNCTION refuse_new_words()"
    )
    op.execute(
        "CREATE TRIGGER version_stands BEFORE DELETE ON template_version FOR EACH ROW "
        "WHEN (old.published_at IS NOT NULL) EXECUTE FUNCTION refuse_new_words()"
    )


def _allow_purposes(*purposes: str) -> None:
    op.drop_constraint(
        op.f("ck_customer_consent_purpose"), "customer_consent", type_="check"
    )
    allowed = ", ".join(f"'{purpose}'" for purpose in purposes)
    op.create_check_constraint(
        op.f("ck_customer_consent_purpose"),
        "customer_consent",
        f"purpose IN ({allowed})",
    )


def downgrade() -> None:
    """Go back; statements about being counted have to be gone before."""
    _allow_purposes("marketing", "personalisation")
    op.drop_column("programme", "postal_address")
    op.drop_table("template_version")
    op.drop_table("template")
    op.execute("DROP FUNCTION refuse_new_words()")
