"""Cards put right at the till."""

from flask import Flask
from flask.testing import FlaskClient

from loyalty import till, web
from loyalty.cards.queries import blank_numbers, find_card, main_card
from loyalty.cards.service import make_batch
from loyalty.cards.values import CardReason, CardState
from loyalty.core.clock import utc_now
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.web import AppParts
from tests.integration.till.pages import send, words
from tests.integration.till.shop import SECRET, Shop, sign_in


class TestCardsAtTheTill:
    def test_are_blocked_at_once_in_another_process(
        self,
        client: FlaskClient,
        shop: Shop,
        fresh_postgres_url: str,
        redis_url: str,
    ) -> None:
        engine = open_engine(fresh_postgres_url, pool_size=2)
        elsewhere = Database(engine, NoQueue(), Vault(SECRET))
        other = Flask("loyalty", static_folder=None)
        parts = AppParts(
            database=elsewhere,
            vault=Vault(SECRET),
            redis_url=redis_url,
            public_url="http://localhost",
            secure_cookies=False,
        )
        web.install(other, parts)
        other.register_blueprint(till.blueprint)
        second = other.test_client()
        sign_in(elsewhere, second, shop)
        found = send(second, "/till/identify", page="/till/enrol", text=shop.anna_card)
        assert "Anna" in words(found)

        send(client, "/till/identify", text=shop.anna_card)
        send(client, f"/till/cards/{shop.anna_card}/lost")
        refused = send(second, "/till/identify", text=shop.anna_card)

        assert refused.status_code == 409
        assert "was reported lost on" in words(refused)
        assert "ask for the phone number or e-mail address" in words(refused)
        engine.dispose()

    def test_are_replaced_and_printed(
        self, client: FlaskClient, shop: Shop, database: Database
    ) -> None:
        send(client, "/till/identify", text=shop.anna_card)
        send(client, f"/till/cards/{shop.anna_card}/lost")
        page = send(client, f"/till/cards/{shop.anna_card}/replace")

        assert page.request.path == "/till/card"
        with database.transaction() as session:
            old = find_card(session, number=shop.anna_card)
            new = main_card(session, customer_id=shop.anna)
        assert old is not None
        assert new is not None
        assert (old.state, old.reason) == (CardState.REPLACED, CardReason.LOST)
        assert old.replaced_by == new.number
        assert new.number[-4:] in words(page)

    def test_are_unblocked_by_those_who_may(
        self, client: FlaskClient, shop: Shop, database: Database
    ) -> None:
        send(client, "/till/identify", text=shop.anna_card)
        page = send(client, f"/till/cards/{shop.anna_card}/lost")
        assert "A manager can unblock it." in words(page)
        assert send(client, f"/till/cards/{shop.anna_card}/unblock").status_code == 403
        with database.transaction() as session:
            card = find_card(session, number=shop.anna_card)
        assert card is not None
        assert card.state is CardState.BLOCKED

    def test_are_given_from_the_printed_ones(
        self, client: FlaskClient, shop: Shop, database: Database
    ) -> None:
        with database.transaction() as session:
            batch = make_batch(
                session,
                label="May",
                count=1,
                prefix="261000",
                actor="system",
                now=utc_now(),
            )
            (number,) = blank_numbers(session, batch_id=batch.id)
        send(client, "/till/identify", text=shop.anna_card)
        page = send(client, "/till/cards", printed=number)
        assert number[-4:] in words(page)
        again = send(client, "/till/cards", printed=number)
        assert again.status_code == 409
        assert "belongs to a member already" in words(again)

    def test_of_somebody_else_are_left_alone(
        self, client: FlaskClient, shop: Shop, database: Database
    ) -> None:
        send(client, "/till/enrol", contact="+48601234567", language="en")
        page = send(client, f"/till/cards/{shop.anna_card}/lost")
        assert page.status_code == 403
        with database.transaction() as session:
            card = find_card(session, number=shop.anna_card)
        assert card is not None
        assert card.state is CardState.ACTIVE

    def test_need_a_member_at_the_counter(self, client: FlaskClient) -> None:
        assert client.get("/till/cards").location == "/till"
