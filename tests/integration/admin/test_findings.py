"""The check beside the builder, and what it keeps from running."""

from dataclasses import replace

from flask.testing import FlaskClient

from loyalty.catalogue.service import save_products
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.core.money import Money
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.service import create
from loyalty.promotions.values.states import PromotionState
from tests.factories import NOW, activate, article, promotion
from tests.integration.admin.pages import Values, send, words

FORM: Values = {
    "name_en": "Coffee",
    "trigger": "automatic",
    "audience": "everyone",
    "reward": "percent_off",
    "percent": "20",
    "on": "category",
    "on_category": "drinks/coffee",
    "stores_shown": "yes",
    "combines": "not_on_same_units",
    "action": "activate",
}
MEANT = "This is meant"


def make_dear(database: Database) -> None:
    """Let coffee cost the shop nearly what it is sold for."""
    dear = replace(
        article("COFFEE", "drinks/coffee", 499), cost=Money(amount=450, currency="EUR")
    )
    with database.transaction() as session:
        save_products(session, products=[dear], now=machine_now())


def states(database: Database) -> dict[str, PromotionState]:
    with database.transaction() as session:
        return {one.promotion.code: one.state for one in list_promotions(session)}


class TestFindings:
    def test_are_shown_while_typing(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        make_dear(database)
        with database.transaction() as session:
            activate(session, promotion("cheaper", name={"en": "Coffee fest"}))

        shown = send(marketer, "/admin/promotions/findings", FORM)

        text = words(shown)
        assert "It sells 1 article below its cost, by up to €0.51 a unit." in text
        assert "€4.99, then €3.99" in text
        assert "Cost: €4.50" in text
        assert MEANT in text
        assert "Nothing limits what it may give in all" in text
        assert (
            '<a href="/admin/promotions/cheaper"><bdi>Coffee fest</bdi>' in shown.text
        )

    def test_say_when_there_are_none(self, marketer: FlaskClient) -> None:
        names = {f"name_{code}": "Kawa" for code in ("pl", "ru", "sl", "fa")}
        quiet: Values = {**FORM, **names, "budget": "100", "trigger": "code"}

        assert "Nothing stands against it." in words(
            send(marketer, "/admin/promotions/findings", quiet)
        )


class TestActivating:
    def test_waits_for_warnings_to_be_ticked(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        make_dear(database)

        refused = send(marketer, "/admin/promotions/new/percent", FORM)

        assert refused.status_code == 409
        assert "tick the warnings that are meant" in words(refused)
        assert "It sells 1 article below its cost" in words(refused)
        assert states(database) == {}
        meant: Values = {**FORM, "acknowledge": ["below_cost"]}
        send(marketer, "/admin/promotions/new/percent", meant)
        assert states(database) == {"coffee": PromotionState.ACTIVE}

    def test_never_lets_an_error_pass(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        over: Values = {**FORM, "last_day": "2026-01-01", "acknowledge": ["over"]}

        refused = send(marketer, "/admin/promotions/new/percent", over)

        assert refused.status_code == 409
        assert "its time ended" in words(refused)
        assert MEANT not in words(refused)
        assert states(database) == {}

    def test_of_a_paused_one_is_checked_too(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            create(
                session,
                document=promotion("old", valid={"until": "2026-01-01T00:00"}),
                actor="staff:1",
                now=NOW,
            )

        send(marketer, "/admin/promotions/old/activate", {})

        assert states(database) == {"old": PromotionState.DRAFT}
        page = words(marketer.get("/admin/promotions/old"))
        assert "It was not activated" in page
