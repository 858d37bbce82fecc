"""Rewards, causes and sharing in the wallet."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.delivery.values import DeliveryPolicy
from loyalty.points.queries import balance
from loyalty.points.service import earn
from loyalty.points.values import Earning, Request
from loyalty.rewards.service import save_cause, save_reward
from loyalty.rewards.values import Cause, Reward, RewardKind
from loyalty.sharing.queries import household_of
from loyalty.sharing.service import invite
from loyalty.stores.queries import list_stores
from loyalty.usecases.enrol_customer import Enrolled, Enrolment, enrol_customer
from tests.integration.till.pages import send, words
from tests.integration.till.shop import Shop

PAGE = "/wallet/rewards"
SHARE = "/wallet/share"


@pytest.fixture(autouse=True)
def catalogue(database: Database, shop: Shop) -> None:
    """Give Anna 250 points, and two rewards and a cause to think about."""
    now = utc_now()
    with database.transaction() as session:
        for code, points in (("mug", 100), ("bike", 9000)):
            reward = Reward(
                code=code,
                name={"en": code.capitalize()},
                about={},
                points=points,
                kind=RewardKind.ARTICLE,
                valid_from=now - timedelta(days=1),
            )
            save_reward(session, reward=reward, actor="staff:1", now=now)
        cause = Cause(code="trees", name={"en": "Trees"}, about={})
        save_cause(session, cause=cause, actor="staff:1", now=now)
        request = Request(key="start", actor="system")
        earning = Earning(points=250, request=request, immediately=True)
        earn(session, customer_id=shop.anna, earning=earning, now=now)


def post(
    client: FlaskClient, page: str, path: str, values: dict[str, str]
) -> TestResponse:
    return send(client, path, page=page, **values)


def partner(database: Database) -> Enrolled:
    with database.transaction() as session:
        return enrol_customer(
            session,
            enrolment=Enrolment(contact="ben@example.org", first_name="Ben"),
            store=list_stores(session)[0],
            policy=DeliveryPolicy(),
            actor="staff:1",
            now=utc_now(),
        )


def anna_has(database: Database, shop: Shop) -> int:
    with database.transaction() as session:
        return balance(session, customer_id=shop.anna)


class TestRewards:
    def test_stand_nearest_first_with_what_is_missing(
        self, client: FlaskClient
    ) -> None:
        page = words(client.get(PAGE))

        assert "You can spend 250" in page
        assert page.index("Mug") < page.index("Bike")
        assert "8,750 points are missing" in page

    def test_are_redeemed_and_cancelled(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        form = {"key": "once"}
        for _ in range(2):
            post(client, PAGE, f"{PAGE}/mug/redeem", form)
        after = anna_has(database, shop)
        page = client.get(PAGE)
        number = page.text.split("/wallet/redemptions/")[1].split("/")[0]
        post(client, PAGE, f"/wallet/redemptions/{number}/cancel", {})

        assert after == 150
        assert "waits for you" in words(page)
        assert anna_has(database, shop) == 250
        assert "cancelled" in words(client.get(PAGE))

    def test_that_are_too_dear_say_so(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        answered = post(client, PAGE, f"{PAGE}/bike/redeem", {"key": "1"})

        assert answered.status_code == 409
        assert "There are 250 points to spend, not 9000." in words(answered)
        assert anna_has(database, shop) == 250

    def test_beside_them_causes_take_points(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        wrong = post(client, PAGE, "/wallet/causes/trees/give", {"points": "x"})
        post(client, PAGE, "/wallet/causes/trees/give", {"points": "۵۰", "key": "1"})

        assert wrong.status_code == 422
        assert "Type a number of points." in words(wrong)
        assert anna_has(database, shop) == 200
        assert "Given by all: 50. By you: 50." in words(client.get(PAGE))


class TestSharing:
    def test_gives_points_and_takes_them_back(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        ben = partner(database)
        form = {"card": ben.card.number, "points": "60", "key": "g"}
        post(client, SHARE, f"{SHARE}/gift", form)
        given = anna_has(database, shop)
        page = client.get(SHARE)
        number = page.text.split("/wallet/share/gift/")[1].split("/")[0]
        post(client, SHARE, f"{SHARE}/gift/{number}/undo", {})

        assert given == 190
        assert "Ben" in words(page)
        assert anna_has(database, shop) == 250

    def test_to_no_card_says_so_at_the_field(self, client: FlaskClient) -> None:
        form = {"card": "123", "points": "60", "key": "g"}

        answered = post(client, SHARE, f"{SHARE}/gift", form)

        assert answered.status_code == 422
        assert 'id="gift-card-problem">A card number has 16 digits.' in answered.text

    def test_asks_before_a_balance_is_shared(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        ben = partner(database)
        with database.transaction() as session:
            invite(
                session,
                keeper=ben.profile.id,
                invited=shop.anna,
                actor="customer:1",
                now=utc_now(),
            )
        page = client.get(SHARE)
        number = page.text.split("/wallet/share/invitations/")[1].split('"')[0]
        path = f"{SHARE}/invitations/{number}"
        post(client, SHARE, path, {"answer": "yes"})
        shared = words(client.get("/wallet"))
        with database.transaction() as session:
            household = household_of(session, customer_id=shop.anna)
        post(client, SHARE, f"{SHARE}/leave", {})

        assert "Ben invites you to share their points." in words(page)
        assert household is not None
        assert household.keeper == ben.profile.id
        assert "Your points 250" in shared
        assert anna_has(database, shop) == 250

    def test_invites_by_card(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        ben = partner(database)
        post(client, SHARE, f"{SHARE}/invite", {"card": ben.card.number})
        with database.transaction() as session:
            household = household_of(session, customer_id=shop.anna)
            assert household is not None
        assert household.keeper == shop.anna

    def test_tells_the_code_for_friends_and_refuses_ones_own(
        self, client: FlaskClient
    ) -> None:
        page = client.get(SHARE)
        code = page.text.split("names this code when new: <strong>")[1].split("<")[0]

        answered = post(client, SHARE, f"{SHARE}/friend", {"code": code})

        assert len(code.replace(" ", "")) == 8
        assert answered.status_code == 409
