"""Correcting points by hand: at once below one's limit, by two people above it."""

import pytest
from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.staff.values import Role
from tests.factories import enrol
from tests.integration.admin.conftest import SignIn
from tests.integration.admin.pages import Values, problem_of, send, words
from tests.integration.points.ledger import earned, points_of

ADD: Values = {
    "direction": "add",
    "points": "500",
    "reason": "Till was down",
    "key": "1",
}


@pytest.fixture
def ada(database: Database) -> CustomerID:
    with database.transaction() as session:
        return enrol(session).profile.id


@pytest.fixture
def manager(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.MANAGER)


class TestCorrecting:
    def test_happens_at_once_below_the_limit_and_once(
        self, manager: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        answers = [send(manager, f"/admin/customers/{ada}/points", ADD) for _ in "12"]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert points_of(database, ada) == (500, 0, 0)
        page = words(manager.get(f"/admin/customers/{ada}"))
        assert "Put right by the shop: +500 balance 500 Till was down" in page

    def test_takes_points_away(
        self, manager: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 40)

        send(
            manager,
            f"/admin/customers/{ada}/points",
            {**ADD, "direction": "take", "points": "15"},
        )

        assert points_of(database, ada) == (25, 0, 0)

    @pytest.mark.parametrize(
        ("typed", "name", "problem"),
        [
            ({"points": ""}, "points", "Name how many points, above zero."),
            ({"points": "ten"}, "points", "Type a whole number."),
            ({"reason": " "}, "reason", "Say why: the member and the audit see it."),
            (
                {"direction": "take"},
                "points",
                "The member has not so many points.",
            ),
        ],
    )
    def test_names_what_is_wrong_and_moves_nothing(  # fixtures
        self,
        manager: FlaskClient,
        database: Database,
        ada: CustomerID,
        typed: Values,
        name: str,
        problem: str,
    ) -> None:
        answer = send(manager, f"/admin/customers/{ada}/points", {**ADD, **typed})

        assert answer.status_code == 422
        assert problem_of(answer, name) == problem
        assert points_of(database, ada) == (0, 0, 0)

    def test_is_not_for_marketers(
        self, marketer: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        answer = send(marketer, f"/admin/customers/{ada}/points", ADD)

        assert answer.status_code == 403
        assert points_of(database, ada) == (0, 0, 0)


class TestASecondPerson:
    @pytest.fixture(autouse=True)
    def asked(self, manager: FlaskClient, ada: CustomerID) -> None:
        answer = send(
            manager, f"/admin/customers/{ada}/points", {**ADD, "points": "501"}
        )
        assert answer.location == "/admin/corrections"

    def test_is_needed_above_the_limit(
        self, manager: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        page = manager.get("/admin/corrections")
        answer = send(manager, "/admin/corrections/1/approve", {})

        assert "Ada +501 Till was down Manager" in words(page)
        assert "/approve" not in page.text
        assert answer.status_code == 303
        assert "Another person must approve" in words(manager.get("/admin/corrections"))
        assert points_of(database, ada) == (0, 0, 0)

    def test_approves(
        self, administrator: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        send(administrator, "/admin/corrections/1/approve", {})
        again = send(administrator, "/admin/corrections/1/approve", {})

        assert again.status_code == 409
        assert points_of(database, ada) == (501, 0, 0)
        assert "Nothing waits" in words(administrator.get("/admin/corrections"))

    def test_refuses(
        self, administrator: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        send(administrator, "/admin/corrections/1/refuse", {})

        assert "Nothing waits" in words(administrator.get("/admin/corrections"))
        assert points_of(database, ada) == (0, 0, 0)
