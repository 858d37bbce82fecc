"""What Prometheus is told, and who may ask."""

import re
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from sqlalchemy.orm import Session

from jobs.metering import RqMeter
from jobs.queues import RqQueue
from loyalty import web
from loyalty.core.clock import machine_now
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.delivery import service as delivery
from loyalty.delivery.models import ProviderRow, TallyRow
from loyalty.delivery.values import Books, TallySpan
from loyalty.web import AppParts, health
from loyalty.web.context import Monitoring
from tests.factories import small_vault

TOKEN = "a token that nobody guesses"  # noqa: S105  # a test's own
Labels = frozenset[tuple[str, str]]

A_BELL: dict[str, str | int | bool | None] = {
    "provider": "scripted",
    "shard": None,
    "at_most": 10,
}


@pytest.fixture
def watched(parts: AppParts, redis_url: str) -> AppParts:
    meter = RqMeter(Redis.from_url(redis_url))
    return replace(parts, monitoring=Monitoring(on_loopback=True, jobs=meter))


def client_of(parts: AppParts) -> FlaskClient:
    app = Flask("loyalty", static_folder=None)
    web.install(app, parts)
    app.register_blueprint(health.blueprint)
    return app.test_client()


def samples(client: FlaskClient) -> dict[str, dict[Labels, float]]:
    """Read the page with the library's own parser."""
    answer = client.get("/metrics")
    assert answer.status_code == HTTPStatus.OK
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            series = found.setdefault(sample.name, {})
            labels = frozenset(sample.labels.items())
            assert labels not in series, f"{sample.name} is told twice"
            series[labels] = sample.value
    return found


def labels(**given: str) -> Labels:
    return frozenset(given.items())


class TestWhoMayAsk:
    def test_nobody_while_it_is_switched_off(self, parts: AppParts) -> None:
        answer = client_of(parts).get("/metrics")

        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert "loyalty_" not in answer.text

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            ({"Authorization": f"Bearer {TOKEN}"}, HTTPStatus.OK),
            ({"Authorization": f"bearer {TOKEN}"}, HTTPStatus.OK),
            ({"Authorization": f"Bearer {TOKEN}x"}, HTTPStatus.UNAUTHORIZED),
            ({"Authorization": f"Basic {TOKEN}"}, HTTPStatus.UNAUTHORIZED),
            ({"Authorization": "Bearer é"}, HTTPStatus.UNAUTHORIZED),
            ({}, HTTPStatus.UNAUTHORIZED),
        ],
    )
    def test_whoever_has_the_token(
        self, parts: AppParts, sent: dict[str, str], status: HTTPStatus
    ) -> None:
        given = replace(parts, monitoring=Monitoring(token=TOKEN))

        answer = client_of(given).get("/metrics", headers=sent)

        assert answer.status_code == status
        assert ("loyalty_database_up" in answer.text) == (status == HTTPStatus.OK)

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
    def test_not_somebody_elsewhere_through_a_proxy_on_this_machine(
        self, watched: AppParts, header: str
    ) -> None:
        answer = client_of(watched).get("/metrics", headers={header: "127.0.0.1"})

        assert answer.status_code == HTTPStatus.NOT_FOUND

    def test_not_another_machine_without_a_token(self, watched: AppParts) -> None:
        answer = client_of(watched).get(
            "/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}
        )

        assert answer.status_code == HTTPStatus.NOT_FOUND


class TestRequests:
    def test_are_counted_by_the_routes_template_and_never_by_address(
        self, watched: AppParts
    ) -> None:
        client = client_of(watched)
        missed = labels(method="GET", route="none", status="404")
        healthy = labels(method="GET", route="/healthz", status="200")
        before = samples(client)["loyalty_http_requests_total"]

        client.get("/healthz")
        client.get("/customers/17?phone=600100200")
        client.open("/healthz", method="BREW")
        after = samples(client)

        count = after["loyalty_http_requests_total"]
        assert count[healthy] - before.get(healthy, 0) == 1
        assert count[missed] - before.get(missed, 0) == 1
        new = {one for one in count if count[one] != before.get(one)}
        assert {dict(one)["method"] for one in new} == {"GET", "other"}
        assert "600100200" not in str(after)
        took = after["loyalty_http_request_duration_seconds_count"]
        assert took[labels(method="GET", route="/healthz")] >= 1


class TestJobs:
    def test_are_told_by_queue_length_and_how_long_runs_took(
        self, watched: AppParts, redis_url: str
    ) -> None:
        with Redis.from_url(redis_url) as connection:
            RqQueue(connection).push(
                "drain", {"provider": "scripted", "shard": None, "at_most": 1}
            )
            meter = RqMeter(connection)
            meter.note("drain", failed=False, seconds=0.4)
            meter.note("drain", failed=False, seconds=2.0)
            meter.note("drain", failed=True, seconds=9000.0)
            meter.note("somebody/else's", failed=True, seconds=1.0)

        told = samples(client_of(watched))

        assert told["loyalty_queue_up"] == {labels(): 1.0}
        assert told["loyalty_queue_jobs"][labels(queue="delivery")] == 1.0
        done = told["loyalty_job_duration_seconds_bucket"]
        assert done[labels(job="drain", outcome="done", le="0.5")] == 1.0
        assert done[labels(job="drain", outcome="done", le="5.0")] == 2.0
        assert done[labels(job="drain", outcome="failed", le="7200.0")] == 0.0
        assert done[labels(job="drain", outcome="failed", le="+Inf")] == 1.0
        spent = told["loyalty_job_duration_seconds_sum"]
        assert spent[labels(job="drain", outcome="done")] == pytest.approx(2.4)
        assert {dict(one)["job"] for one in spent} == {"drain"}

    def test_are_missing_and_said_to_be_while_valkey_is_away(
        self, watched: AppParts
    ) -> None:
        away = RqMeter(Redis.from_url("redis://127.0.0.1:1/0"))
        given = replace(watched, monitoring=Monitoring(on_loopback=True, jobs=away))

        told = samples(client_of(given))

        assert told["loyalty_queue_up"] == {labels(): 0.0}
        assert "loyalty_queue_jobs" not in told
        assert told["loyalty_database_up"] == {labels(): 1.0}


class TestDeliveries:
    def test_say_who_lives_and_who_leads(
        self, watched: AppParts, database: Database
    ) -> None:
        now = machine_now()
        with database.transaction() as session:
            for name, kind, leads, ago in (
                ("dispatcher:a:1", "dispatcher", True, 0),
                ("dispatcher:b:2", "dispatcher", False, 0),
                ("delivery:a:3", "worker", False, 10),
                ("delivery:a:4", "worker", False, 50),
            ):
                delivery.beat(
                    session,
                    name=name,
                    kind=kind,
                    leads=leads,
                    machine_now=now - timedelta(seconds=ago),
                )

        told = samples(client_of(watched))

        assert told["loyalty_processes"] == {
            labels(kind="dispatcher", queue=""): 2.0,
            labels(kind="worker", queue="delivery"): 1.0,
        }
        assert told["loyalty_dispatcher_leader"] == {labels(): 1.0}

    def test_are_missing_and_said_to_be_while_the_database_is_away(
        self, watched: AppParts
    ) -> None:
        engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
        gone = Database(engine, NoQueue(), small_vault())

        told = samples(client_of(replace(watched, database=gone)))

        assert told["loyalty_database_up"] == {labels(): 0.0}
        assert "loyalty_delivery_due_messages" not in told
        assert told["loyalty_queue_up"] == {labels(): 1.0}


MONITORING = Path(__file__).parents[3] / "docs" / "operations" / "monitoring"
NAMES = re.compile(r"\bloyalty_[a-z_]+\b")


class TestRulesAndDashboard:
    @pytest.mark.parametrize("name", ["alerts.yml", "dashboard.json"])
    def test_name_only_what_is_told(
        self, watched: AppParts, database: Database, redis_url: str, name: str
    ) -> None:
        with Redis.from_url(redis_url) as connection:
            RqMeter(connection).note("drain", failed=True, seconds=1.0)
        with database.transaction() as session:
            everything_once(session)

        told = set(samples(client_of(watched)))
        named = set(NAMES.findall((MONITORING / name).read_text()))

        assert named
        assert named - told == set()

    def test_bound_what_labels_may_be(
        self, watched: AppParts, database: Database
    ) -> None:
        with database.transaction() as session:
            everything_once(session)

        names = {
            label
            for series in samples(client_of(watched)).values()
            for one in series
            for label, _value in one
        }

        assert names <= {
            *("channel", "provider", "state", "reason", "scope", "kind", "queue"),
            *("job", "outcome", "method", "route", "status", "le"),
        }


def everything_once(session: Session) -> None:
    """Let there be one of everything that is told."""
    now = machine_now()
    session.add(
        ProviderRow(
            name="smtp",
            rate=10.0,
            burst=20.0,
            tokens=5.0,
            refilled_at=now,
            failures=3,
            open_until=now + timedelta(minutes=1),
            not_before=now + timedelta(minutes=2),
        )
    )
    session.add(
        TallyRow(
            span=TallySpan.MINUTE,
            starts_at=now,
            channel="email",
            provider="smtp",
            what="sent",
            reason="asked",
            count=2,
            late_ms=3500,
            late=[1, 2, 2, 2, 2, 2, 2, 2],
        )
    )
    books = Books(planned=0, by_state={}, problems=())
    delivery.note_books(session, books=books, now=now)
    delivery.beat(
        session,
        name="delivery:here:1",
        kind="worker",
        leads=False,
        machine_now=now,
    )


class TestCounts:
    def test_are_told_with_their_channel_provider_and_lateness(
        self, watched: AppParts, database: Database
    ) -> None:
        with database.transaction() as session:
            everything_once(session)

        told = samples(client_of(watched))

        sent = labels(channel="email", provider="smtp", state="sent")
        assert told["loyalty_delivery_messages_total"] == {sent: 2.0}
        late = told["loyalty_delivery_handover_lateness_seconds_bucket"]
        own = {"channel": "email", "provider": "smtp"}
        assert late[labels(**own, le="1.0")] == 1.0
        assert late[labels(**own, le="+Inf")] == 2.0
        spent = told["loyalty_delivery_handover_lateness_seconds_sum"]
        assert spent == {labels(**own): 3.5}
        assert told["loyalty_provider_circuit_open"] == {labels(provider="smtp"): 1.0}
        waits = told["loyalty_provider_retry_after_seconds"][labels(provider="smtp")]
        assert 100 < waits <= 120
        assert told["loyalty_delivery_books_balanced"] == {labels(): 1.0}
