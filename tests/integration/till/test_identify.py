from flask.testing import FlaskClient
from sqlalchemy import text

from loyalty.cards.rules import card_number
from loyalty.core.database import Database
from tests.integration.till.pages import send, words
from tests.integration.till.shop import Shop


class TestIdentifying:
    def test_shows_points_offers_and_a_line_to_say(
        self, client: FlaskClient, shop: Shop
    ) -> None:
        page = words(send(client, "/till/identify", text=shop.anna_card))
        assert "Anna" in page
        assert "0 points" in page
        assert "20% off coffee" in page
        assert "about every 2 weeks" in page
        assert "Hello Anna! Your offer “20% off coffee” counts today" in page

    def test_finds_by_mail_address(self, client: FlaskClient) -> None:
        answer = send(client, "/till/identify", text="anna@shop.example.com")
        assert "counts today" in words(answer)

    def test_keeps_the_address_out_of_addresses_of_pages(
        self, client: FlaskClient
    ) -> None:
        answer = send(client, "/till/identify", text="anna@shop.example.com")
        assert answer.request.full_path == "/till?"

    def test_offers_to_enrol_an_unknown_address(self, client: FlaskClient) -> None:
        answer = send(client, "/till/identify", text="601 234 567")
        assert answer.status_code == 404
        assert "Enrol 601 234 567" in words(answer)
        form = send(client, "/till/enrol/form", contact="601 234 567")
        assert 'value="601 234 567"' in form.text

    def test_says_that_the_check_digit_is_wrong(
        self, client: FlaskClient, shop: Shop
    ) -> None:
        wrong = shop.anna_card[:-1] + str((int(shop.anna_card[-1]) + 1) % 10)
        answer = send(client, "/till/identify", text=wrong)
        assert answer.status_code == 422
        assert "The check digit does not fit" in words(answer)
        assert f'value="{wrong}"' in answer.text

    def test_says_that_no_card_has_the_number(self, client: FlaskClient) -> None:
        answer = send(
            client, "/till/identify", text=card_number(prefix="261000", random_part=1)
        )
        assert answer.status_code == 404
        assert "No card has the number" in words(answer)

    def test_says_that_a_phone_number_has_digits_only(
        self, client: FlaskClient
    ) -> None:
        answer = send(client, "/till/identify", text="60l 234 567")
        assert answer.status_code == 422
        assert "A phone number has digits only" in words(answer)

    def test_escapes_what_was_typed(self, client: FlaskClient) -> None:
        answer = send(client, "/till/identify", text='"><script>x</script>')
        assert "<script>x" not in answer.text

    def test_lets_the_member_go_again(self, client: FlaskClient, shop: Shop) -> None:
        send(client, "/till/identify", text=shop.anna_card)
        assert "Anna" not in words(send(client, "/till/leave"))


class TestWhoMayServe:
    def test_nobody_without_signing_in(self, client: FlaskClient) -> None:
        client.delete_cookie("staff")
        answer = client.get("/till")
        assert answer.status_code == 303
        assert answer.location == "/staff/sign-in?next=/till"

    def test_nobody_before_choosing_a_store(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        _work_in(database, shop, store_id=None)
        answer = client.get("/till/basket")
        assert answer.status_code == 303
        assert answer.location == "/staff/store?next=/till/basket"

    def test_nobody_in_a_store_of_others(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        _work_in(database, shop, store_id=shop.south)
        assert client.get("/till").location == "/staff/store?next=/till"


def _work_in(database: Database, shop: Shop, *, store_id: int | None) -> None:

    with database.transaction() as session:
        session.execute(
            text("update staff_session set store_id = :store where staff_id = :staff"),
            {"store": store_id, "staff": shop.cashier},
        )
