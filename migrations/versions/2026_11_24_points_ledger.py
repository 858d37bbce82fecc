"""The whole points ledger: lots and their uses, holds, adjustments, rules, seals."""

import sqlalchemy as sa
from alembic import op

revision = "points_ledger"
down_revision = "cards"
branch_labels = None
depends_on = None

APPEND_ONLY = ("points_rule", "points_lot_use", "points_seal", "points_sealed")
"""Tables whose rows may be added and read, never changed or removed."""

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go forward."""
    _version_rules()
    _complete_accounts_and_transfers()
    _renew_lots()
    _add_uses()
    _add_holds_and_adjustments()
    _add_seals_and_uptime()
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(
        *values, name=name, native_enum=False, create_constraint=True, length=32
    )


def _version_rules() -> None:
    """Keep each version of the rule, where the programme had the last one alone."""
    op.create_table(
        "points_rule",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("per", sa.Numeric(12, 3), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column(
            "lifetime",
            _enum("lifetime", "rolling", "fixed_date", "inactivity"),
            nullable=False,
        ),
        sa.Column("lifetime_days", sa.BigInteger(), nullable=False),
        sa.Column("fixed_month", sa.SmallInteger(), nullable=False),
        sa.Column("fixed_day", sa.SmallInteger(), nullable=False),
        sa.Column("fixed_years", sa.SmallInteger(), nullable=False),
        sa.Column("delay_days", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Numeric(12, 6), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "points >= 0 and per > 0 and value >= 0",
            name=op.f("ck_points_rule_amounts"),
        ),
        sa.CheckConstraint(
            "lifetime_days >= 31 and delay_days >= 0", name=op.f("ck_points_rule_days")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_points_rule")),
    )
    op.execute(
        "INSERT INTO points_rule SELECT points_rule_version, points, points_per,"
        " currency, 'rolling', greatest(points_lifetime_days, 31), 12, 31, 1, 0, 0.01,"
        " changed_at FROM programme"
    )
    op.create_foreign_key(
        op.f("fk_programme_points_rule_version"),
        "programme",
        "points_rule",
        ["points_rule_version"],
        ["version"],
    )
    for column in ("points", "points_per", "points_lifetime_days"):
        op.drop_column("programme", column)


def _complete_accounts_and_transfers() -> None:
    op.add_column(
        "points_account",
        sa.Column("pending", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.alter_column("points_account", "pending", server_default=None)
    op.create_check_constraint(
        op.f("ck_points_account_pending_not_negative"), "points_account", "pending >= 0"
    )
    kind = _enum(
        "kind",
        *("earn", "mature", "spend", "give_back", "take_back"),
        *("undo", "adjust", "move", "expire"),
    )
    for column, default in (
        (sa.Column("kind", kind, nullable=False), "earn"),
        (sa.Column("pending_after", sa.BigInteger(), nullable=False), "0"),
        (sa.Column("request_hash", sa.LargeBinary(), nullable=False), ""),
        (sa.Column("reply", sa.String(), nullable=False), ""),
        (sa.Column("reverses", sa.BigInteger(), nullable=True), None),
        (sa.Column("expires_at", _MOMENT, nullable=True), None),
        (sa.Column("link", sa.String(), nullable=True), None),
        (sa.Column("reason", sa.String(), nullable=True), None),
    ):
        if default is not None:
            column.server_default = sa.DefaultClause(default)
        op.add_column("points_transfer", column)
        if default is not None:
            op.alter_column("points_transfer", column.name, server_default=None)
    op.alter_column("points_transfer", "rule_version", nullable=True)
    op.create_foreign_key(
        op.f("fk_points_transfer_rule_version"),
        "points_transfer",
        "points_rule",
        ["rule_version"],
        ["version"],
    )
    op.create_index(
        "ix_points_transfer_reverses",
        "points_transfer",
        ["customer_id", "reverses"],
        postgresql_where=sa.text("reverses is not null"),
    )
    op.execute("ALTER TABLE points_transfer DISABLE TRIGGER append_only")
    op.execute(
        "UPDATE points_transfer t SET expires_at = l.expires_at, reply ="
        " json_build_object('version', t.version, 'points', t.amount,"
        " 'available', t.balance_after, 'pending', 0)::text FROM points_lot l"
        " WHERE l.customer_id = t.customer_id AND l.transfer_version = t.version"
    )
    op.execute("ALTER TABLE points_transfer ENABLE TRIGGER append_only")


def _renew_lots() -> None:
    """Name lots by the transfer that brought them, and say what is left of each."""
    op.drop_constraint("pk_points_lot", "points_lot")
    op.drop_column("points_lot", "id")
    op.drop_index("ix_points_lot_customer_id_expires_at", "points_lot")
    for column in (
        sa.Column("place", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("remaining", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("matures_at", _MOMENT, nullable=True),
        sa.Column("purchase_id", sa.BigInteger(), nullable=True),
        sa.Column("warned_first_at", _MOMENT, nullable=True),
        sa.Column("warned_last_at", _MOMENT, nullable=True),
    ):
        op.add_column("points_lot", column)
    op.alter_column("points_lot", "place", server_default=None)
    op.alter_column("points_lot", "remaining", server_default=None)
    op.create_primary_key(
        op.f("pk_points_lot"),
        "points_lot",
        ["customer_id", "transfer_version", "place"],
    )
    op.execute(
        "UPDATE points_lot l SET remaining = points, purchase_id = t.purchase_id,"
        " expires_at = (date_trunc('day', l.expires_at AT TIME ZONE p.time_zone)"
        " + interval '1 day') AT TIME ZONE p.time_zone"
        " FROM points_transfer t, programme p"
        " WHERE t.customer_id = l.customer_id AND t.version = l.transfer_version"
    )
    op.create_check_constraint(
        op.f("ck_points_lot_remaining_of_points"),
        "points_lot",
        "remaining between 0 and points",
    )
    op.create_foreign_key(
        "fk_points_lot_transfer",
        "points_lot",
        "points_transfer",
        ["customer_id", "transfer_version"],
        ["customer_id", "version"],
    )
    left = sa.text("remaining > 0")
    op.create_index(
        "ix_points_lot_open",
        "points_lot",
        ["customer_id", "expires_at"],
        postgresql_where=left,
    )
    op.create_index(
        "ix_points_lot_expiring", "points_lot", ["expires_at"], postgresql_where=left
    )
    op.create_index(
        "ix_points_lot_maturing",
        "points_lot",
        ["matures_at"],
        postgresql_where=sa.text("matures_at is not null"),
    )
    op.create_index(op.f("ix_points_lot_purchase_id"), "points_lot", ["purchase_id"])


def _add_uses() -> None:
    op.create_table(
        "points_lot_use",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "points <> 0", name=op.f("ck_points_lot_use_points_not_zero")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "version"],
            ["points_transfer.customer_id", "points_transfer.version"],
            name="fk_points_lot_use_transfer",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "lot_version", "lot_place"],
            [
                "points_lot.customer_id",
                "points_lot.transfer_version",
                "points_lot.place",
            ],
            name="fk_points_lot_use_lot",
        ),
        sa.PrimaryKeyConstraint(
            *("customer_id", "version", "lot_version", "lot_place"),
            name=op.f("pk_points_lot_use"),
        ),
    )
    op.create_index(
        "ix_points_lot_use_lot",
        "points_lot_use",
        ["customer_id", "lot_version", "lot_place"],
    )


def _add_holds_and_adjustments() -> None:
    op.create_table(
        "points_hold",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.CheckConstraint("points > 0", name=op.f("ck_points_hold_points_positive")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["points_account.customer_id"],
            name=op.f("fk_points_hold_customer_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "key", name=op.f("pk_points_hold")),
    )
    op.create_table(
        "points_adjustment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            _enum("adjustmentstate", "asked", "approved", "refused"),
            nullable=False,
        ),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.CheckConstraint(
            "points <> 0", name=op.f("ck_points_adjustment_points_not_zero")
        ),
        sa.CheckConstraint(
            "decided_by <> asked_by", name=op.f("ck_points_adjustment_second_person")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_points_adjustment_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_points_adjustment_store_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_adjustment")),
        sa.UniqueConstraint(
            "customer_id",
            "request_key",
            name=op.f("uq_points_adjustment_customer_id_request_key"),
        ),
    )
    op.create_index(op.f("ix_points_adjustment_state"), "points_adjustment", ["state"])


def _add_seals_and_uptime() -> None:
    op.create_table(
        "service_uptime",
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("machine_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("started_at", name=op.f("pk_service_uptime")),
    )
    op.create_table(
        "points_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("transfers", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_points_seal")),
    )
    op.create_table(
        "points_sealed",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "until_version", sa.BigInteger(), autoincrement=False, nullable=False
        ),
        sa.Column("seal_number", sa.BigInteger(), nullable=False),
        sa.Column("from_version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["points_account.customer_id"],
            name=op.f("fk_points_sealed_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["seal_number"],
            ["points_seal.number"],
            name=op.f("fk_points_sealed_seal_number"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "until_version", name=op.f("pk_points_sealed")
        ),
    )
    op.create_index(
        op.f("ix_points_sealed_seal_number"), "points_sealed", ["seal_number"]
    )


def downgrade() -> None:
    """Go back; what only the whole ledger can hold is lost."""
    for table in (
        *("points_sealed", "points_seal", "service_uptime", "points_adjustment"),
        *("points_hold", "points_lot_use"),
    ):
        op.drop_table(table)
    _narrow_lots()
    _narrow_transfers()
    _unversion_rules()


def _narrow_lots() -> None:
    for index in ("open", "expiring", "maturing", "purchase_id"):
        op.drop_index(f"ix_points_lot_{index}", "points_lot")
    op.drop_constraint("fk_points_lot_transfer", "points_lot")
    op.drop_constraint("ck_points_lot_remaining_of_points", "points_lot")
    op.drop_constraint("pk_points_lot", "points_lot")
    for column in (
        *("place", "remaining", "matures_at", "purchase_id"),
        *("warned_first_at", "warned_last_at"),
    ):
        op.drop_column("points_lot", column)
    op.add_column(
        "points_lot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
    )
    op.create_primary_key(op.f("pk_points_lot"), "points_lot", ["id"])
    op.create_index(
        op.f("ix_points_lot_customer_id_expires_at"),
        "points_lot",
        ["customer_id", "expires_at"],
    )


def _narrow_transfers() -> None:
    op.drop_index("ix_points_transfer_reverses", "points_transfer")
    op.drop_constraint("fk_points_transfer_rule_version", "points_transfer")
    for column in (
        *("kind", "pending_after", "request_hash", "reply", "reverses"),
        *("expires_at", "link", "reason"),
    ):
        op.drop_column("points_transfer", column)
    op.alter_column("points_transfer", "rule_version", nullable=False)
    op.drop_column("points_account", "pending")


def _unversion_rules() -> None:
    for column, kind in (
        ("points", sa.BigInteger()),
        ("points_per", sa.Numeric(12, 3)),
        ("points_lifetime_days", sa.BigInteger()),
    ):
        op.add_column("programme", sa.Column(column, kind, nullable=True))
    op.execute(
        "UPDATE programme p SET points = r.points, points_per = r.per,"
        " points_lifetime_days = r.lifetime_days FROM points_rule r"
        " WHERE r.version = p.points_rule_version"
    )
    for column in ("points", "points_per", "points_lifetime_days"):
        op.alter_column("programme", column, nullable=False)
    op.drop_constraint("fk_programme_points_rule_version", "programme")
    op.drop_table("points_rule")
