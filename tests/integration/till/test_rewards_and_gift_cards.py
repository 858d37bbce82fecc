"""Rewards and gift cards at the till."""

import re
from datetime import timedelta

from flask.testing import FlaskClient

from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.giftcards.queries import get_by_code
from loyalty.giftcards.values import GiftState
from loyalty.points.queries import balance
from loyalty.points.service import earn
from loyalty.points.values import Earning, Request
from loyalty.rewards.queries import list_redemptions
from loyalty.rewards.service import save_reward
from loyalty.rewards.values import RedemptionState, Reward, RewardKind
from tests.integration.till.pages import send, words
from tests.integration.till.shop import Shop

CODE = re.compile(r'dir="ltr">([A-Z0-9-]{19})<')


class TestRewards:
    def test_are_redeemed_and_handed_over(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        now = utc_now()
        mug = Reward(
            code="mug",
            name={"en": "Mug"},
            about={},
            points=100,
            kind=RewardKind.ARTICLE,
            valid_from=now - timedelta(days=1),
        )
        with database.transaction() as session:
            save_reward(session, reward=mug, actor="staff:1", now=now)
            request = Request(key="start", actor="system")
            earning = Earning(points=150, request=request, immediately=True)
            earn(session, customer_id=shop.anna, earning=earning, now=now)
        send(client, "/till/identify", text=shop.anna_card)
        before = words(client.get("/till/rewards"))
        send(client, "/till/rewards/mug/redeem", key="1")
        with database.transaction() as session:
            (made,) = list_redemptions(session, customer_id=shop.anna)
        send(client, f"/till/redemptions/{made.id}/hand-over")
        dear = send(client, "/till/rewards/mug/redeem", key="2")

        assert "150 points to spend" in before
        assert dear.status_code == 409
        with database.transaction() as session:
            (made,) = list_redemptions(session, customer_id=shop.anna)
            assert made.state is RedemptionState.GIVEN
            assert balance(session, customer_id=shop.anna) == 50

    def test_need_a_member_on_the_counter(self, client: FlaskClient) -> None:
        assert client.get("/till/rewards").headers["Location"] == "/till"


class TestGiftCards:
    def test_are_made_paid_and_looked_up(
        self, client: FlaskClient, database: Database
    ) -> None:
        made = send(client, "/till/gift-cards", amount="25,00")
        found = CODE.search(made.text)
        assert found is not None
        with database.transaction() as session:
            card = get_by_code(session, code=found[1])
        waiting = send(client, "/till/gift-cards/look-up", code=found[1])
        for _ in range(2):
            send(client, f"/till/gift-cards/{card.id}/paid")
        works = send(client, "/till/gift-cards/look-up", code=found[1].lower())

        assert "not paid" in words(waiting)
        assert "€25.00 works" in words(works)
        with database.transaction() as session:
            after = get_by_code(session, code=found[1])
        assert (after.state, after.balance.amount) == (GiftState.ACTIVE, 2500)

    def test_that_are_mistyped_say_so_at_the_field(self, client: FlaskClient) -> None:
        wrong = send(client, "/till/gift-cards/look-up", code="ABCD")
        nothing = send(client, "/till/gift-cards", amount="much")

        assert wrong.status_code == 422
        assert "This is no gift card" in words(wrong)
        assert "Type an amount of money." in words(nothing)
