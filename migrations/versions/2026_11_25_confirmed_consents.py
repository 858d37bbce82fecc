"""Consents that wait for a confirmation, codes, and what came in from outside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "confirmed_consents"
down_revision = "offer_rank"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_NO = sa.text("false")


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "programme",
        sa.Column(
            "double_opt_in",
            postgresql.ARRAY(sa.TEXT()),
            server_default="{}",
            nullable=False,
        ),
    )
    for table, column in _columns():
        op.add_column(table, column)
    op.create_check_constraint(
        "asked_is_no_yes", "customer_consent", "not (asked and given)"
    )
    op.create_table(
        "customer_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("consent_id", sa.BigInteger(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_code_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_code")),
    )
    for name in ("contact_id", "customer_id"):
        op.create_index(op.f(f"ix_customer_code_{name}"), "customer_code", [name])
    op.create_table(
        "inbound",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_inbound")),
    )
    op.create_index(op.f("ix_inbound_at"), "inbound", ["at"])


def downgrade() -> None:
    """Go back; what waits for its confirmation stays a no."""
    op.drop_table("inbound")
    op.drop_table("customer_code")
    op.drop_constraint(
        op.f("ck_customer_consent_asked_is_no_yes"), "customer_consent", type_="check"
    )
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)
    op.drop_column("programme", "double_opt_in")


def _columns() -> list[tuple[str, sa.Column[object]]]:
    return [
        (
            "customer_consent",
            sa.Column("asked", sa.Boolean(), server_default=_NO, nullable=False),
        ),
        ("customer_consent", sa.Column("contact_id", sa.BigInteger(), nullable=True)),
        ("customer_consent", sa.Column("confirms", sa.BigInteger(), nullable=True)),
        (
            "customer_contact",
            sa.Column(
                "soft_bounces", sa.SmallInteger(), server_default="0", nullable=False
            ),
        ),
        ("customer_contact", sa.Column("soft_bounced_at", _MOMENT, nullable=True)),
        (
            "contact_habit",
            sa.Column(
                "channels",
                postgresql.JSONB(astext_type=sa.Text()),
                server_default="[]",
                nullable=False,
            ),
        ),
    ]
