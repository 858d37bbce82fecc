import json

from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.promotions.queries import get_promotion, list_promotions
from loyalty.promotions.schema import dump_promotion
from loyalty.promotions.service import create
from loyalty.promotions.values.states import PromotionState
from tests.factories import NOW, activate, enrol, promotion
from tests.integration.admin.pages import Values, problem_of, send, typed_in, words

FORM: Values = {
    "name_en": "20% off coffee",
    "trigger": "automatic",
    "audience": "members",
    "reward": "percent_off",
    "percent": "20",
    "on": "category",
    "on_category": "drinks/coffee",
    "min_spend": "",
    "first_day": "2026-12-01",
    "last_day": "2026-12-14",
    "days": ["mon", "fri"],
    "hours_from": "16:00",
    "hours_until": "18:00",
    "stores_shown": "yes",
    "stores": ["324"],
    "per_customer": "1",
    "per_purchase": "1",
    "total": "",
    "budget": "400",
    "combines": "alone",
    "action": "save",
}
RICH = promotion(
    "rich",
    valid={
        "from": "2026-12-01T08:30",
        "weekly": [
            {"days": ["mon"], "from": "08:00", "until": "10:00"},
            {"days": ["fri"], "from": "16:00", "until": "18:00"},
        ],
        "sales_channels": ["till"],
    },
    audience={"any": [{"tier": "gold"}, {"spent": {"at_least": "100.00"}}]},
    requires=[
        {"payment": ["card"]},
        {"quantity": {"of": {"all": True}, "at_least": 2}},
    ],
    reward={
        "bundle": {
            "parts": [
                {"skus": ["COFFEE"], "quantity": 1},
                {"skus": ["BREAD"], "quantity": 2},
            ],
            "price": "7.00",
        }
    },
    limits={"per_customer_per_day": 2},
    priority=7,
)


def document_of(database: Database, code: str) -> dict[str, object]:
    with database.transaction() as session:
        return dump_promotion(get_promotion(session, code=code).promotion)


class TestTheList:
    def test_says_where_to_begin_when_there_is_nothing(
        self, marketer: FlaskClient
    ) -> None:
        assert "No promotions yet" in words(marketer.get("/admin/promotions"))

    def test_shows_the_sentence_and_the_state(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee"))
            create(session, document=promotion("later"), actor="x", now=NOW)
        page = words(marketer.get("/admin/promotions?state=active"))
        assert "20% off Coffee" in page
        assert "later" not in page


class TestTheBuilder:
    def test_keeps_a_draft_with_everything_the_form_said(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        answer = send(marketer, "/admin/promotions/new/percent", FORM)
        assert answer.headers["Location"] == "/admin/promotions/20-off-coffee"
        assert document_of(database, "20-off-coffee") == {
            "code": "20-off-coffee",
            "name": {"en": "20% off coffee"},
            "trigger": "automatic",
            "valid": {
                "from": "2026-12-01T00:00",
                "until": "2026-12-15T00:00",
                "weekly": [{"days": ["mon", "fri"], "from": "16:00", "until": "18:00"}],
                "stores": ["324"],
                "sales_channels": None,
            },
            "audience": {"has_card": True},
            "requires": [],
            "reward": {
                "percent_off": {
                    "percent": "20",
                    "on": {"categories": ["drinks/coffee"]},
                    "units": None,
                    "at_most": None,
                }
            },
            "limits": {
                "per_purchase": 1,
                "per_customer": 1,
                "per_customer_per_day": None,
                "total": None,
                "budget": "400.00",
            },
            "combines": "alone",
            "priority": 0,
        }

    def test_only_saves_when_enter_is_pressed(self, marketer: FlaskClient) -> None:
        page = marketer.get("/admin/promotions/new/percent").text
        form = page[page.index('id="builder"') :]
        first_button = form[form.index("<button") :].split(">")[0]
        assert 'name="action" value="save"' in first_button

    def test_reads_digits_of_any_script(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        form = {**FORM, "percent": "\u06f1\u06f2,\u06f5", "per_customer": "\u06f3"}
        send(marketer, "/admin/promotions/new/percent", form)
        with database.transaction() as session:
            kept = get_promotion(session, code="20-off-coffee").promotion
        assert kept.limits.per_customer == 3
        assert '"12.5"' in json.dumps(dump_promotion(kept))

    def test_puts_problems_beside_their_fields_and_saves_nothing(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        form = {**FORM, "percent": "2000", "budget": "lots", "name_en": ""}
        answer = send(marketer, "/admin/promotions/new/percent", form)
        assert answer.status_code == 422
        assert "at most 100" in (problem_of(answer, "percent") or "")
        assert problem_of(answer, "budget") is not None
        assert problem_of(answer, "name_en") is not None
        assert problem_of(answer, "first_day") is None
        assert typed_in(answer, "percent") == "2000"
        assert typed_in(answer, "budget") == "lots"
        with database.transaction() as session:
            assert list_promotions(session) == ()

    def test_keeps_what_it_has_no_fields_for(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            create(session, document=RICH, actor="x", now=NOW)
        before = document_of(database, "rich")
        shown = marketer.get("/admin/promotions/rich").text
        assert shown.count('value="keep"') == 2
        form: Values = {
            "name_en": "Renamed",
            "audience": "keep",
            "reward": "keep",
            "on": "all",
            "first_day": "2026-12-01",
            "last_day": "",
            "stores_shown": "yes",
            "combines": "not_on_same_units",
            "action": "save",
        }
        answer = send(marketer, "/admin/promotions/rich", form)
        assert answer.status_code == 303
        assert document_of(database, "rich") == {**before, "name": {"en": "Renamed"}}

    def test_activates_pauses_and_ends(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        endless = {"first_day": "", "last_day": "", "action": "activate"}
        send(marketer, "/admin/promotions/new/percent", {**FORM, **endless})
        states = []
        for move in ("pause", "activate", "end", "activate"):
            send(marketer, f"/admin/promotions/20-off-coffee/{move}", {})
            with database.transaction() as session:
                states.append(get_promotion(session, code="20-off-coffee").state)
        assert states == [
            PromotionState.PAUSED,
            PromotionState.ACTIVE,
            PromotionState.ENDED,
            PromotionState.ENDED,
        ]

    def test_says_that_a_code_is_taken(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            create(session, document=promotion("coffee"), actor="x", now=NOW)
        form = {**FORM, "code": "coffee"}
        answer = send(marketer, "/admin/promotions/new/percent", form)
        assert answer.status_code == 409
        assert "already" in words(answer)


class TestLookingAtADraft:
    def test_says_it_in_words_and_counts_people(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            enrol(session)
        page = words(
            send(marketer, "/admin/promotions/look", {**FORM, "start": "percent"})
        )
        assert "20% off" in page
        assert "100% of 1 members" in page
        assert "Ada" in page
        assert "Too few shoppers" in page

    def test_writes_right_to_left_in_persian(self, marketer: FlaskClient) -> None:
        form = {**FORM, "start": "percent", "sentence_language": "fa"}
        answer = send(marketer, "/admin/promotions/look", form)
        assert 'lang="fa" dir="rtl"' in answer.text

    def test_says_what_is_missing(self, marketer: FlaskClient) -> None:
        form = {**FORM, "start": "percent", "percent": ""}
        page = words(send(marketer, "/admin/promotions/look", form))
        assert "Not complete yet" in page
        assert "/reward/percent_off/percent" in page

    def test_works_without_script(self, marketer: FlaskClient) -> None:
        form = {**FORM, "action": "look"}
        answer = send(marketer, "/admin/promotions/new/percent", form)
        assert answer.status_code == 200
        assert typed_in(answer, "budget") == "400"
        assert "Too few shoppers" in words(answer)


class TestTheDocument:
    def test_is_kept_as_a_new_version(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            create(session, document=promotion("coffee"), actor="x", now=NOW)
        send(
            marketer,
            "/admin/promotions/coffee/document",
            {"document": json.dumps({**RICH, "code": "coffee"})},
        )
        with database.transaction() as session:
            assert get_promotion(session, code="coffee").version == 2

    def test_is_refused_with_pointers_and_stays_as_typed(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            create(session, document=promotion("coffee"), actor="x", now=NOW)
        path = "/admin/promotions/coffee/document"
        wrong = json.dumps({**promotion("coffee"), "surprise": 1})
        answer = send(marketer, path, {"document": wrong})
        assert answer.status_code == 422
        assert "/surprise" in words(answer)
        assert "&#34;surprise&#34;: 1" in answer.text
        broken = send(marketer, path, {"document": "{"})
        assert broken.status_code == 422
        assert "no JSON" in words(broken)
        with database.transaction() as session:
            assert get_promotion(session, code="coffee").version == 1
