"""A database that each test of delivery has for itself."""

from collections.abc import Iterator

import pytest

from loyalty.core.database import Database
from tests.integration.delivery.shop import open_database


@pytest.fixture
def database(fresh_postgres_url: str) -> Iterator[Database]:
    opened = open_database(fresh_postgres_url)
    yield opened
    opened.engine.dispose()
