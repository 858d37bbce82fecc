"""The servers that all tests of a run share."""

import psycopg
import pytest
from redis import Redis

from loyalty import embedded
from tests.servers import new_database, worker_number


def tables(url: str) -> list[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        return [name for (name,) in rows]


class TestFreshPostgresUrl:
    def test_leads_to_a_migrated_database_of_the_tests_own(
        self, fresh_postgres_url: str, postgres_url: str
    ) -> None:
        assert fresh_postgres_url != postgres_url
        assert "alembic_version" in tables(fresh_postgres_url)

        with psycopg.connect(fresh_postgres_url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE only_here ()")

        assert "only_here" in tables(fresh_postgres_url)
        assert "only_here" not in tables(postgres_url)


class TestNewDatabase:
    def test_is_gone_afterwards_even_if_somebody_is_still_connected(
        self, servers: embedded.Servers
    ) -> None:
        with new_database(servers, f"short_lived_{worker_number()}") as url:
            plain = url.replace("+psycopg", "")
            connection = psycopg.connect(plain)

        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(plain)
        connection.close()


class TestRedisUrl:
    def test_leads_to_the_workers_own_numbered_database(self, redis_url: str) -> None:
        assert redis_url.endswith(f"/{worker_number() + 1}")
        with Redis.from_url(redis_url) as redis:
            assert redis.ping()
