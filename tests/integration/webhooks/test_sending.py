"""Signed, tried again, given up, replayed: against a real receiver."""

import hashlib
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from standardwebhooks.webhooks import Webhook

from jobs.tasks.webhooks import clear_webhooks
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.models import AttemptRow, DeliveryRow, EventRow, SecretRow
from loyalty.webhooks.service import DeliveryUnderWay
from loyalty.webhooks.values import (
    Claimed,
    DeliveryState,
    DisabledWhy,
    EndpointState,
    Tried,
)
from tests.factories import NOW
from tests.integration.webhooks.conftest import Shop

LATER = timedelta(hours=30)
"""Longer than any wait."""


def claim(shop: Shop) -> tuple[Claimed, ...]:
    with shop.database.transaction() as session:
        return webhooks.claim(session, at_most=8, machine_now=shop.now)


def settle(shop: Shop, tried: Tried) -> bool:
    with shop.database.transaction() as session:
        return webhooks.settle(session, tried=tried, chance=0, machine_now=shop.now)


def change(shop: Shop, verb: str, *, now: datetime = NOW) -> None:
    with shop.database.transaction() as session:
        act = getattr(webhooks, verb)
        act(session, endpoint_id=shop.endpoint_id, actor="staff:1", now=now)


def replay(shop: Shop) -> None:
    with shop.database.transaction() as session:
        webhooks.replay(
            session, delivery_id=shop.delivery().id, actor="staff:1", now=shop.now
        )


class TestSending:
    def test_is_signed_and_noted(self, shop: Shop) -> None:
        shop.ping()

        shop.send()

        (got,) = shop.sink.received
        with time_machine.travel(NOW, tick=False):
            told = Webhook(shop.secret).verify(got.body, got.headers)
        assert told["type"] == "ping"
        assert got.path == "/in?a=1"
        assert got.headers["host"] == f"127.0.0.1:{shop.sink.port}"
        assert got.headers["content-type"] == "application/json"
        assert got.headers["webhook-id"] == shop.delivery().event_id
        assert shop.delivery().state is DeliveryState.DELIVERED
        (one,) = shop.attempts()
        assert (one.status, one.answer, one.error) == (200, "thank you", None)
        assert one.headers["webhook-signature"] == got.headers["webhook-signature"]
        assert one.body_sha256 == hashlib.sha256(got.body.encode()).hexdigest()

    def test_is_tried_again_until_it_is_given_up(self, shop: Shop) -> None:
        shop.sink.status = 500
        shop.ping()

        for _ in range(12):
            shop.send(after=LATER)
            with shop.database.transaction() as session:
                # Ten tries take longer here than an endpoint may fail.
                webhooks.resume(
                    session, endpoint_id=shop.endpoint_id, actor="x", now=shop.now
                )

        assert shop.delivery().state is DeliveryState.FAILED
        assert [one.status for one in shop.attempts()] == [500] * 10
        assert len({one.headers["webhook-id"] for one in shop.sink.received}) == 1

    def test_waits_between_two_tries(self, shop: Shop) -> None:
        shop.sink.status = 500
        shop.ping()

        shop.send()
        shop.send(after=timedelta(seconds=4))
        assert len(shop.sink.received) == 1
        shop.send(after=timedelta(seconds=3))

        assert len(shop.sink.received) == 2

    def test_comes_no_sooner_than_asked(self, shop: Shop) -> None:
        shop.sink.status, shop.sink.headers = 429, {"Retry-After": "3600"}
        shop.ping()

        shop.send()

        due = shop.delivery().due_at
        assert due == shop.now + timedelta(hours=1)

    def test_keeps_the_beginning_of_a_long_answer(self, shop: Shop) -> None:
        shop.sink.answer = "x" * 100_000
        shop.ping()

        shop.send()

        assert shop.attempts()[0].answer == "x" * 4096

    def test_follows_no_redirect(self, shop: Shop) -> None:
        shop.sink.status, shop.sink.headers = 302, {"Location": shop.sink.url}
        shop.ping()

        shop.send()

        assert len(shop.sink.received) == 1
        assert shop.delivery().state is DeliveryState.DUE

    def test_goes_on_where_a_killed_worker_stopped(self, shop: Shop) -> None:
        shop.ping()
        (lost,) = claim(shop)

        shop.send(after=timedelta(minutes=2))
        assert shop.sink.received == []
        shop.send(after=timedelta(minutes=2))

        assert shop.delivery().state is DeliveryState.DELIVERED
        assert [one.number for one in shop.attempts()] == [2]
        tried = Tried(claim=lost, at=NOW, headers={}, milliseconds=1, status=500)
        assert not settle(shop, tried)
        assert shop.delivery().state is DeliveryState.DELIVERED

    def test_two_workers_never_have_the_same(self, shop: Shop) -> None:
        for _ in range(5):
            shop.ping()

        first, second = claim(shop), claim(shop)

        assert len(first) == 5
        assert second == ()


class TestEndpoint:
    def test_that_is_gone_is_disabled(self, shop: Shop) -> None:
        shop.sink.status = 410
        shop.ping()

        shop.send()

        found = shop.endpoint()
        assert (found.state, found.why) == (EndpointState.DISABLED, DisabledWhy.GONE)
        assert shop.delivery().state is DeliveryState.FAILED

    def test_that_fails_for_five_days_is_disabled(self, shop: Shop) -> None:
        shop.sink.status = 500
        shop.ping()
        shop.send()
        assert shop.endpoint().failing_since == NOW

        for _ in range(4):
            shop.send(after=timedelta(hours=29))
        assert shop.endpoint().state is EndpointState.ACTIVE
        shop.send(after=timedelta(hours=29))

        found = shop.endpoint()
        assert (found.state, found.why) == (
            EndpointState.DISABLED,
            DisabledWhy.FAILING,
        )

    def test_that_is_paused_gets_it_later(self, shop: Shop) -> None:
        change(shop, "pause")
        shop.ping()
        shop.send()
        assert shop.sink.received == []

        change(shop, "resume")
        shop.send()

        assert len(shop.sink.received) == 1

    def test_is_signed_with_both_secrets_for_a_day(self, shop: Shop) -> None:
        with shop.database.transaction() as session:
            new = webhooks.rotate_secret(
                session, endpoint_id=shop.endpoint_id, actor="staff:1", now=NOW
            ).secret
        shop.ping()
        shop.send()
        shop.ping()
        shop.send(after=timedelta(hours=25))

        both, one = (got.headers["webhook-signature"] for got in shop.sink.received)
        assert len(both.split()) == 2
        assert len(one.split()) == 1
        with time_machine.travel(NOW, tick=False):
            got = shop.sink.received[0]
            for secret in (shop.secret, new):
                assert Webhook(secret).verify(got.body, got.headers)

    def test_keeps_its_secret_encrypted(self, shop: Shop) -> None:
        with shop.database.transaction() as session:
            sealed = session.scalars(select(SecretRow.sealed)).one()

        assert shop.secret.encode() not in sealed
        assert shop.secret.removeprefix("whsec_").encode() not in sealed


class TestReplay:
    def test_sends_the_same_bytes_with_the_same_identifier(self, shop: Shop) -> None:
        shop.ping()
        shop.send()

        replay(shop)
        shop.send(after=timedelta(days=1))

        first, second = shop.sink.received
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
        assert [one.number for one in shop.attempts()] == [1, 2]

    def test_is_refused_while_it_is_being_sent(self, shop: Shop) -> None:
        shop.ping()
        claim(shop)

        with pytest.raises(DeliveryUnderWay):
            replay(shop)

        assert shop.delivery().state is DeliveryState.SENDING

    def test_of_all_that_failed_begins_at_a_moment(self, shop: Shop) -> None:
        shop.sink.status = 410
        for _ in range(2):
            shop.ping()
            shop.send()
            change(shop, "resume")
            shop.now += timedelta(days=1)

        with shop.database.transaction() as session:
            count = webhooks.replay_failed(
                session,
                endpoint_id=shop.endpoint_id,
                since=NOW + timedelta(hours=1),
                actor="staff:1",
                now=shop.now,
            )

        assert count == 1
        assert [one.state for one in shop.deliveries()] == [
            DeliveryState.FAILED,
            DeliveryState.DUE,
        ]


class TestClearing:
    def test_removes_what_is_older_than_30_days(self, shop: Shop) -> None:
        shop.ping()
        shop.send()
        shop.now += timedelta(days=31)
        shop.ping()

        clear_webhooks()

        with shop.database.transaction() as session:
            counts = [
                session.scalar(select(func.count()).select_from(table))
                for table in (EventRow, DeliveryRow, AttemptRow)
            ]
        assert counts == [1, 1, 0]
