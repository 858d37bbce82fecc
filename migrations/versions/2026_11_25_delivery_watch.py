"""Keep counts of what happened to messages, the books' last check, and replays."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "delivery_watch"
down_revision = "campaign_runs"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = (
    *("planned", "claimed", "sending", "sent", "delivered", "bounced", "complained"),
    *("unknown", "failed", "suppressed", "expired", "cancelled"),
)


def upgrade() -> None:
    """Go forward; what happened so far is counted by the job's first run."""
    op.create_table(
        "delivery_tally",
        sa.Column("span", sa.String(32), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("channel", "provider", "what", "reason")
        ),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("late_ms", sa.BigInteger(), nullable=False),
        sa.Column("late", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.CheckConstraint(
            sa.column("span").in_(("minute", "hour", "day")),
            name=op.f("ck_delivery_tally_tallyspan"),
        ),
        sa.PrimaryKeyConstraint(
            *("span", "starts_at", "channel", "provider", "what", "reason"),
            name=op.f("pk_delivery_tally"),
        ),
    )
    op.create_table(
        "delivery_books",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("by_state", postgresql.JSONB(), nullable=False),
        sa.Column("problems", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_delivery_books")),
    )
    op.create_table(
        "delivery_replay",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("reached_at", MOMENT, nullable=True),
        sa.Column("reached_id", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            sa.column("state").in_(STATES),
            name=op.f("ck_delivery_replay_messagestate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_replay")),
    )
    op.create_index(
        "ix_message_event_at", "message_event", ["at"], postgresql_using="brin"
    )


def downgrade() -> None:
    """Go back; the counts can be made again, the list of replays can't."""
    op.drop_index("ix_message_event_at", table_name="message_event")
    for table in ("delivery_replay", "delivery_books", "delivery_tally"):
        op.drop_table(table)
