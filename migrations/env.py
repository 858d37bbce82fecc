"""How Alembic reaches the database and what it compares it with."""

import importlib
from pathlib import Path

from alembic import context
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import Connection

import loyalty
from loyalty.core import audit
from loyalty.core.database import Base


def load_tables() -> None:
    """Import every module that declares tables, and nothing else of the service."""
    importlib.import_module(audit.__name__)
    features = Path(loyalty.__file__).parent.glob("*/models.py")
    for feature in sorted(path.parent.name for path in features):
        importlib.import_module(f"loyalty.{feature}.models")


def run(connection: Connection) -> None:
    """Migrate on this connection, all or nothing."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Use the connection handed in, or open the configured address."""
    load_tables()
    given = context.config.attributes.get("connection")
    if isinstance(given, Connection):
        run(given)
        return
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        message = "sqlalchemy.url is not set: use `loyalty migrate`"
        raise RuntimeError(message)
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection)


main()
