"""A database for the tests of delivery, left empty by each of them."""

from collections.abc import Iterator
from typing import cast

import pytest
from sqlalchemy import Engine

from loyalty import embedded
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from tests.integration.delivery.shop import SECRET, open_database
from tests.servers import new_database, worker_number


@pytest.fixture(scope="package")
def engine(servers: embedded.Servers) -> Iterator[Engine]:
    with new_database(servers, f"delivery_{worker_number()}") as url:
        opened = open_engine(url)
        yield opened
        opened.dispose()


@pytest.fixture
def database(engine: Engine) -> Iterator[Database]:
    """Give a database on one connection; nothing of it is kept."""
    with engine.connect() as connection:
        outer = connection.begin()
        yield Database(cast("Engine", connection), NoQueue(), Vault(SECRET))
        outer.rollback()


@pytest.fixture
def shared_database(fresh_postgres_url: str) -> Iterator[Database]:
    """Give a database that several connections can work on at once."""
    opened = open_database(fresh_postgres_url)
    yield opened
    opened.engine.dispose()
