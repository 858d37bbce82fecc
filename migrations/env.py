"""How Alembic reaches the database and what it compares it with."""

import importlib
import importlib.util
import pkgutil

from alembic import context
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import Connection

import loyalty
from loyalty.core import audit
from loyalty.core.database import Base


def load_tables() -> None:
    """Import every module that declares tables."""
    importlib.import_module(audit.__name__)
    for package in pkgutil.iter_modules(loyalty.__path__, "loyalty."):
        if package.ispkg and importlib.util.find_spec(f"{package.name}.models"):
            importlib.import_module(f"{package.name}.models")


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
