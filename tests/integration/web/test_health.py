"""What supervisors and load balancers are told, with servers that really stop."""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from loyalty import embedded, web
from loyalty.core.clock import machine_now
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.delivery import service as delivery
from loyalty.web import AppParts, health
from loyalty.web.context import Monitoring
from migrations.revisions import newest_revisions, older_revisions
from tests.factories import small_vault
from tests.servers import migrate

SECRETS = ("127.0.0.1", "password", "loyalty@", "redis:", "postgres", "psycopg")


def client_of(parts: AppParts) -> FlaskClient:
    app = Flask("loyalty", static_folder=None)
    web.install(app, parts)
    app.register_blueprint(health.blueprint)
    return app.test_client()


def beat(database: Database, *, ago: timedelta = timedelta()) -> None:
    with database.transaction() as session:
        delivery.beat(
            session,
            name="dispatcher:here:1",
            kind="dispatcher",
            leads=True,
            machine_now=machine_now() - ago,
        )


@pytest.fixture
def watched(parts: AppParts) -> AppParts:
    return replace(parts, monitoring=Monitoring(outdated=older_revisions()))


class TestHealthz:
    def test_answers_whatever_else_is_away(self, parts: AppParts) -> None:
        gone = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
        lonely = replace(
            parts,
            database=Database(gone, NoQueue(), small_vault()),
            redis_url="redis://127.0.0.1:1/0",
        )

        answer = client_of(lonely).get("/healthz")

        assert (answer.status_code, answer.json) == (HTTPStatus.OK, {"status": "ok"})


class TestReadyz:
    def test_is_ready_when_all_is_there(
        self, watched: AppParts, database: Database
    ) -> None:
        beat(database)

        answer = client_of(watched).get("/readyz")

        assert answer.status_code == HTTPStatus.OK
        assert answer.json == {
            "status": "ok",
            "missing": [],
            "database": "ok",
            "queue": "ok",
            "dispatcher": "ok",
        }

    def test_is_degraded_and_in_service_without_a_living_dispatcher(
        self, watched: AppParts, database: Database
    ) -> None:
        beat(database, ago=timedelta(minutes=1))

        answer = client_of(watched).get("/readyz")

        assert answer.status_code == HTTPStatus.OK
        assert answer.json is not None
        assert answer.json["status"] == "degraded"
        assert answer.json["missing"] == ["dispatcher"]
        assert answer.json["dispatcher"] == "silent"

    def test_is_not_ready_before_the_database_is_migrated(
        self, watched: AppParts, database: Database
    ) -> None:
        with database.transaction() as session:
            session.execute(
                text("update alembic_version set version_num = :old"),
                {"old": min(older_revisions())},
            )

        answer = client_of(watched).get("/readyz")

        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert answer.json is not None
        assert answer.json["database"] == "not migrated"
        assert answer.json["missing"] == ["database", "dispatcher"]

    def test_is_not_ready_without_any_table(
        self, watched: AppParts, database: Database
    ) -> None:
        with database.transaction() as session:
            session.execute(text("drop table alembic_version"))

        answer = client_of(watched).get("/readyz")

        assert answer.json is not None
        assert answer.json["database"] == "not migrated"

    def test_gets_on_with_a_newer_database_while_processes_are_replaced(
        self, watched: AppParts, database: Database
    ) -> None:
        beat(database)
        with database.transaction() as session:
            session.execute(text("update alembic_version set version_num = 'later'"))

        answer = client_of(watched).get("/readyz")

        assert newest_revisions()
        assert answer.json is not None
        assert answer.json["status"] == "ok"


@pytest.fixture
def folder() -> Iterator[Path]:
    # Outside pytest's own folder, which only its owner may enter.
    made = Path(tempfile.mkdtemp(prefix="loyalty-health-"))
    made.chmod(0o755)
    yield made / "var"
    embedded.remove(made / "var")
    shutil.rmtree(made)


def kill(folder: Path, server: str) -> None:
    """End a server, as a crash would."""
    state = json.loads((folder / "servers.json").read_text())
    pid = state[server]["process"]["pid"]
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}").exists() and not zombie(pid):
        pass


def zombie(pid: int) -> bool:
    try:
        return " Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


class TestReadyzWithServersThatStop:
    def test_names_what_is_away_and_recovers_by_itself(
        self, parts: AppParts, folder: Path
    ) -> None:
        with embedded.start(folder, durable=False) as servers:
            migrate(servers.database_url)
            engine = open_engine(servers.database_url, pool_size=1)
            database = Database(engine, NoQueue(), small_vault())
            client = client_of(
                replace(parts, database=database, redis_url=servers.redis_url)
            )
            beat(database)
            told = [client.get("/readyz")]

            kill(folder, "valkey")
            told.append(client.get("/readyz"))
            servers.check()
            told.append(client.get("/readyz"))
            kill(folder, "postgres")
            told.append(client.get("/readyz"))
            servers.check()
            told.append(client.get("/readyz"))
            engine.dispose()

        assert [answer.status_code for answer in told] == [200, 503, 200, 503, 200]
        assert [answer.json and answer.json["missing"] for answer in told] == [
            [],
            ["queue"],
            [],
            ["database", "dispatcher"],
            [],
        ]
        for answer in told:
            assert not [word for word in SECRETS if word in answer.text]
