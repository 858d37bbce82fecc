"""Fixtures that more than one folder of tests uses."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from redis import Redis

from loyalty import embedded
from tests.oracle.reporting import write_counts
from tests.servers import new_database, running_servers, worker_number


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded.Servers]:
    """Give the PostgreSQL and the Valkey of this test run."""
    with running_servers() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_url(servers: embedded.Servers) -> Iterator[str]:
    """Give a migrated, empty database that this worker has for itself."""
    with new_database(servers, f"loyalty_{worker_number()}") as url:
        yield url


@pytest.fixture
def fresh_postgres_url(servers: embedded.Servers) -> Iterator[str]:
    """Give a migrated, empty database that one test has for itself."""
    with new_database(servers, f"loyalty_{uuid4().hex}") as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(servers: embedded.Servers) -> str:
    """Give an empty Valkey database that this worker has for itself."""
    url = servers.redis_url.rpartition("/")[0] + f"/{worker_number() + 1}"
    with Redis.from_url(url) as client:
        client.flushdb()
    return url


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many baskets were compared with the oracle of prices."""
    write_counts(terminalreporter)
