"""Cards and merged records on the pages of the back office."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty.cards.queries import find_card, list_cards
from loyalty.cards.values import Card, CardReason, CardState
from loyalty.core.database import Database
from loyalty.customers.queries import get_profile
from loyalty.staff.values import Role
from tests.factories import enrol
from tests.integration.admin.conftest import SignIn
from tests.integration.admin.pages import problem_of, send, words


def member(database: Database, contact: str = "ada@example.org") -> Card:
    with database.transaction() as session:
        return enrol(session, contact).card


def now_is(database: Database, card: Card) -> Card:
    with database.transaction() as session:
        found = find_card(session, number=card.number)
    assert found is not None
    return found


def act(client: FlaskClient, card: Card, action: str) -> TestResponse:
    path = f"/admin/customers/{card.customer_id}/cards/{card.number}/{action}"
    return send(client, path, {})


class TestCards:
    def test_are_blocked_and_work_again(
        self, database: Database, sign_in: SignIn
    ) -> None:
        card, client = member(database), sign_in(Role.MANAGER)
        act(client, card, "stolen")
        assert now_is(database, card).reason is CardReason.STOLEN
        page = words(client.get(f"/admin/customers/{card.customer_id}"))
        assert "blocked (stolen)" in page
        act(client, card, "unblock")
        assert now_is(database, card).state is CardState.ACTIVE

    def test_are_given_replaced_and_closed(
        self, database: Database, sign_in: SignIn
    ) -> None:
        card, client = member(database), sign_in(Role.ADMINISTRATOR)
        send(client, f"/admin/customers/{card.customer_id}/cards", {"printed": ""})
        act(client, card, "main")
        assert now_is(database, card).main
        act(client, card, "replace")
        assert now_is(database, card).state is CardState.REPLACED
        act(client, card, "close")
        page = words(client.get(f"/admin/customers/{card.customer_id}"))
        assert "was replaced on" in page
        with database.transaction() as session:
            states = [
                c.state for c in list_cards(session, customer_id=card.customer_id)
            ]
        assert states == [CardState.ACTIVE, CardState.ACTIVE, CardState.REPLACED]

    def test_are_left_alone_by_marketers(
        self, database: Database, sign_in: SignIn
    ) -> None:
        card, client = member(database), sign_in(Role.MARKETER)
        assert act(client, card, "lost").status_code == 403
        assert now_is(database, card) == card


class TestPrintedCards:
    def test_are_made_and_laid_out(self, database: Database, sign_in: SignIn) -> None:
        client = sign_in(Role.ADMINISTRATOR)
        wrong = send(client, "/admin/cards", {"label": "", "count": "12"})
        assert wrong.status_code == 422
        assert problem_of(wrong, "label") is not None
        made = send(client, "/admin/cards", {"label": "Centre, May", "count": "12"})
        page = client.get(made.location).text
        assert page.count('class="paper-card"') == 12
        assert page.count('class="paper-sheet"') == 2
        assert "Centre, May" in words(client.get("/admin/cards"))
        number = re.search(r'<p dir="ltr">([0-9 ]+)</p>', page)
        assert number is not None
        card = member(database)
        path = f"/admin/customers/{card.customer_id}/cards"
        send(client, path, {"printed": number[1]})
        assert client.get(made.location).text.count('class="paper-card"') == 11


class TestMerging:
    def test_is_shown_done_and_undone(
        self, database: Database, sign_in: SignIn
    ) -> None:
        card = member(database)
        other = member(database, "+48601234567")
        client = sign_in(Role.MANAGER)
        own = f"/admin/customers/{card.customer_id}"
        shown = send(client, f"{own}/merge", {"who": "601 234 567"})
        assert "ada@example.org" in words(shown)
        assert "+48601234567" in words(shown)
        with database.transaction() as session:
            before = get_profile(session, customer_id=card.customer_id)
        assert len(before.contacts) == 1

        send(client, f"{own}/merge/{other.customer_id}", {})
        page = client.get(own)
        assert "+48601234567" in words(page)
        undo = re.search(r'action="(/admin/merges/[0-9]+/undo)"', page.text)
        assert undo is not None
        stands = words(client.get(f"/admin/customers/{other.customer_id}"))
        assert "Another record of the same person stands for this one." in stands

        assert send(client, undo[1], {}).location == own
        with database.transaction() as session:
            assert get_profile(session, customer_id=card.customer_id) == before

    def test_says_what_can_not_be_merged(
        self, database: Database, sign_in: SignIn
    ) -> None:
        card, client = member(database), sign_in(Role.MANAGER)
        own = f"/admin/customers/{card.customer_id}"
        for who, said in (
            ("nobody@example.org", "Nobody has this number"),
            ("ada@example.org", "into itself"),
            ("x", "phone number"),
        ):
            assert send(client, f"{own}/merge", {"who": who}).location == own
            assert said in words(client.get(own))
