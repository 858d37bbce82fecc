"""The monitor of deliveries: figures, lists, one message's story, brakes, replays."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from loyalty.core.audit import AuditEntry
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.customers.values import Channel
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow, ProviderRow
from loyalty.delivery.queries import browsing
from loyalty.delivery.queries.pauses import list_pauses
from loyalty.delivery.queries.replays import list_replays
from loyalty.delivery.service.notes import Note, note
from loyalty.delivery.values import (
    Books,
    MessageID,
    MessageState,
    Reason,
    ReceiptEvent,
)
from loyalty.staff.values import Role
from tests.factories import NOW
from tests.integration.admin.conftest import RecordingQueue, SignIn
from tests.integration.admin.pages import send, words
from tests.integration.delivery import shop
from tests.integration.delivery.shop import POLICY, add_members, marketing


@pytest.fixture(autouse=True)
def one_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let members of delivery's tests be readable here."""
    monkeypatch.setattr(shop, "SECRET", "long enough to be an installation's secret")


MINUTE = timedelta(minutes=1)
FIRST_MEMBER = 9001


def plan(database: Database, count: int = 1) -> list[MessageID]:
    """Plan an offer for each of so many members, at noon of the shop's day."""
    with database.transaction() as session:
        ids = add_members(session, count, first=FIRST_MEMBER)
        planned = delivery.plan_messages(
            session,
            messages=[marketing(one, not_after=NOW + timedelta(days=7)) for one in ids],
            policy=POLICY,
            now=NOW,
        )
    return [one.id for one in planned]


def move(
    database: Database,
    message_id: MessageID,
    state: MessageState,
    *,
    reason: Reason | None = None,
    receipt: ReceiptEvent | None = None,
    **details: str,
) -> None:
    """Let a message come into a state, and note it."""
    with database.transaction() as session:
        row = session.scalars(
            select(MessageRow).where(MessageRow.id == message_id)
        ).one()
        if receipt is None:
            row.state, row.reason = state, reason
            row.finished_at = None if state is MessageState.SENDING else NOW
        happened = Note(
            message_id=message_id,
            customer_id=row.customer_id,
            state=state,
            reason=reason,
            receipt=receipt,
            details=dict(details),
        )
        note(session, [happened], now=NOW)


def count(database: Database) -> None:
    with database.transaction() as session:
        while delivery.tally(session, now=NOW + MINUTE):
            pass


def beat(database: Database, name: str, kind: str, *, leads: bool = False) -> None:
    with database.transaction() as session:
        delivery.beat(
            session, name=name, kind=kind, leads=leads, machine_now=machine_now()
        )


class TestMonitor:
    def test_shows_that_nothing_works_yet(self, marketer: FlaskClient) -> None:
        page = words(marketer.get("/admin/deliveries"))

        assert "No dispatcher leads: nothing new is sent." in page
        assert "Not counted yet" in page
        assert "not checked yet" in page
        assert "Nothing was handed to a provider yet." in page

    def test_shows_what_happened_from_the_counts_alone(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        sent, failed = plan(database, 2)
        move(database, sent, MessageState.SENT, provider="smtp")
        move(database, failed, MessageState.FAILED, reason=Reason.GAVE_UP)
        count(database)
        beat(database, "dispatcher:here:1", "dispatcher", leads=True)
        beat(database, "delivery:here:2", "worker")

        page = words(marketer.get("/admin/deliveries?span=hour"))

        assert "No dispatcher leads" not in page
        assert "dispatcher dispatcher:here:1 leads just now" in page
        assert "worker for delivery delivery:here:2" in page
        assert "failed : too many attempts" in page or "too many attempts" in page
        assert "smtp" in page

    def test_never_scans_the_messages(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        plan(database, 3)
        count(database)
        with database.transaction() as session:
            session.execute(text("ALTER TABLE message RENAME TO message_hidden"))
            session.execute(
                text(
                    "CREATE VIEW message AS SELECT * FROM message_hidden WHERE"
                    " state IN ('planned', 'claimed', 'sending')"
                )
            )

        assert marketer.get("/admin/deliveries").status_code == 200

    def test_says_what_does_not_balance(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            delivery.note_books(
                session,
                books=Books(planned=3, by_state={}, problems=("2 keys lost",)),
                now=NOW,
            )

        page = words(marketer.get("/admin/deliveries"))

        assert "The books do not balance." in page
        assert "2 keys lost" in page

    def test_shows_providers_that_are_used_broken_or_wait(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        soon = machine_now() + timedelta(hours=1)
        with database.transaction() as session:
            for name, open_until, not_before in (
                ("one", None, None),
                ("two", soon, None),
                ("three", None, soon),
            ):
                session.add(
                    ProviderRow(
                        name=name,
                        rate=None if name == "one" else 2.5,
                        burst=10.0,
                        tokens=4.0,
                        refilled_at=machine_now(),
                        failures=3,
                        open_until=open_until,
                        not_before=not_before,
                    )
                )

        page = words(marketer.get("/admin/deliveries"))

        for said in (
            "one in use no limit",
            "circuit broken",
            "asked us to wait",
            "2.5",
        ):
            assert said in page

    def test_gives_the_present_figures_alone_for_asking_again(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        plan(database)

        answer = marketer.get("/admin/deliveries/live")
        page = marketer.get("/admin/deliveries").text

        assert "<html" not in answer.text
        assert "Due now" in words(answer)
        assert 'hx-get="/admin/deliveries/live" hx-trigger="look"' in page
        assert re.search(r'<script src="/assets/live\.[0-9a-f]+\.js" defer>', page)

    def test_is_not_for_cashiers(self, sign_in: SignIn) -> None:
        cashier = sign_in(Role.CASHIER)

        for path in ("", "/live", "/messages", "/replays", "/1"):
            assert cashier.get(f"/admin/deliveries{path}").status_code == 403


class TestBrakes:
    def test_say_who_paused_and_since_when(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        send(marketer, "/admin/deliveries/pause", {"scope": "all"})

        page = words(marketer.get("/admin/deliveries"))

        assert "Paused: Everything" in page
        assert "by Marketer" in page
        with database.transaction() as session:
            assert [one.scope for one in list_pauses(session)] == ["all"]

    def test_ask_before_they_are_pulled(self, marketer: FlaskClient) -> None:
        page = marketer.get("/admin/deliveries").text

        for scope in ("all", "channel:email"):
            form = re.search(
                rf'<details class="brake"(?:(?!</details>).)*value="{scope}"',
                page,
                re.DOTALL,
            )
            assert form is not None, scope

    def test_are_not_for_managers(self, sign_in: SignIn, database: Database) -> None:
        manager = sign_in(Role.MANAGER)

        answer = send(manager, "/admin/deliveries/pause", {"scope": "all"})

        assert answer.status_code == 403
        assert "Pause now" not in words(manager.get("/admin/deliveries"))
        with database.transaction() as session:
            assert list_pauses(session) == ()


def browsed(client: FlaskClient, asked: str) -> list[int]:
    """Return the messages of all pages, in their order."""
    seen: list[int] = []
    address = f"/admin/deliveries/messages?{asked}"
    while address:
        page = client.get(address).text
        found = re.findall(r'<td><a href="/admin/deliveries/(\d+)"', page)
        seen += [int(one) for one in found]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    return seen


class TestMessages:
    def test_are_filtered(self, marketer: FlaskClient, database: Database) -> None:
        sent, failed, waits = plan(database, 3)
        move(database, sent, MessageState.SENT)
        move(database, failed, MessageState.FAILED, reason=Reason.GAVE_UP)
        every = {sent, failed, waits}

        for asked, expected in (
            ("", every),
            ("state=failed", {failed}),
            ("state=failed&reason=gave_up", {failed}),
            ("state=failed&reason=permanent", set()),
            ("channel=email", every),
            ("channel=inbox", set()),
            (f"customer={FIRST_MEMBER}", {sent}),
            ("customer=%DB%B9%DB%B0%DB%B0%DB%B1", {sent}),
            ("customer=17", set()),
            ("campaign=5", set()),
            (f"day={NOW.date()}", {sent, failed}),
            (f"state=planned&day={NOW.date()}", {waits}),
            ("day=2020-02-02", set()),
            ("state=nonsense&day=nonsense&customer=x&after=y,z", every),
        ):
            page = marketer.get(f"/admin/deliveries/messages?{asked}")
            found = re.findall(r'<td><a href="/admin/deliveries/(\d+)"', page.text)
            assert page.status_code == 200
            assert {int(one) for one in found} == expected, asked

    def test_say_that_there_are_too_many_to_search(
        self,
        marketer: FlaskClient,
        database: Database,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(browsing, "PATIENCE", "50ms")
        with database.transaction() as session:
            # What can't be had in time, as a long search can't.
            session.execute(text("LOCK TABLE message IN ACCESS EXCLUSIVE MODE"))
            page = marketer.get("/admin/deliveries/messages?state=failed")

        assert page.status_code == 422
        assert "Choose a day, a campaign or a customer" in words(page)

    def test_go_on_page_by_page_without_a_gap(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        ids = sorted(plan(database, 120), reverse=True)
        waiting = browsed(marketer, "state=planned")
        with database.transaction() as session:
            session.execute(
                update(MessageRow).values(state=MessageState.FAILED, finished_at=NOW)
            )

        assert waiting == ids
        assert browsed(marketer, "state=failed") == ids


class TestStory:
    def test_is_told_in_sentences_on_both_clocks(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        (one,) = plan(database)
        move(database, one, MessageState.SENDING)
        move(database, one, MessageState.SENT, provider="smtp")
        told = {"receipt": ReceiptEvent.CLICKED}
        move(database, one, MessageState.SENT, **told)  # type: ignore[arg-type]  # named

        page = unescape(words(marketer.get(f"/admin/deliveries/{one}")))

        for sentence in (
            "Planned, by e-mail.",
            "The hour is one of the shop's, because the customer named none",
            "by the customer's clock (UTC)",
            "the customer's:",
            "A worker began to hand it over.",
            "Accepted by smtp.",
            "The customer followed its link.",
        ):
            assert sentence in page

    def test_has_words_for_every_state_and_reason(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        (one,) = plan(database)
        for state in MessageState:
            for reason in (None, *Reason):
                move(database, one, state, reason=reason, answer="451 later")

        page = marketer.get(f"/admin/deliveries/{one}")

        assert page.status_code == 200
        assert words(page).count("451 later") == len(MessageState) * (len(Reason) + 1)

    def test_shows_what_the_customer_saw_and_notes_who_looked(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        (one,) = plan(database)
        before = words(marketer.get(f"/admin/deliveries/{one}"))

        page = words(send(marketer, f"/admin/deliveries/{one}/seen", {}))

        with database.transaction() as session:
            noted = session.scalars(
                select(AuditEntry).where(AuditEntry.action == "delivery.seen")
            ).all()
        assert "20 % off coffee" not in before
        assert "20 % off coffee" in page
        assert "Ada" in page
        assert [(one.subject, one.actor[:6]) for one in noted] == [
            (f"message:{one}", "staff:") for one in plan_ids(database)
        ]

    def test_is_not_found_without_a_message(self, marketer: FlaskClient) -> None:
        assert marketer.get("/admin/deliveries/99").status_code == 404
        assert send(marketer, "/admin/deliveries/99/seen", {}).status_code == 404

    def test_offers_another_try_where_it_is_allowed(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        failed, sent = plan(database, 2)
        move(database, failed, MessageState.FAILED, reason=Reason.GAVE_UP)
        move(database, sent, MessageState.SENT)
        assert "Plan it once more" in words(marketer.get(f"/admin/deliveries/{failed}"))
        assert "Plan it once more" not in words(
            marketer.get(f"/admin/deliveries/{sent}")
        )

        for one in (failed, sent):
            send(marketer, f"/admin/deliveries/{one}/replay", {})

        with database.transaction() as session:
            states = dict(
                session.execute(select(MessageRow.id, MessageRow.state)).all()
            )
        assert states == {failed: MessageState.PLANNED, sent: MessageState.SENT}
        assert "Planned once more by Marketer." in words(
            marketer.get(f"/admin/deliveries/{failed}")
        )


def plan_ids(database: Database) -> list[int]:
    with database.transaction() as session:
        return list(session.scalars(select(MessageRow.id)))


class TestReplays:
    def test_are_counted_before_and_followed_after(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        ids = plan(database, 3)
        for one in ids:
            move(database, one, MessageState.FAILED, reason=Reason.GAVE_UP)
        asked = {
            "state": "failed",
            "reason": "gave_up",
            "channel": "email",
            "days": "1",
        }
        with database.transaction() as session:
            session.execute(update(MessageRow).values(finished_at=NOW - MINUTE))

        preview = words(marketer.get("/admin/deliveries/replays", query_string=asked))
        send(marketer, "/admin/deliveries/replays", dict(asked))
        going = marketer.get("/admin/deliveries/replays")
        with database.transaction() as session:
            while delivery.replay_batch(session, now=NOW):
                pass
            (run,) = list_replays(session)
        done = marketer.get(f"/admin/deliveries/replays/{run.id}/progress")

        assert "3 messages: failed, too many attempts, e-mail." in preview
        assert ("replay_messages", {}) in queue.pushed
        assert f'hx-get="/admin/deliveries/replays/{run.id}/progress"' in going.text
        assert "hx-get" not in done.text
        assert "3 of 3; 0 may not go again" in words(done)
        assert (run.planned, run.refused) == (3, 0)
        assert run.wanted.channel is Channel.EMAIL

    def test_of_nothing_are_refused(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        send(marketer, "/admin/deliveries/replays", {"state": "failed"})

        page = words(marketer.get("/admin/deliveries/replays"))

        assert "No message ended like this in this time." in page
        with database.transaction() as session:
            assert list_replays(session) == []

    def test_are_stopped(self, marketer: FlaskClient, database: Database) -> None:
        (one,) = plan(database)
        move(database, one, MessageState.FAILED, reason=Reason.GAVE_UP)
        with database.transaction() as session:
            session.execute(update(MessageRow).values(finished_at=NOW - MINUTE))
        send(marketer, "/admin/deliveries/replays", {"state": "failed"})
        with database.transaction() as session:
            (run,) = list_replays(session)

        send(marketer, f"/admin/deliveries/replays/{run.id}/stop", {})

        with database.transaction() as session:
            assert delivery.replay_batch(session, now=NOW) is False
            states = session.scalars(select(MessageRow.state)).all()
        assert states == [MessageState.FAILED]
