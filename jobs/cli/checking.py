"""Looking at the settings, and bringing the database up to date."""

import json

import click
from alembic import command
from alembic.migration import MigrationContext
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from jobs.cli.setting_up import configured
from jobs.queues import connect
from loyalty.cards.render.keys import WalletKeysWrong, load_wallet_keys
from loyalty.core.clock import machine_now
from loyalty.core.database import open_engine
from loyalty.settings import Settings
from migrations.revisions import config, newest_revisions
from migrations.roles import let_in


@click.group("config")
def config_group() -> None:
    """Look at the settings."""


@config_group.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(*, as_json: bool) -> None:
    """Read the settings, reach the servers, and say what is wrong."""
    with configured() as settings:
        found = {
            "settings": "ok",
            "database": _database(settings),
            "queue": _queue(settings),
            "wallets": _wallets(settings),
        }
    if as_json:
        click.echo(json.dumps(found))
    else:
        for part, state in found.items():
            click.echo(f"{part:9} {state}")
    if any(state != "ok" for state in found.values()):
        raise SystemExit(1)


@click.command("migrate")
@click.option("--check", "only_check", is_flag=True, help="Change nothing.")
def migrate_command(*, only_check: bool) -> None:
    """Bring the database to the newest schema; exit 1 with --check if it is not."""
    with configured() as settings:
        if not only_check:
            migrate(settings)
        state = _database(settings)
    click.echo(f"database  {state}")
    if state != "ok":
        raise SystemExit(1)


def migrate(settings: Settings) -> None:
    """
    Bring the database to the newest schema, and give the service's role its rights.

    :raises RoleMissing: if the service's role is another than the owner, and missing
    """
    engine = open_engine(settings.owner_database_url or settings.database_url)
    try:
        with engine.begin() as connection:
            found = config()
            found.attributes["connection"] = connection
            command.upgrade(found, "head")
            let_in(connection, service_url=settings.database_url)
    finally:
        engine.dispose()


def schema_is_current(engine: Engine) -> bool:
    """Test whether the database has the newest schema."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    return set(present) == newest_revisions()


def _database(settings: Settings) -> str:
    engine = open_engine(settings.database_url)
    try:
        if schema_is_current(engine):
            return "ok"
    except SQLAlchemyError as problem:
        return f"can't be reached: {str(problem).splitlines()[0]}"
    finally:
        engine.dispose()
    return "not at the newest schema: run `loyalty migrate`"


def _queue(settings: Settings) -> str:
    try:
        with connect(settings.redis_url) as client:
            client.ping()
    except RedisError as problem:
        return f"can't be reached: {problem}"
    return "ok"


def _wallets(settings: Settings) -> str:
    """Read the keys of the wallets that are on; off is no mistake."""
    try:
        load_wallet_keys(
            apple=settings.apple_pass, google=settings.google_wallet, now=machine_now()
        )
    except WalletKeysWrong as problem:
        return str(problem)
    return "ok"
