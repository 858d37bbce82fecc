"""Partition messages and their events by month; providers, receipts, fallback."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "message_months"
down_revision = "channels"
branch_labels = None
depends_on = None

REASONS = (
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
)
NEW_REASONS = ("fell_back", "replayed", "asked")
RECEIPTS = ("delivered", "bounced", "complained", "opened", "clicked")
INDEXES = (
    "ix_message_campaign_id ON message (campaign_id)",
    "ix_message_customer ON message (customer_id, id)",
    "ix_message_due ON message (channel, due_at) WHERE state = 'planned'",
    "ix_message_finished ON message (finished_at)",
    "ix_message_held ON message (lease_until) WHERE state IN ('claimed', 'sending')",
    "ix_message_offer ON message (offer_id)",
    "ix_message_event_message ON message_event (message_id, id)",
)
KEYS = {"message": "due_at", "message_event": "at"}


def upgrade() -> None:
    """Go forward; the rows are carried over."""
    op.execute("CREATE SCHEMA months")
    for table, key in KEYS.items():
        _set_aside(table)
        op.execute(
            f"CREATE TABLE {table} (LIKE months.{table} INCLUDING DEFAULTS"
            f" INCLUDING CONSTRAINTS, CONSTRAINT pk_{table} PRIMARY KEY (id, {key}))"
            f" PARTITION BY RANGE ({key})"
        )
        op.execute(f"CREATE TABLE months.{table}_rest PARTITION OF {table} DEFAULT")
    _allow(*REASONS, *NEW_REASONS)
    _add_columns()
    _add_functions()
    for table, key in KEYS.items():
        _make_months(table, key)
        _carry_over(table)
    _finish()
    op.create_table(
        "delivery_provider",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=True),
        sa.Column("burst", sa.Double(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_delivery_provider")),
    )
    op.create_table(
        "message_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("states", postgresql.JSONB(), nullable=False),
        sa.Column("detached_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_message_month")),
    )


def downgrade() -> None:
    """Go back; what was detached stays in its own tables, outside the schema."""
    op.drop_table("message_month")
    op.drop_table("delivery_provider")
    op.execute("DROP FUNCTION make_month(text, date)")
    op.execute("DROP FUNCTION detach_month(text, date)")
    op.execute("DROP FUNCTION attached_months(text)")
    for table in KEYS:
        _set_aside(table)
        op.execute(
            f"CREATE TABLE {table} (LIKE months.{table} INCLUDING DEFAULTS"
            f" INCLUDING CONSTRAINTS, CONSTRAINT pk_{table} PRIMARY KEY (id))"
        )
        _carry_over(table)
    for name in ("variant", "late_at", "provider", "provider_ref", "parts", "cost"):
        op.drop_column("message", name)
    for name in ("tried", "fall_back_at", "ask_at"):
        op.drop_column("message", name)
    op.drop_column("message_event", "receipt")
    op.create_unique_constraint("uq_message_handover_key", "message", ["handover_key"])
    for table in KEYS:
        rows = sa.table(table, sa.column("reason"))
        unknown = rows.c.reason.in_(NEW_REASONS)
        op.execute(sa.update(rows).where(unknown).values(reason=None))
    _allow(*REASONS)
    _finish()
    op.execute("DROP SCHEMA months CASCADE")


def _allow(*reasons: str) -> None:
    for table in KEYS:
        op.drop_constraint(op.f(f"ck_{table}_reason"), table, type_="check")
        known = sa.column("reason").in_(reasons)
        op.create_check_constraint("reason", table, known)


def _set_aside(table: str) -> None:
    """Names of constraints and indexes are free again in the other schema."""
    op.execute(f"ALTER TABLE {table} SET SCHEMA months")


def _make_months(table: str, key: str) -> None:
    """Make those that the rows need, the present one and two ahead."""
    rows = sa.table(table, sa.column(key), schema="months")
    month = sa.func.date_trunc("month", sa.func.timezone("UTC", rows.c[key]))
    used = sa.select(sa.cast(month, sa.Date)).distinct()
    ahead = sa.text(
        "SELECT (date_trunc('month', now() AT TIME ZONE 'UTC')"
        " + make_interval(months => ahead))::date FROM generate_series(0, 2) AS ahead"
    )
    connection = op.get_bind()
    for first in {*connection.scalars(used), *connection.scalars(ahead)}:
        connection.execute(sa.select(sa.func.make_month(table, first)))


def _carry_over(table: str) -> None:
    columns = [
        column["name"]
        for column in sa.inspect(op.get_bind()).get_columns(table, schema="months")
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    op.execute(
        f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608  # own names
        f" FROM months.{table}"
    )
    op.execute(f"DROP TABLE months.{table}")
    op.execute(
        f"ALTER TABLE {table} ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY"
    )
    op.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"  # noqa: S608  # too
        f" coalesce(max(id), 0) + 1, false) FROM {table}"
    )


def _finish() -> None:
    for index in INDEXES:
        op.execute(f"CREATE INDEX {index}")
    op.create_foreign_key(
        op.f("fk_message_customer_id"), "message", "customer", ["customer_id"], ["id"]
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON message_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _add_columns() -> None:
    moment = sa.DateTime(timezone=True)
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("variant", sa.String()),
        sa.Column("late_at", moment),
        sa.Column("provider", sa.String()),
        sa.Column("provider_ref", sa.String()),
        sa.Column("parts", sa.SmallInteger()),
        sa.Column("cost", sa.BigInteger()),
        sa.Column("tried", postgresql.ARRAY(sa.String())),
        sa.Column("fall_back_at", moment),
        sa.Column("ask_at", moment),
    )
    for column in columns:
        op.add_column("message", column)
    op.add_column("message_event", sa.Column("receipt", sa.String(32)))
    op.create_check_constraint(
        "receiptevent", "message_event", sa.column("receipt").in_(RECEIPTS)
    )
    op.create_index("ix_message_handover", "message", ["handover_key"])
    for name, key in (
        ("ix_message_provider_ref", "provider_ref"),
        ("ix_message_fall_back", "fall_back_at"),
        ("ix_message_ask", "ask_at"),
    ):
        where = sa.text(f"{key} is not null")
        op.create_index(name, "message", [key], postgresql_where=where)


def _add_functions() -> None:
    """Make and set aside months as the owner: the service's role owns nothing."""
    op.execute(
        """
        CREATE FUNCTION make_month(parent text, first date) RETURNS boolean
        LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp SET lock_timeout = '500ms' AS $$
        DECLARE
            key text := CASE parent WHEN 'message' THEN 'due_at'
                                    WHEN 'message_event' THEN 'at' END;
            part text := parent || '_' || to_char(first, 'YYYY_MM');
            since timestamptz := first::timestamp AT TIME ZONE 'UTC';
            until timestamptz
                := (first + interval '1 month')::timestamp AT TIME ZONE 'UTC';
        BEGIN
            IF key IS NULL OR extract(day FROM first) <> 1 THEN
                RAISE EXCEPTION 'no month of % begins on %', parent, first;
            END IF;
            IF to_regclass('months.' || part) IS NOT NULL THEN
                RETURN false;
            END IF;
            EXECUTE format('LOCK TABLE months.%I IN ACCESS EXCLUSIVE MODE',
                           parent || '_rest');
            EXECUTE format('CREATE TABLE months.%I (LIKE public.%I INCLUDING ALL'
                           ' EXCLUDING IDENTITY EXCLUDING INDEXES)', part, parent);
            EXECUTE format('WITH moved AS (DELETE FROM months.%I WHERE %I >= %L'
                           ' AND %I < %L RETURNING *)'
                           ' INSERT INTO months.%I SELECT * FROM moved',
                           parent || '_rest', key, since, key, until, part);
            EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION months.%I'
                           ' FOR VALUES FROM (%L) TO (%L)', parent, part, since, until);
            RETURN true;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION detach_month(parent text, first date) RETURNS boolean
        LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp SET lock_timeout = '500ms' AS $$
        DECLARE
            part text := parent || '_' || to_char(first, 'YYYY_MM');
        BEGIN
            IF NOT EXISTS (
                SELECT FROM pg_inherits
                WHERE inhrelid = to_regclass('months.' || quote_ident(part))
                AND inhparent = to_regclass('public.' || quote_ident(parent))
            ) OR parent NOT IN ('message', 'message_event') THEN
                RETURN false;
            END IF;
            EXECUTE format('ALTER TABLE public.%I DETACH PARTITION months.%I',
                           parent, part);
            RETURN true;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION attached_months(parent text) RETURNS SETOF date
        LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
            SELECT to_date(right(c.relname, 7), 'YYYY_MM') FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = to_regclass('public.' || quote_ident(parent))
            AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' ORDER BY 1
        $$
        """
    )
