"""Webhooks in the back office."""

import re

import pytest
from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.staff.values import Role
from loyalty.webhooks import service
from loyalty.webhooks.queries import list_endpoints
from loyalty.webhooks.values import Endpoint, EndpointState, Tried
from tests.factories import NOW, enrol
from tests.integration.admin.conftest import RecordingQueue, SignIn
from tests.integration.admin.pages import Values, problem_of, send, words

TYPED: Values = {
    "url": "https://hooks.example.org/in",
    "description": "ERP",
    "events": ["customer.enrolled", "tier.changed"],
}


def endpoints(database: Database) -> tuple[Endpoint, ...]:
    with database.transaction() as session:
        return list_endpoints(session)


def fail(database: Database, *, status: int) -> None:
    """Let what is due be answered so."""
    with database.transaction() as session:
        for claim in service.claim(session, at_most=8, machine_now=NOW):
            tried = Tried(
                claim=claim,
                at=NOW,
                headers={"webhook-id": claim.event_id},
                milliseconds=12,
                status=status,
                answer="<b>no</b>",
            )
            service.settle(session, tried=tried, chance=0, machine_now=NOW)


class TestWebhooks:
    def test_are_empty_at_first(self, administrator: FlaskClient) -> None:
        assert "No webhooks yet" in words(administrator.get("/admin/webhooks"))

    def test_show_their_secret_once(
        self, administrator: FlaskClient, database: Database
    ) -> None:
        made = send(administrator, "/admin/webhooks", TYPED)

        found = re.search(r"whsec_[A-Za-z0-9+/]{43}=", made.text)
        assert found is not None
        (one,) = endpoints(database)
        assert [kind.value for kind in one.events] == TYPED["events"]
        again = administrator.get(f"/admin/webhooks/{one.id}")
        assert found[0] not in again.text
        assert "hooks.example.org" in administrator.get("/admin/webhooks").text

    def test_say_what_is_wrong_and_keep_nothing(
        self, administrator: FlaskClient, database: Database
    ) -> None:
        typed: Values = {**TYPED, "url": "https://10.0.0.1/"}

        refused = send(administrator, "/admin/webhooks", typed)

        assert refused.status_code == 422
        assert "not an address of the public internet" in str(
            problem_of(refused, "url")
        )
        assert 'value="https://10.0.0.1/"' in refused.text
        assert endpoints(database) == ()

    def test_are_paused_resumed_disabled_and_tested(
        self, administrator: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        send(administrator, "/admin/webhooks", TYPED)
        (one,) = endpoints(database)
        own = f"/admin/webhooks/{one.id}"

        states = []
        for verb in ("pause", "resume", "disable"):
            assert send(administrator, f"{own}/{verb}", {}).status_code == 303
            states += [found.state for found in endpoints(database)]
        queue.pushed.clear()
        send(administrator, f"{own}/ping", {})

        assert states == [
            EndpointState.PAUSED,
            EndpointState.ACTIVE,
            EndpointState.DISABLED,
        ]
        assert queue.pushed == [("send_webhooks", {})]
        assert "ping" in words(administrator.get(own))

    def test_show_request_and_answer_and_send_again(
        self, administrator: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        send(administrator, "/admin/webhooks", TYPED)
        (one,) = endpoints(database)
        with database.transaction() as session:
            enrol(session)
        fail(database, status=410)

        page = administrator.get(f"/admin/webhooks/{one.id}")
        assert "it answered that it is gone (410)" in words(page)
        assert "it answered that it is gone" in words(
            administrator.get("/admin/webhooks")
        )
        link = re.search(r"/admin/webhooks/deliveries/\d+", page.text)
        assert link is not None
        story = administrator.get(link[0])
        assert "&lt;b&gt;no&lt;/b&gt;" in story.text
        assert "webhook-id: evt_" in story.text
        queue.pushed.clear()
        send(administrator, f"{link[0]}/replay", {})
        send(administrator, f"/admin/webhooks/{one.id}/replay", {"days": "7"})

        assert queue.pushed == [("send_webhooks", {})]

    def test_get_another_secret_and_other_settings(
        self, administrator: FlaskClient, database: Database
    ) -> None:
        send(administrator, "/admin/webhooks", TYPED)
        (one,) = endpoints(database)

        rotated = send(administrator, f"/admin/webhooks/{one.id}/rotate", {})
        typed: Values = {**TYPED, "events": ["offer.made"]}
        send(administrator, f"/admin/webhooks/{one.id}", typed)

        assert "whsec_" in rotated.text
        assert [e.value for e in endpoints(database)[0].events] == ["offer.made"]

    @pytest.mark.parametrize("role", [Role.MARKETER, Role.MANAGER])
    def test_are_for_administrators(self, sign_in: SignIn, role: Role) -> None:
        assert sign_in(role).get("/admin/webhooks").status_code == 403
