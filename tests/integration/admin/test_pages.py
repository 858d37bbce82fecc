import re

import pytest
from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.delivery.queries.messages import Filter, list_deliveries
from loyalty.delivery.queries.pauses import list_pauses
from loyalty.delivery.values import MessageState
from loyalty.staff.queries import find_member, list_keys, list_members
from loyalty.staff.service.keys import use_key
from loyalty.staff.values import Role
from loyalty.usecases.checkout import record_purchase
from tests.factories import NOW, basket, enrol, payment
from tests.integration.admin.conftest import SignIn
from tests.integration.admin.pages import problem_of, send, words


def somebody(database: Database) -> tuple[CustomerID, str]:
    """Let somebody enrol and buy."""
    with database.transaction() as session:
        card = enrol(session).card
        record_purchase(
            session, request=basket(card.number, COFFEE=2), payment=payment(), now=NOW
        )
    return card.customer_id, card.number


class TestToday:
    def test_shows_real_figures(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        somebody(database)
        page = words(marketer.get("/admin"))
        assert "Members 1 1 enrolled this week" in page
        assert "Promotions running 0" in page

    def test_sends_a_cashier_to_the_till(self, sign_in: SignIn) -> None:
        answer = sign_in(Role.CASHIER).get("/admin")
        assert answer.headers["Location"] == "/till"


class TestCustomers:
    @pytest.mark.parametrize("by", ["card", "address"])
    def test_are_found(
        self, marketer: FlaskClient, database: Database, by: str
    ) -> None:
        customer_id, number = somebody(database)
        who = number if by == "card" else "ADA@example.org"
        answer = send(marketer, "/admin/customers", {"who": who})
        assert answer.headers["Location"] == f"/admin/customers/{customer_id}"

    def test_are_not_found_by_a_wrong_number(self, marketer: FlaskClient) -> None:
        wrong = send(marketer, "/admin/customers", {"who": "2401 1200 0000 0000"})
        assert wrong.status_code == 422
        assert "check digit" in (problem_of(wrong, "who") or "")
        unknown = send(marketer, "/admin/customers", {"who": "no@example.org"})
        assert unknown.status_code == 404
        assert "Nobody has this" in (problem_of(unknown, "who") or "")

    def test_have_a_page_with_everything(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        customer_id, _number = somebody(database)
        page = words(marketer.get(f"/admin/customers/{customer_id}"))
        for text in (
            "Bought for €9.98",
            "9 points",
            "ada@example.org",
            "Offers by e-mail: yes",
            "Message Welcome planned",
            "Enrolled",
        ):
            assert text in page

    def test_that_do_not_exist_are_not_shown(self, marketer: FlaskClient) -> None:
        assert marketer.get("/admin/customers/1").status_code == 404


class TestDeliveries:
    def test_are_listed_and_told(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        somebody(database)
        with database.transaction() as session:
            (item,) = list_deliveries(session, wanted=Filter()).items
        assert "Welcome" in words(
            marketer.get("/admin/deliveries/messages?state=planned")
        )
        none = marketer.get("/admin/deliveries/messages?state=sent")
        assert "No message fits" in words(none)
        page = words(marketer.get(f"/admin/deliveries/{item.id}"))
        assert "Why this channel and this moment" in page

    def test_are_paused_and_resumed(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        send(marketer, "/admin/deliveries/pause", {"scope": "channel:email"})
        with database.transaction() as session:
            assert [one.scope for one in list_pauses(session)] == ["channel:email"]
        assert "Paused: e-mail" in words(marketer.get("/admin/deliveries"))
        send(marketer, "/admin/deliveries/resume", {"scope": "channel:email"})
        with database.transaction() as session:
            assert list_pauses(session) == ()

    def test_refuse_an_unknown_scope(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        answer = send(marketer, "/admin/deliveries/pause", {"scope": "the moon"})
        assert answer.status_code == 422
        with database.transaction() as session:
            assert list_pauses(session) == ()

    def test_are_cancelled(self, marketer: FlaskClient, database: Database) -> None:
        somebody(database)
        with database.transaction() as session:
            (item,) = list_deliveries(session, wanted=Filter()).items
        send(marketer, f"/admin/deliveries/{item.id}/cancel", {})
        with database.transaction() as session:
            (item,) = list_deliveries(session, wanted=Filter()).items
        assert item.state is MessageState.CANCELLED


class TestPeople:
    def test_are_added_with_a_password_shown_once(
        self, administrator: FlaskClient, database: Database
    ) -> None:
        form: dict[str, str | list[str]] = {
            "name": "New",
            "email": "new@shop.example.com",
            "posts": ["marketer@all"],
        }
        answer = send(administrator, "/admin/people", form)
        secret = re.search(r'class="secret-text"[^>]*>([^<]+)<', answer.text)
        assert secret is not None
        assert len(secret[1]) >= 12
        with database.transaction() as session:
            found = find_member(session, email="new@shop.example.com")
        assert found is not None
        assert [post.role for post in found.posts] == [Role.MARKETER]
        again = administrator.get(f"/admin/people/{found.id}").text
        assert secret[1] not in again

    def test_need_a_role(self, administrator: FlaskClient, database: Database) -> None:
        form: dict[str, str | list[str]] = {
            "name": "New",
            "email": "n@shop.example.com",
        }
        answer = send(administrator, "/admin/people", form)
        assert answer.status_code == 422
        assert "Choose at least one role" in words(answer)
        with database.transaction() as session:
            assert len(list_members(session)) == 1

    def test_are_not_changed_by_a_manager_of_one_store(
        self, sign_in: SignIn, administrator: FlaskClient, database: Database
    ) -> None:
        manager = sign_in(Role.MANAGER)
        page = words(manager.get("/admin/people"))
        assert "Manager" in page
        assert "Add somebody" not in page
        with database.transaction() as session:
            head = find_member(session, email="administrator@shop.example.com")
        assert head is not None
        assert manager.get(f"/admin/people/{head.id}").status_code == 403
        answer = send(manager, f"/admin/people/{head.id}/disable", {})
        assert answer.status_code == 403
        assert administrator.get("/admin/people").status_code == 200

    def test_keep_an_administrator(
        self, administrator: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            head = find_member(session, email="administrator@shop.example.com")
        assert head is not None
        path = f"/admin/people/{head.id}"
        send(administrator, f"{path}/posts", {"posts": ["cashier@all"]})
        assert "Somebody must remain" in words(administrator.get(path))
        with database.transaction() as session:
            kept = find_member(session, email="administrator@shop.example.com")
        assert kept == head


class TestKeys:
    def test_are_shown_once_and_die_when_revoked(
        self, administrator: FlaskClient, database: Database
    ) -> None:
        answer = send(
            administrator,
            "/admin/keys",
            {"label": "North", "scopes": ["cards:read"], "store": ""},
        )
        secret = re.search(r'class="secret-text"[^>]*>([^<]+)<', answer.text)
        assert secret is not None
        with database.transaction() as session:
            (key,) = list_keys(session)
            assert use_key(session, key=secret[1], now=NOW) is not None
        assert secret[1].split(".")[1] not in administrator.get("/admin/keys").text
        send(administrator, f"/admin/keys/{key.id}/revoke", {})
        with database.transaction() as session:
            assert use_key(session, key=secret[1], now=NOW) is None

    def test_need_a_scope(self, administrator: FlaskClient, database: Database) -> None:
        answer = send(administrator, "/admin/keys", {"label": "North", "store": ""})
        assert answer.status_code == 422
        with database.transaction() as session:
            assert list_keys(session) == ()
