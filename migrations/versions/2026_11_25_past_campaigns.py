"""Campaigns of the system that was there before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "past_campaigns"
down_revision = "recommendations"
branch_labels = None
depends_on = None

TEXTS = postgresql.ARRAY(sa.TEXT())


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "past_campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "first_day <= last_day", name=op.f("ck_past_campaign_period")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_campaign")),
        sa.UniqueConstraint("code", name=op.f("uq_past_campaign_code")),
    )
    _create_offers()
    _create_recipients()
    _create_redemptions()


def _create_offers() -> None:
    op.create_table(
        "past_offer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reward", sa.String(), nullable=True),
        sa.Column("percent", sa.SmallInteger(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("skus", TEXTS, nullable=False),
        sa.Column("categories", TEXTS, nullable=False),
        sa.CheckConstraint(
            "percent between 0 and 100", name=op.f("ck_past_offer_percent")
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_past_offer_price")),
        sa.CheckConstraint(
            "cardinality(skus) + cardinality(categories) > 0",
            name=op.f("ck_past_offer_goods"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["past_campaign.id"],
            name=op.f("fk_past_offer_campaign_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_offer")),
        sa.UniqueConstraint(
            "campaign_id", "code", name=op.f("uq_past_offer_campaign_id_code")
        ),
    )


def _create_recipients() -> None:
    op.create_table(
        "past_recipient",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("holdout", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_past_recipient_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["past_campaign.id"],
            name=op.f("fk_past_recipient_campaign_id"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "campaign_id", name=op.f("pk_past_recipient")
        ),
    )
    op.create_index(
        op.f("ix_past_recipient_campaign_id"), "past_recipient", ["campaign_id"]
    )


def _create_redemptions() -> None:
    op.create_table(
        "past_redemption",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_past_redemption_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["past_offer.id"], name=op.f("fk_past_redemption_offer_id")
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "offer_id", "day", name=op.f("pk_past_redemption")
        ),
    )
    op.create_index(
        op.f("ix_past_redemption_offer_id"), "past_redemption", ["offer_id"]
    )


def downgrade() -> None:
    """Go back."""
    for table in ("redemption", "recipient", "offer", "campaign"):
        op.drop_table(f"past_{table}")
