"""Databases for integration tests."""

from collections.abc import Iterator
from typing import cast

import pytest
from sqlalchemy import Engine

from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from tests.factories import make_shop, small_vault


@pytest.fixture(scope="session")
def engine(postgres_url: str) -> Iterator[Engine]:
    opened = open_engine(postgres_url)
    yield opened
    opened.dispose()


@pytest.fixture
def database(engine: Engine) -> Iterator[Database]:
    """Give a small shop on one connection; nothing of it is kept."""
    with engine.connect() as connection:
        outer = connection.begin()
        opened = Database(cast("Engine", connection), NoQueue(), small_vault())
        with opened.transaction() as session:
            make_shop(session)
        yield opened
        outer.rollback()


@pytest.fixture
def shared_database(fresh_postgres_url: str) -> Iterator[Database]:
    """Give a small shop that several connections can work on at once."""
    engine = open_engine(fresh_postgres_url)
    opened = Database(engine, NoQueue(), small_vault())
    with opened.transaction() as session:
        make_shop(session)
    yield opened
    engine.dispose()
