"""Campaigns with an audience, a trigger, variants, and a run for each occasion."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "campaign_runs"
down_revision = "message_months"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())
BEFORE = ("draft", "planned", "ended")
STATES = ("draft", "scheduled", "running", "paused", "stopped", "finished")
OFFERS = ("offered", "dismissed", "redeemed")
KINDS = ("train", "score", "rescore", "allocate", "top_up", "promote", "roll_back")

ADDED = (
    ("audience", JSON, '{"all": [], "any": [], "none": []}'),
    ("trigger", JSON, '{"once": {}}'),
    ("valid_days", sa.SmallInteger(), "14"),
    ("template", sa.String(), "offer"),
    ("variants", JSON, "[]"),
    ("withdrawn", sa.Boolean(), "false"),
)


def upgrade() -> None:
    """Go forward."""
    _check("campaign", "campaignstate", "state", None)
    op.execute("UPDATE campaign SET state = 'running' WHERE state = 'planned'")
    op.execute("UPDATE campaign SET state = 'finished' WHERE state = 'ended'")
    _check("campaign", "campaignstate", "state", STATES, drop=False)
    _check("offer", "offerstate", "state", (*OFFERS, "withdrawn"))
    _check("recommender_run", "runkind", "kind", (*KINDS[:5], "preview", *KINDS[5:]))
    _widen_campaigns()
    _create_runs()
    _widen_members()
    _widen_offers()
    op.add_column("customer", sa.Column("birthday_mark", sa.LargeBinary()))
    op.create_index(op.f("ix_customer_birthday_mark"), "customer", ["birthday_mark"])
    op.create_index(
        "ix_customer_unmarked",
        "customer",
        ["id"],
        postgresql_where=sa.text("(birthday is null) <> (birthday_mark is null)"),
    )


def _check(
    table: str,
    name: str,
    column: str,
    values: tuple[str, ...] | None,
    *,
    drop: bool = True,
) -> None:
    """Let a column hold these values; None lets it hold any."""
    if drop:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    if values is not None:
        op.create_check_constraint(name, table, sa.column(column).in_(values))


def _widen_campaigns() -> None:
    """Let campaigns that were made before be for everybody, once."""
    for name, kind, default in ADDED:
        column = sa.Column(name, kind, nullable=False, server_default=default)
        op.add_column("campaign", column)
        op.alter_column("campaign", name, server_default=None)
    op.add_column("campaign", sa.Column("next_run_at", MOMENT, nullable=True))
    op.add_column("campaign", sa.Column("stopped_at", MOMENT, nullable=True))
    op.create_index(op.f("ix_campaign_next_run_at"), "campaign", ["next_run_at"])
    op.create_check_constraint("valid_days", "campaign", "valid_days between 1 and 365")


def _create_runs() -> None:
    op.create_table(
        "campaign_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("planned_at", MOMENT, nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_campaign_run_period")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_run_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_run")),
        sa.UniqueConstraint(
            "campaign_id", "occasion", name=op.f("uq_campaign_run_campaign_id_occasion")
        ),
    )
    op.execute(
        "INSERT INTO campaign_run"
        " (campaign_id, occasion, starts_at, ends_at, planned_at)"
        " SELECT id, 'first', starts_at, ends_at, planned_at FROM campaign"
        " WHERE state <> 'draft'"
        " OR EXISTS (SELECT 1 FROM campaign_member WHERE campaign_id = campaign.id)"
        " OR EXISTS (SELECT 1 FROM offer WHERE campaign_id = campaign.id)"
    )


def _widen_members() -> None:
    table = "campaign_member"
    op.add_column(
        table,
        sa.Column("occasion", sa.String(), nullable=False, server_default="first"),
    )
    op.alter_column(table, "occasion", server_default=None)
    op.add_column(table, sa.Column("variant", sa.String(), nullable=True))
    _add_run(table)
    op.drop_constraint(op.f(f"pk_{table}"), table, type_="primary")
    op.create_primary_key(
        op.f(f"pk_{table}"), table, ["campaign_id", "customer_id", "occasion"]
    )


def _widen_offers() -> None:
    _add_run("offer")
    unique = op.f("uq_offer_customer_id_campaign_id_promotion_id")
    op.drop_constraint(unique, "offer", type_="unique")
    op.create_unique_constraint(
        op.f("uq_offer_customer_id_run_id_promotion_id"),
        "offer",
        ["customer_id", "run_id", "promotion_id"],
    )


def _add_run(table: str) -> None:
    op.add_column(table, sa.Column("run_id", sa.BigInteger(), nullable=True))
    op.execute(
        f"UPDATE {table} SET run_id = campaign_run.id FROM campaign_run"  # noqa: S608  # names of ours
        f" WHERE campaign_run.campaign_id = {table}.campaign_id"
    )
    op.alter_column(table, "run_id", nullable=False)
    op.create_foreign_key(
        op.f(f"fk_{table}_run_id"), table, "campaign_run", ["run_id"], ["id"]
    )
    op.create_index(op.f(f"ix_{table}_run_id"), table, ["run_id"])


def downgrade() -> None:
    """Go back; of a campaign with several runs the latest offers are kept."""
    op.drop_index("ix_customer_unmarked", table_name="customer")
    op.drop_index(op.f("ix_customer_birthday_mark"), table_name="customer")
    op.drop_column("customer", "birthday_mark")
    _narrow("offer", "promotion_id")
    op.create_unique_constraint(
        op.f("uq_offer_customer_id_campaign_id_promotion_id"),
        "offer",
        ["customer_id", "campaign_id", "promotion_id"],
    )
    _narrow("campaign_member", "campaign_id")
    op.create_primary_key(
        op.f("pk_campaign_member"), "campaign_member", ["campaign_id", "customer_id"]
    )
    for name in ("variant", "occasion"):
        op.drop_column("campaign_member", name)
    op.drop_table("campaign_run")
    op.drop_constraint(op.f("ck_campaign_valid_days"), "campaign", type_="check")
    op.drop_index(op.f("ix_campaign_next_run_at"), table_name="campaign")
    for name in ("stopped_at", "next_run_at", *(name for name, _, _ in ADDED)):
        op.drop_column("campaign", name)
    op.execute("DELETE FROM recommender_run WHERE kind = 'preview'")
    _check("recommender_run", "runkind", "kind", KINDS)
    op.execute("UPDATE offer SET state = 'dismissed' WHERE state = 'withdrawn'")
    _check("offer", "offerstate", "state", OFFERS)
    _check("campaign", "campaignstate", "state", None)
    op.execute("UPDATE campaign SET state = 'planned' WHERE state = 'running'")
    op.execute(
        "UPDATE campaign SET state = 'ended'"
        " WHERE state IN ('paused', 'stopped', 'finished')"
    )
    op.execute("UPDATE campaign SET state = 'draft' WHERE state = 'scheduled'")
    _check("campaign", "campaignstate", "state", BEFORE, drop=False)


def _narrow(table: str, also: str) -> None:
    """Keep the latest of what was once for each campaign, and forget the runs."""
    op.execute(
        f"DELETE FROM {table} USING {table} AS later"  # noqa: S608  # names of ours
        f" WHERE later.customer_id = {table}.customer_id"
        f" AND later.campaign_id = {table}.campaign_id"
        f" AND later.{also} = {table}.{also} AND later.run_id > {table}.run_id"
    )
    op.drop_index(op.f(f"ix_{table}_run_id"), table_name=table)
    if table == "offer":
        name = op.f("uq_offer_customer_id_run_id_promotion_id")
        op.drop_constraint(name, table, type_="unique")
    else:
        op.drop_constraint(op.f(f"pk_{table}"), table, type_="primary")
    op.drop_constraint(op.f(f"fk_{table}_run_id"), table, type_="foreignkey")
    op.drop_column(table, "run_id")
