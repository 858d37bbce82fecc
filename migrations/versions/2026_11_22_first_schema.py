"""First schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122a"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "audit_entry",
    "customer_consent",
    "message_event",
    "points_transfer",
    "promotion_version",
)
"""Tables whose rows may be added and read, never changed or removed."""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(
        op.f("ix_audit_entry_subject"), "audit_entry", ["subject"], unique=False
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "planned",
                "ended",
                name="campaignstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offers_per_customer", sa.SmallInteger(), nullable=False),
        sa.Column("holdout_percent", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "holdout_percent between 0 and 50", name=op.f("ck_campaign_holdout")
        ),
        sa.CheckConstraint(
            "offers_per_customer between 1 and 10", name=op.f("ck_campaign_offers")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_campaign_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("code", name=op.f("uq_campaign_code")),
    )
    op.create_table(
        "category",
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_category")),
    )
    op.create_table(
        "delivery_control",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_delivery_control")),
    )
    op.create_table(
        "message_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "claimed",
                "sending",
                "sent",
                "delivered",
                "bounced",
                "complained",
                "unknown",
                "failed",
                "suppressed",
                "expired",
                "cancelled",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "customer_erased",
                "no_consent",
                "no_channel",
                "no_moment",
                "weekly_cap",
                "too_late",
                "offer_ended",
                "offer_redeemed",
                "offer_withdrawn",
                "cancelled",
                "not_now",
                "channel_lost",
                "temporary",
                "permanent",
                "gave_up",
                "lease_ended",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_event")),
    )
    op.create_index(
        "ix_message_event_message", "message_event", ["message_id", "id"], unique=False
    )
    op.create_table(
        "process_heartbeat",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_process_heartbeat")),
    )
    op.create_table(
        "product",
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("categories", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("brand", sa.String(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("floor_price", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("discountable", sa.Boolean(), nullable=False),
        sa.Column("weighed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_product")),
    )
    op.create_index(
        op.f("ix_product_categories"),
        "product",
        ["categories"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column(
            "strategy",
            sa.Enum(
                "best_for_customer",
                "priority",
                name="strategy",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("points_per", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("points_lifetime_days", sa.BigInteger(), nullable=False),
        sa.Column("points_rule_version", sa.BigInteger(), nullable=False),
        sa.Column("card_prefix", sa.String(), nullable=False),
        sa.Column("phone_region", sa.String(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("quiet_from_minute", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_until_minute", sa.SmallInteger(), nullable=False),
        sa.Column("max_messages_per_week", sa.SmallInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_programme_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_table(
        "promotion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "active",
                "paused",
                "ended",
                name="promotionstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion")),
        sa.UniqueConstraint("code", name=op.f("uq_promotion_code")),
    )
    op.create_index(
        op.f("ix_promotion_changed_at"), "promotion", ["changed_at"], unique=False
    )
    op.create_index(op.f("ix_promotion_state"), "promotion", ["state"], unique=False)
    op.create_table(
        "schedule",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("every_minutes", sa.BigInteger(), nullable=True),
        sa.Column("at_minute", sa.BigInteger(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule")),
    )
    op.create_index(op.f("ix_schedule_next_at"), "schedule", ["next_at"], unique=False)
    op.create_table(
        "staff_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "email = lower(email)", name=op.f("ck_staff_member_email_lower")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_member")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_member_email")),
    )
    op.create_table(
        "store",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("opening_hours", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
        sa.UniqueConstraint("code", name=op.f("uq_store_code")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_api_key_store_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
    )
    op.create_table(
        "campaign_promotion",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_campaign_promotion_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotion.id"],
            name=op.f("fk_campaign_promotion_promotion_id"),
        ),
        sa.PrimaryKeyConstraint(
            "campaign_id", "promotion_id", name=op.f("pk_campaign_promotion")
        ),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "erased",
                name="customerstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrolled_by", sa.String(), nullable=False),
        sa.Column("home_store_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("member_key", sa.LargeBinary(), nullable=True),
        sa.Column("first_name", sa.LargeBinary(), nullable=True),
        sa.Column("last_name", sa.LargeBinary(), nullable=True),
        sa.Column("birthday", sa.LargeBinary(), nullable=True),
        sa.Column("max_per_week", sa.SmallInteger(), nullable=True),
        sa.Column("pause_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_store_id"], ["store.id"], name=op.f("fk_customer_home_store_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_index(
        op.f("ix_customer_enrolled_at"), "customer", ["enrolled_at"], unique=False
    )
    op.create_table(
        "promotion_total",
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "uses >= 0 and given >= 0", name=op.f("ck_promotion_total_positive")
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotion.id"],
            name=op.f("fk_promotion_total_promotion_id"),
        ),
        sa.PrimaryKeyConstraint("promotion_id", name=op.f("pk_promotion_total")),
    )
    op.create_table(
        "promotion_version",
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotion.id"],
            name=op.f("fk_promotion_version_promotion_id"),
        ),
        sa.PrimaryKeyConstraint(
            "promotion_id", "version", name=op.f("pk_promotion_version")
        ),
    )
    op.create_table(
        "staff_recovery_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff_member.id"],
            name=op.f("fk_staff_recovery_code_staff_id"),
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_staff_recovery_code")),
    )
    op.create_index(
        op.f("ix_staff_recovery_code_staff_id"),
        "staff_recovery_code",
        ["staff_id"],
        unique=False,
    )
    op.create_table(
        "staff_role",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "cashier",
                "manager",
                "marketer",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_staff_role_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_staff_role_store_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_role")),
    )
    op.create_index(
        "uq_staff_role_post",
        "staff_role",
        ["staff_id", "role", sa.literal_column("coalesce(store_id, 0)")],
        unique=True,
    )
    op.create_table(
        "staff_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_staff_session_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_staff_session_store_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_session_token_hash")),
    )
    op.create_index(
        op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"], unique=False
    )
    op.create_table(
        "campaign_member",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("holdout", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_campaign_member_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_campaign_member_customer_id"),
        ),
        sa.PrimaryKeyConstraint(
            "campaign_id", "customer_id", name=op.f("pk_campaign_member")
        ),
    )
    op.create_index(
        op.f("ix_campaign_member_customer_id"),
        "campaign_member",
        ["customer_id"],
        unique=False,
    )
    op.create_table(
        "card",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "blocked",
                "replaced",
                "closed",
                name="cardstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.CheckConstraint("number ~ '^[0-9]{16}$'", name=op.f("ck_card_number")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_card_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("number", name=op.f("uq_card_number")),
    )
    op.create_index(op.f("ix_card_customer_id"), "card", ["customer_id"], unique=False)
    op.create_table(
        "contact_habit",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("windows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("observations", sa.BigInteger(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_contact_habit_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_contact_habit")),
    )
    op.create_table(
        "customer_channel",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "sms",
                "inbox",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_channel_customer_id"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "position", name=op.f("pk_customer_channel")
        ),
        sa.UniqueConstraint(
            "customer_id",
            "channel",
            name=op.f("uq_customer_channel_customer_id_channel"),
        ),
    )
    op.create_table(
        "customer_consent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "marketing",
                "personalisation",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "sms",
                "inbox",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("wording_version", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_consent_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_consent")),
    )
    op.create_index(
        op.f("ix_customer_consent_customer_id_purpose_channel_id"),
        "customer_consent",
        ["customer_id", "purpose", "channel", "id"],
        unique=False,
    )
    op.create_table(
        "customer_contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "email",
                "phone",
                name="contactkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("landline", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suppressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suppressed_why", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_contact_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_contact")),
        sa.UniqueConstraint("lookup", name=op.f("uq_customer_contact_lookup")),
    )
    op.create_index(
        op.f("ix_customer_contact_customer_id_kind"),
        "customer_contact",
        ["customer_id", "kind"],
        unique=False,
    )
    op.create_table(
        "customer_link",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_customer_link_customer_id")
        ),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_customer_link")),
    )
    op.create_index(
        op.f("ix_customer_link_customer_id"),
        "customer_link",
        ["customer_id"],
        unique=False,
    )
    op.create_table(
        "customer_segment",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_segment_customer_id"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "segment", name=op.f("pk_customer_segment")
        ),
    )
    op.create_index(
        op.f("ix_customer_segment_segment"),
        "customer_segment",
        ["segment"],
        unique=False,
    )
    op.create_table(
        "customer_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_session_customer_id"),
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_customer_session")),
    )
    op.create_index(
        op.f("ix_customer_session_customer_id"),
        "customer_session",
        ["customer_id"],
        unique=False,
    )
    op.create_table(
        "customer_topic",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_customer_topic_customer_id")
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "category", name=op.f("pk_customer_topic")
        ),
    )
    op.create_table(
        "customer_window",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("from_minute", sa.SmallInteger(), nullable=False),
        sa.Column("until_minute", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "from_minute >= 0 and from_minute < until_minute and until_minute <= 1440",
            name=op.f("ck_customer_window_minutes"),
        ),
        sa.CheckConstraint(
            "weekday between 0 and 6", name=op.f("ck_customer_window_weekday")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_window_customer_id"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "weekday", "from_minute", name=op.f("pk_customer_window")
        ),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "service",
                "marketing",
                name="messagekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "sms",
                "inbox",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column(
            "parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False
        ),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "claimed",
                "sending",
                "sent",
                "delivered",
                "bounced",
                "complained",
                "unknown",
                "failed",
                "suppressed",
                "expired",
                "cancelled",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("week", sa.Date(), nullable=True),
        sa.Column("reserved_week", sa.Date(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("handover_key", sa.String(), nullable=False),
        sa.Column(
            "planned_why", postgresql.JSONB(astext_type=sa.Text()), nullable=False
        ),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "customer_erased",
                "no_consent",
                "no_channel",
                "no_moment",
                "weekly_cap",
                "too_late",
                "offer_ended",
                "offer_redeemed",
                "offer_withdrawn",
                "cancelled",
                "not_now",
                "channel_lost",
                "temporary",
                "permanent",
                "gave_up",
                "lease_ended",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_message_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("handover_key", name=op.f("uq_message_handover_key")),
    )
    op.create_index(
        op.f("ix_message_campaign_id"), "message", ["campaign_id"], unique=False
    )
    op.create_index(
        "ix_message_customer", "message", ["customer_id", "id"], unique=False
    )
    op.create_index(
        "ix_message_due",
        "message",
        ["channel", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index("ix_message_finished", "message", ["finished_at"], unique=False)
    op.create_index(
        "ix_message_held",
        "message",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state in ('claimed', 'sending')"),
    )
    op.create_index("ix_message_offer", "message", ["offer_id"], unique=False)
    op.create_table(
        "message_key",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_message_key_customer_id")
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "subject", "occasion", name=op.f("pk_message_key")
        ),
    )
    op.create_table(
        "message_weekly_use",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("used", sa.SmallInteger(), nullable=False),
        sa.Column("cap", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_message_weekly_use_customer_id"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "week", name=op.f("pk_message_weekly_use")
        ),
    )
    op.create_table(
        "points_account",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_points_account_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_points_account")),
    )
    op.create_table(
        "purchase",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("sales_channel", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("delivery", sa.BigInteger(), nullable=False),
        sa.Column("payment", sa.String(), nullable=True),
        sa.Column("source_week", sa.SmallInteger(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=True),
        sa.Column("reply", sa.String(), nullable=True),
        sa.Column("proof", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "net = gross - discount and discount >= 0", name=op.f("ck_purchase_adds_up")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_purchase_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_purchase_store_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint(
            "recorded_by",
            "request_key",
            name=op.f("uq_purchase_recorded_by_request_key"),
        ),
        sa.UniqueConstraint(
            "store_id", "receipt", name=op.f("uq_purchase_store_id_receipt")
        ),
    )
    op.create_index(op.f("ix_purchase_at"), "purchase", ["at"], unique=False)
    op.create_index(
        op.f("ix_purchase_customer_id_at"),
        "purchase",
        ["customer_id", "at"],
        unique=False,
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reason", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "offered",
                "dismissed",
                "redeemed",
                name="offerstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purchase_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_offer_validity")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_offer_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_offer_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotion.id"], name=op.f("fk_offer_promotion_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_offer_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint(
            "customer_id",
            "campaign_id",
            "promotion_id",
            name=op.f("uq_offer_customer_id_campaign_id_promotion_id"),
        ),
    )
    op.create_index(
        op.f("ix_offer_campaign_id"), "offer", ["campaign_id"], unique=False
    )
    op.create_index(
        op.f("ix_offer_customer_id_valid_until"),
        "offer",
        ["customer_id", "valid_until"],
        unique=False,
    )
    op.create_table(
        "points_lot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("transfer_version", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("earned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_points_lot_points_positive")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["points_account.customer_id"],
            name=op.f("fk_points_lot_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_lot")),
    )
    op.create_index(
        op.f("ix_points_lot_customer_id_expires_at"),
        "points_lot",
        ["customer_id", "expires_at"],
        unique=False,
    )
    op.create_table(
        "points_transfer",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "debit",
            sa.Enum(
                "pending",
                "available",
                "issued",
                "redeemed",
                "expired",
                "adjusted",
                "reversed",
                name="debit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "credit",
            sa.Enum(
                "pending",
                "available",
                "issued",
                "redeemed",
                "expired",
                "adjusted",
                "reversed",
                name="credit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=False),
        sa.Column("purchase_id", sa.BigInteger(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("rule_version", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.CheckConstraint(
            "amount > 0", name=op.f("ck_points_transfer_amount_positive")
        ),
        sa.CheckConstraint(
            "debit <> credit", name=op.f("ck_points_transfer_two_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["points_account.customer_id"],
            name=op.f("fk_points_transfer_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchase.id"],
            name=op.f("fk_points_transfer_purchase_id"),
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_points_transfer_store_id")
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "version", name=op.f("pk_points_transfer")
        ),
        sa.UniqueConstraint(
            "customer_id",
            "request_key",
            name=op.f("uq_points_transfer_customer_id_request_key"),
        ),
    )
    op.create_index(
        op.f("ix_points_transfer_purchase_id"),
        "points_transfer",
        ["purchase_id"],
        unique=False,
    )
    op.create_table(
        "promotion_use",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("purchase_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_promotion_use_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotion.id"],
            name=op.f("fk_promotion_use_promotion_id"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_promotion_use_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_use")),
        sa.UniqueConstraint(
            "purchase_id",
            "promotion_id",
            name=op.f("uq_promotion_use_purchase_id_promotion_id"),
        ),
    )
    op.create_index(
        op.f("ix_promotion_use_customer_id_promotion_id_at"),
        "promotion_use",
        ["customer_id", "promotion_id", "at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_promotion_use_promotion_id_at"),
        "promotion_use",
        ["promotion_id", "at"],
        unique=False,
    )
    op.create_table(
        "purchase_line",
        sa.Column("purchase_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_line_purchase_id")
        ),
        sa.PrimaryKeyConstraint("purchase_id", "line", name=op.f("pk_purchase_line")),
    )
    _refuse_changes()


def _refuse_changes() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Go back."""
    op.drop_table("purchase_line")
    op.drop_index(op.f("ix_promotion_use_promotion_id_at"), table_name="promotion_use")
    op.drop_index(
        op.f("ix_promotion_use_customer_id_promotion_id_at"), table_name="promotion_use"
    )
    op.drop_table("promotion_use")
    op.drop_index(op.f("ix_points_transfer_purchase_id"), table_name="points_transfer")
    op.drop_table("points_transfer")
    op.drop_index(op.f("ix_points_lot_customer_id_expires_at"), table_name="points_lot")
    op.drop_table("points_lot")
    op.drop_index(op.f("ix_offer_customer_id_valid_until"), table_name="offer")
    op.drop_index(op.f("ix_offer_campaign_id"), table_name="offer")
    op.drop_table("offer")
    op.drop_index(op.f("ix_purchase_customer_id_at"), table_name="purchase")
    op.drop_index(op.f("ix_purchase_at"), table_name="purchase")
    op.drop_table("purchase")
    op.drop_table("points_account")
    op.drop_table("message_weekly_use")
    op.drop_table("message_key")
    op.drop_index("ix_message_offer", table_name="message")
    op.drop_index(
        "ix_message_held",
        table_name="message",
        postgresql_where=sa.text("state in ('claimed', 'sending')"),
    )
    op.drop_index("ix_message_finished", table_name="message")
    op.drop_index(
        "ix_message_due",
        table_name="message",
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.drop_index("ix_message_customer", table_name="message")
    op.drop_index(op.f("ix_message_campaign_id"), table_name="message")
    op.drop_table("message")
    op.drop_table("customer_window")
    op.drop_table("customer_topic")
    op.drop_index(
        op.f("ix_customer_session_customer_id"), table_name="customer_session"
    )
    op.drop_table("customer_session")
    op.drop_index(op.f("ix_customer_segment_segment"), table_name="customer_segment")
    op.drop_table("customer_segment")
    op.drop_index(op.f("ix_customer_link_customer_id"), table_name="customer_link")
    op.drop_table("customer_link")
    op.drop_index(
        op.f("ix_customer_contact_customer_id_kind"), table_name="customer_contact"
    )
    op.drop_table("customer_contact")
    op.drop_index(
        op.f("ix_customer_consent_customer_id_purpose_channel_id"),
        table_name="customer_consent",
    )
    op.drop_table("customer_consent")
    op.drop_table("customer_channel")
    op.drop_table("contact_habit")
    op.drop_index(op.f("ix_card_customer_id"), table_name="card")
    op.drop_table("card")
    op.drop_index(op.f("ix_campaign_member_customer_id"), table_name="campaign_member")
    op.drop_table("campaign_member")
    op.drop_index(op.f("ix_staff_session_staff_id"), table_name="staff_session")
    op.drop_table("staff_session")
    op.drop_index("uq_staff_role_post", table_name="staff_role")
    op.drop_table("staff_role")
    op.drop_index(
        op.f("ix_staff_recovery_code_staff_id"), table_name="staff_recovery_code"
    )
    op.drop_table("staff_recovery_code")
    op.drop_table("promotion_version")
    op.drop_table("promotion_total")
    op.drop_index(op.f("ix_customer_enrolled_at"), table_name="customer")
    op.drop_table("customer")
    op.drop_table("campaign_promotion")
    op.drop_table("api_key")
    op.drop_table("store")
    op.drop_table("staff_member")
    op.drop_index(op.f("ix_schedule_next_at"), table_name="schedule")
    op.drop_table("schedule")
    op.drop_index(op.f("ix_promotion_state"), table_name="promotion")
    op.drop_index(op.f("ix_promotion_changed_at"), table_name="promotion")
    op.drop_table("promotion")
    op.drop_table("programme")
    op.drop_index(
        op.f("ix_product_categories"), table_name="product", postgresql_using="gin"
    )
    op.drop_table("product")
    op.drop_table("process_heartbeat")
    op.drop_index("ix_message_event_message", table_name="message_event")
    op.drop_table("message_event")
    op.drop_table("delivery_control")
    op.drop_table("category")
    op.drop_table("campaign")
    op.drop_index(op.f("ix_audit_entry_subject"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.execute("DROP FUNCTION refuse_change()")
