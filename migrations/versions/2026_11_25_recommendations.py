"""Runs of the recommender, its models, what it recommends, and what it expected."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "recommendations"
down_revision = "exclusions"
branch_labels = None
depends_on = None

BECAUSE = ("nothing_fits", "not_wanted", "had_lately", "not_worth_it", "budget_spent")
KINDS = ("train", "score", "rescore", "allocate", "promote", "roll_back")
MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def one_of(*values: str, name: str) -> sa.Enum:
    """Return VARCHAR with a check."""
    return sa.Enum(
        *values, name=name, native_enum=False, create_constraint=True, length=32
    )


def upgrade() -> None:
    """Go forward."""
    _create_changes()
    _create_runs()
    _create_models()
    _create_recommendations()
    _widen_campaigns()
    _widen_offers()


def _create_changes() -> None:
    op.create_table(
        "customer_change",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_change_customer_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_customer_change")),
    )


def _create_runs() -> None:
    states = ("queued", "running", "done", "failed")
    op.create_table(
        "recommender_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", one_of(*KINDS, name="runkind"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state", one_of(*states, name="runstate"), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("beat_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("model_version", sa.String(), nullable=True),
        sa.Column("report", JSON, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "done >= 0 and total >= 0", name=op.f("ck_recommender_run_counts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommender_run")),
    )
    op.create_index(op.f("ix_recommender_run_state"), "recommender_run", ["state"])
    op.create_index(
        op.f("ix_recommender_run_kind_asked_at"),
        "recommender_run",
        ["kind", "asked_at"],
    )
    op.create_index(
        "uq_recommender_run_going",
        "recommender_run",
        ["kind", "subject"],
        unique=True,
        postgresql_where=sa.text("state in ('queued', 'running')"),
    )


def _create_models() -> None:
    states = ("current", "earlier", "refused", "stored")
    op.create_table(
        "recommender_model",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("trained_at", MOMENT, nullable=False),
        sa.Column("state", one_of(*states, name="modelstate"), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("report", JSON, nullable=True),
        sa.Column("verdict", JSON, nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_recommender_model")),
    )


def _create_recommendations() -> None:
    op.create_table(
        "recommendation",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("aim", one_of("reward", "discovery", name="aim"), nullable=False),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("reason", JSON, nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("scored_at", MOMENT, nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_recommendation_rank")),
        sa.CheckConstraint(
            "probability between 0 and 1", name=op.f("ck_recommendation_probability")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_recommendation_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotion.id"],
            name=op.f("fk_recommendation_promotion_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "rank", name=op.f("pk_recommendation")),
        sa.UniqueConstraint(
            "customer_id",
            "promotion_id",
            name=op.f("uq_recommendation_customer_id_promotion_id"),
        ),
    )
    op.create_index(
        op.f("ix_recommendation_promotion_id"), "recommendation", ["promotion_id"]
    )
    op.create_table(
        "recommendation_nothing",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("because", one_of(*BECAUSE, name="nothingbecause"), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("scored_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_recommendation_nothing_customer_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_recommendation_nothing")),
    )
    op.create_index(
        op.f("ix_recommendation_nothing_because"), "recommendation_nothing", ["because"]
    )


def _widen_campaigns() -> None:
    """Let campaigns that were drafted before have the usual settings."""
    op.add_column(
        "campaign",
        sa.Column(
            "discovery_percent", sa.SmallInteger(), nullable=False, server_default="25"
        ),
    )
    op.alter_column("campaign", "discovery_percent", server_default=None)
    op.add_column("campaign", sa.Column("budget", sa.BigInteger(), nullable=True))
    op.add_column("campaign", sa.Column("most_offers", sa.BigInteger(), nullable=True))
    op.add_column(
        "campaign", sa.Column("redemption_value", sa.BigInteger(), nullable=True)
    )
    op.add_column(
        "campaign",
        sa.Column("explores", sa.Boolean(), nullable=False, server_default="true"),
    )
    op.alter_column("campaign", "explores", server_default=None)
    op.create_check_constraint(
        "discovery", "campaign", "discovery_percent between 0 and 100"
    )
    op.create_check_constraint(
        "limits",
        "campaign",
        "budget >= 0 and most_offers >= 0 and redemption_value >= 0",
    )
    op.add_column(
        "campaign_member",
        sa.Column(
            "nothing_because", one_of(*BECAUSE, name="nothingbecause"), nullable=True
        ),
    )


def _widen_offers() -> None:
    for name in ("probability", "value", "propensity"):
        op.add_column("offer", sa.Column(name, sa.Float(), nullable=True))
    op.add_column(
        "offer",
        sa.Column("aim", one_of("reward", "discovery", name="aim"), nullable=True),
    )
    op.add_column("offer", sa.Column("parts", JSON, nullable=True))
    op.create_check_constraint("probability", "offer", "probability between 0 and 1")
    op.create_check_constraint(
        "propensity", "offer", "propensity > 0 and propensity <= 1"
    )


def downgrade() -> None:
    """Go back."""
    for name in ("probability", "propensity"):
        op.drop_constraint(op.f(f"ck_offer_{name}"), "offer", type_="check")
    for name in ("parts", "aim", "propensity", "value", "probability"):
        op.drop_column("offer", name)
    op.drop_column("campaign_member", "nothing_because")
    for name in ("limits", "discovery"):
        op.drop_constraint(op.f(f"ck_campaign_{name}"), "campaign", type_="check")
    for name in (
        "explores",
        "redemption_value",
        "most_offers",
        "budget",
        "discovery_percent",
    ):
        op.drop_column("campaign", name)
    for table in (
        "recommendation_nothing",
        "recommendation",
        "recommender_model",
        "recommender_run",
        "customer_change",
    ):
        op.drop_table(table)
