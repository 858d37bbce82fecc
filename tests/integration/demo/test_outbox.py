"""The demo plays the providers: what the worker sends can be looked at."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr
from redis import Redis
from werkzeug.serving import WSGIRequestHandler, make_server

from jobs.channels import ChannelParts, open_channels
from jobs.context import WorkerContext, worker
from jobs.tasks.samples import send_samples
from loyalty.app import create_app
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.demo import outbox
from loyalty.demo.outbox import list_outbox
from loyalty.settings import ProviderSettings
from loyalty.web import AppParts
from tests.factories import make_shop, small_vault


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        return


@pytest.fixture
def database(fresh_postgres_url: str) -> Iterator[Database]:
    engine = open_engine(fresh_postgres_url, pool_size=4)
    opened = Database(engine, NoQueue(), small_vault())
    with opened.transaction() as session:
        make_shop(session)
    yield opened
    engine.dispose()


@pytest.fixture
def app(database: Database, redis_url: str, tmp_path: Path) -> Flask:
    with Redis.from_url(redis_url) as valkey:
        valkey.flushdb()
    return create_app(
        AppParts(
            database=database,
            vault=small_vault(),
            redis_url=redis_url,
            public_url="http://localhost",
            secure_cookies=False,
            demo=True,
            data_dir=tmp_path,
            letter_dir=tmp_path / "letters",
        )
    )


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


class TestOutbox:
    def test_shows_a_sample_by_each_way(
        self, app: Flask, database: Database, port: int, tmp_path: Path
    ) -> None:
        sinks = f"http://127.0.0.1:{port}/demo/sink"
        settings = ProviderSettings(
            sms_url=f"{sinks}/sms",
            sms_account=outbox.SMS_ACCOUNT,
            sms_token=SecretStr(outbox.SMS_TOKEN),
            sms_from="Lab market",
            push_contact="mailto:shop@example.org",
            push_allow_private=True,
            telegram_url=f"{sinks}/telegram",
            telegram_token=SecretStr(outbox.TELEGRAM_TOKEN),
            telegram_bot="lab_market_demo_bot",
            letter_dir=tmp_path / "letters",
            letter_sender="Lab market, Warszawa",
            message_webhook_url=f"{sinks}/app",
            message_webhook_secret=SecretStr(outbox.WEBHOOK_SECRET),
        )
        public_url = f"http://127.0.0.1:{port}"
        parts = ChannelParts(
            settings=settings, vault=small_vault(), public_url=public_url
        )
        token = worker.set(
            WorkerContext(
                name="test",
                database=database,
                vault=small_vault(),
                channels=open_channels(parts),
                public_url=public_url,
                data_dir=tmp_path,
            )
        )
        try:
            send_samples()
        finally:
            worker.reset(token)

        page = app.test_client().get("/demo/outbox").text
        kept = list_outbox(tmp_path / "demo" / "outbox")
        assert sorted(one.channel for one in kept) == [
            "push",
            "sms",
            "telegram",
            "webhook",
        ]
        assert all("Coffee: 20 % off" in one.text for one in kept)
        assert page.count("Coffee: 20 % off") == 4
        assert "1 letter" in page

    def test_believes_nobody_without_the_account(self, app: Flask) -> None:
        client = app.test_client()
        path = f"/demo/sink/sms/2010-04-01/Accounts/{outbox.SMS_ACCOUNT}/Messages.json"

        assert client.post(path, data={"To": "+1", "Body": "x"}).status_code == 401
        assert (
            client.post("/demo/sink/telegram/botguessed/sendMessage").status_code == 401
        )
        assert client.post("/demo/sink/push", data=b"x").status_code == 400
