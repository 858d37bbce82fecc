from datetime import date, timedelta

from flask.testing import FlaskClient
from sqlalchemy import text

from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.core.periods import business_day
from loyalty.core.texts import format_date
from tests.factories import WARSAW
from tests.integration.points.ledger import earned, spent, with_rule
from tests.integration.till.pages import send, words
from tests.integration.till.shop import Shop

PAGE = "/wallet/preferences"


def day_words(day: date) -> str:
    return format_date(day, language="en", style="d MMM y")


class TestTheWallet:
    def test_shows_card_points_and_offers_with_reasons(
        self, client: FlaskClient, shop: Shop
    ) -> None:
        answer = client.get("/wallet")
        page = words(answer)
        number = " ".join(shop.anna_card[at : at + 4] for at in range(0, 16, 4))
        assert "Hello Anna" in page
        assert number in page
        assert "This year you saved €0.00" in page
        assert "20% off coffee" in page
        assert "only 2 days left" in page
        assert "You buy from Coffee about every 2 weeks." in page
        assert "Many of our customers like it." in page
        assert "style=" not in answer.text

    def test_speaks_to_its_reader_from_right_to_left(self, client: FlaskClient) -> None:
        assert 'dir="rtl"' in client.get("/wallet?lang=fa").text

    def test_is_for_its_customer_alone(self, stranger: FlaskClient) -> None:
        for path in ("", "/purchases", "/messages", "/preferences", "/offers/1"):
            answer = stranger.get(f"/wallet{path}")
            assert answer.status_code == 303
            assert answer.location == "/wallet/open"

    def test_shows_an_empty_list_of_everything(self, client: FlaskClient) -> None:
        assert "No purchase yet" in words(client.get("/wallet/purchases"))
        assert "No messages" in words(client.get("/wallet/messages"))

    def test_says_why_there_is_no_offer(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        with database.transaction() as session:
            session.execute(text("delete from offer"))
            session.execute(
                text(
                    "insert into recommendation_nothing values"
                    " (:anna, 'not_wanted', 'test', now())"
                ),
                {"anna": shop.anna},
            )
        page = words(client.get("/wallet"))
        assert "You said “not for me” to everything that is on just now." in page

        send(client, "/wallet/preferences", page=PAGE, language="en", max_per_week="")

        answer = client.get("/wallet")
        assert "Personal offers are off" in words(answer)
        assert 'href="/wallet/preferences#f-personalised"' in answer.text


class TestPoints:
    def test_that_are_pending_or_owing_or_expire_are_told_apart(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        now = utc_now()
        earned(database, shop.anna, 1_200, now=now)
        with_rule(database, delay_days=14)
        earned(database, shop.anna, 300, now=now)
        last = business_day(now, WARSAW) + timedelta(days=365)
        ready = business_day(now, WARSAW) + timedelta(days=14)

        for path in ("/wallet", "/wallet/purchases"):
            page = words(client.get(path))
            assert "Your points 1,200" in page
            assert f"300 more can be spent from {day_words(ready)} on" in page
            assert f"1,200 of them last until {day_words(last)}" in page

    def test_have_their_movements_named(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        now = utc_now()
        earned(database, shop.anna, 1_200, now=now)
        spent(database, shop.anna, 200, now=now)

        page = words(client.get("/wallet/purchases"))

        assert "Spent −200 1,000" in page
        assert "Given by the shop +1,200 1,200" in page


class TestAnOffer:
    def test_shows_its_terms_in_full(
        self, client: FlaskClient, database: Database
    ) -> None:
        page = words(client.get(f"/wallet/offers/{_offer(database)}"))
        assert "Terms in full" in page
        assert "It is only for customers to whom it was offered." in page
        assert "Why me?" in page

    def test_says_which_data_led_to_it(
        self, client: FlaskClient, database: Database
    ) -> None:
        answer = client.get(f"/wallet/offers/{_offer(database)}")
        page = words(answer)
        assert "You buy from Coffee about every 2 weeks." in page
        assert (
            "Counted most: purchases from Coffee on 5 days, last on 2 November 2026."
            in page
        )
        assert "Never counted: your name, address and birthday" in page
        assert "We learn from it at once: this offer goes" in page
        assert 'href="/wallet/preferences#interests"' in answer.text
        assert 'id="interests"' in client.get("/wallet/preferences").text

    def test_of_somebody_else_is_not_there(
        self, client: FlaskClient, database: Database
    ) -> None:
        offer = _offer(database)
        _give_away(database)
        assert client.get(f"/wallet/offers/{offer}").status_code == 404
        answer = send(client, f"/wallet/offers/{offer}/not-for-me", page=PAGE)
        assert answer.status_code == 404
        assert _states(database) == ["offered", "offered"]

    def test_may_be_put_away_and_taken_back(
        self, client: FlaskClient, database: Database
    ) -> None:
        offer = _offer(database)
        page = words(send(client, f"/wallet/offers/{offer}/not-for-me", page=PAGE))
        assert "Put away." in page
        assert "1 offer put away" in page
        assert _states(database) == ["dismissed", "offered"]
        page = words(send(client, f"/wallet/offers/{offer}/back", page=PAGE))
        assert "The offer counts again, and similar ones come as before." in page
        assert _states(database) == ["offered", "offered"]


def _offer(database: Database) -> int:
    with database.transaction() as session:
        found = session.scalar(text("select min(id) from offer"))
        assert isinstance(found, int)
        return found


def _states(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(text("select state from offer order by id")))


def _give_away(database: Database) -> None:
    """Let the offers belong to another customer."""
    with database.transaction() as session:
        session.execute(
            text(
                "insert into customer (id, status, enrolled_at, enrolled_by, language,"
                " time_zone) values (7, 'active', now(), 'system', 'en', 'UTC')"
            )
        )
        session.execute(text("update offer set customer_id = 7"))
