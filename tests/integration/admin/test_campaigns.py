from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.offers.queries import get_campaign, list_campaigns
from loyalty.promotions.service import create
from tests.factories import NOW, activate, promotion
from tests.integration.admin.conftest import RecordingQueue
from tests.integration.admin.pages import Values, problem_of, send, words

FORM: Values = {
    "name": "Winter",
    "code": "winter",
    "promotions": ["coffee"],
    "starts_at": "2026-12-01",
    "ends_at": "2026-12-14",
    "offers_per_customer": "2",
    "holdout_percent": "10",
}


class TestMakingACampaign:
    def test_keeps_it_with_its_last_day_included(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
        answer = send(marketer, "/admin/campaigns/new", FORM)
        assert answer.headers["Location"] == "/admin/campaigns/winter"
        with database.transaction() as session:
            kept = get_campaign(session, code="winter")
        assert kept.starts_at.isoformat() == "2026-11-30T23:00:00+00:00"
        assert kept.ends_at.isoformat() == "2026-12-14T23:00:00+00:00"
        assert (kept.offers_per_customer, kept.promotions) == (2, ("coffee",))
        page = words(marketer.get("/admin/campaigns/winter"))
        assert "There is nothing to compare before the campaign is planned" in page

    def test_says_what_is_wrong_beside_the_field(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
        for name, value in (
            ("holdout_percent", "90"),
            ("ends_at", "2026-11-01"),
            ("starts_at", "soon"),
            ("code", "Winter!"),
            ("offers_per_customer", "many"),
        ):
            answer = send(marketer, "/admin/campaigns/new", {**FORM, name: value})
            assert answer.status_code == 422
            assert problem_of(answer, name) is not None, name
        with database.transaction() as session:
            assert list_campaigns(session) == ()

    def test_offers_to_make_a_personal_promotion_first(
        self, marketer: FlaskClient
    ) -> None:
        page = words(marketer.get("/admin/campaigns/new"))
        assert "No personal promotions to choose from" in page


class TestPlanning:
    def test_asks_for_the_job_and_shows_how_far_it_is(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
        send(marketer, "/admin/campaigns/new", FORM)
        answer = send(marketer, "/admin/campaigns/winter/plan", {})
        assert queue.pushed == [("plan_campaign", {"campaign": "winter"})]
        page = marketer.get(answer.headers["Location"])
        assert 'hx-get="/admin/campaigns/winter/progress"' in page.text

    def test_wants_active_promotions(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        with database.transaction() as session:
            document = promotion("coffee", trigger="personal")
            create(session, document=document, actor="x", now=NOW)
        send(marketer, "/admin/campaigns/new", FORM)
        answer = send(marketer, "/admin/campaigns/winter/plan", {})
        assert answer.status_code == 409
        assert "Activate its promotions first: coffee" in words(answer)
        assert queue.pushed == []
