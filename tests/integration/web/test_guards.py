"""Every permission by every role by the own and a foreign store, over HTTP."""

import pytest
from flask.testing import FlaskClient

from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.staff.rules import PERMISSIONS
from loyalty.staff.values import Permission, Role
from loyalty.usecases.sign_in_staff import open_for
from tests.integration.web.conftest import Shop


def enter(client: FlaskClient, database: Database, shop: Shop, role: Role) -> None:
    outcome = open_for(
        database, staff_id=shop.people[role].id, browser="", now=machine_now()
    )
    client.set_cookie("staff", outcome.token)


class TestPages:
    @pytest.mark.parametrize("role", list(Role))
    def test_open_to_the_roles_that_may_and_in_their_store_only(
        self, client: FlaskClient, database: Database, shop: Shop, role: Role
    ) -> None:
        enter(client, database, shop, role)

        for permission in Permission:
            right = 200 if permission in PERMISSIONS[role] else 403
            path = f"/needs/{permission}"
            assert client.get(path).status_code == right
            assert client.get(f"{path}/{shop.here}").status_code == right
            assert client.get(f"{path}/{shop.elsewhere}").status_code == 403

    def test_send_strangers_to_the_door(self, client: FlaskClient) -> None:
        for permission in Permission:
            answer = client.get(f"/needs/{permission}")
            assert answer.status_code == 303
            assert answer.headers["Location"].startswith("/staff/sign-in")

    def test_tell_htmx_to_leave_for_the_door(self, client: FlaskClient) -> None:
        answer = client.get("/needs/till.serve", headers={"HX-Request": "true"})

        assert answer.status_code == 200
        assert answer.headers["HX-Redirect"] == "/staff/sign-in"
        assert answer.data == b""

    def test_are_shut_when_nobody_said_whom_they_are_for(
        self, client: FlaskClient
    ) -> None:
        answer = client.get("/forgotten")

        assert answer.status_code == 500
        assert "nobody guards this" not in answer.text
        assert "Unguarded" not in answer.text


class TestStoreChoice:
    def test_is_made_at_sign_in_when_there_is_one_store(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        enter(client, database, shop, Role.CASHIER)

        page = client.get("/staff/store").text

        assert "North" in page
        assert "South" not in page

    def test_refuses_a_foreign_store(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        enter(client, database, shop, Role.CASHIER)
        token = client.get("/token").text

        def choose(store: int) -> int:
            form = {"store": str(store), "csrf_token": token}
            return client.post("/staff/store", data=form).status_code

        assert choose(shop.elsewhere) == 403
        assert choose(shop.here) == 303
