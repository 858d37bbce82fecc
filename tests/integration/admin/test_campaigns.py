import re

from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import get_campaign, list_campaigns
from loyalty.offers.service import (
    add_members,
    keep_nothing,
    make_offers,
    mark_planned,
)
from loyalty.offers.values import (
    Aim,
    Audience,
    CampaignState,
    NewOffer,
    NothingBecause,
    Odds,
    Once,
    Weekly,
)
from loyalty.promotions.service import create
from loyalty.recommendations.values import RunKind
from tests.factories import NOW, activate, enrol, promotion
from tests.integration.admin.conftest import RecordingQueue
from tests.integration.admin.pages import Values, problem_of, send, words
from tests.integration.admin.recommended import done, failed, running, shared_out

FORM: Values = {
    "name": "Winter",
    "code": "winter",
    "promotions": ["coffee"],
    "starts_at": "2026-12-01",
    "ends_at": "2026-12-14",
    "offers_per_customer": "2",
    "holdout_percent": "10",
}


def offer(customer_id: CustomerID) -> NewOffer:
    """Return an offer of something new."""
    return NewOffer(
        customer_id=customer_id,
        promotion="coffee",
        score=1.0,
        reason={"kind": "popular"},
        model_version="v1",
        odds=Odds(probability=0.2, value=5.0, aim=Aim.DISCOVERY, parts={"taste": 1.0}),
    )


class TestMakingACampaign:
    def test_keeps_it_with_its_last_day_included(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
        answer = send(marketer, "/admin/campaigns/new", FORM)
        assert answer.headers["Location"] == "/admin/campaigns/winter/audience"
        with database.transaction() as session:
            kept = get_campaign(session, code="winter")
        assert kept.starts_at.isoformat() == "2026-11-30T23:00:00+00:00"
        assert kept.ends_at.isoformat() == "2026-12-14T23:00:00+00:00"
        assert (kept.offers_per_customer, kept.promotions) == (2, ("coffee",))
        page = words(marketer.get("/admin/campaigns/winter"))
        assert "There is nothing to compare before the campaign has begun" in page

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
            ("discovery_percent", "101"),
            ("budget", "much"),
            ("budget", "-5"),
            ("most_offers", "0"),
            ("redemption_value", "1.234"),
        ):
            answer = send(marketer, "/admin/campaigns/new", {**FORM, name: value})
            assert answer.status_code == 422
            assert problem_of(answer, name) is not None, name
        with database.transaction() as session:
            assert list_campaigns(session) == ()

    def test_keeps_what_the_offers_are_for_and_may_cost(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
        limits: Values = {
            "discovery_percent": "۵۰",
            "budget": "1500",
            "most_offers": "2000",
            "redemption_value": "0.80",
            "explores": "yes",
        }
        send(marketer, "/admin/campaigns/new", {**FORM, **limits})
        with database.transaction() as session:
            kept = get_campaign(session, code="winter")
        assert (kept.discovery_percent, kept.budget) == (50, 150_000)
        assert (kept.most_offers, kept.redemption_value) == (2000, 80)
        assert kept.explores
        page = words(marketer.get("/admin/campaigns/winter"))
        assert "Budget €1,500.00" in page
        assert "at least 50% of each customer's offers" in page

    def test_has_no_limits_unless_they_are_typed(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
        form = marketer.get("/admin/campaigns/new").text
        assert re.search('name="explores" value="yes" checked', form)
        send(marketer, "/admin/campaigns/new", FORM)
        with database.transaction() as session:
            kept = get_campaign(session, code="winter")
        assert (kept.budget, kept.most_offers, kept.redemption_value) == (None,) * 3
        assert (kept.discovery_percent, kept.explores) == (25, False)

    def test_offers_to_make_a_personal_promotion_first(
        self, marketer: FlaskClient
    ) -> None:
        page = words(marketer.get("/admin/campaigns/new"))
        assert "No personal promotions to choose from" in page


class TestBuilding:
    def test_goes_from_step_to_step_and_keeps_each(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
            enrol(session)
        send(marketer, "/admin/campaigns/new", FORM)
        own = "/admin/campaigns/winter"
        answer = send(
            marketer,
            f"{own}/audience",
            {
                "languages_is": "all",
                "languages": ["en", "pl"],
                "points_is": "none",
                "points_least": "۵۰۰",
                "last_purchase_is": "any",
                "bought_after": "30",
            },
        )
        assert answer.headers["Location"] == f"{own}/when"
        form: Values = {"trigger": "weekly", "week_days": ["mon", "thu"], "at": "09:30"}
        answer = send(marketer, f"{own}/when", {**form, "valid_days": "7"})
        assert answer.headers["Location"] == f"{own}/message"
        ways = {"share_0": "50", "share_1": "50", "hour_1": "18"}
        answer = send(marketer, f"{own}/message", {"template": "offer", **ways})
        assert answer.headers["Location"] == f"{own}/check"

        page = words(marketer.get(f"{own}/check"))
        assert "They are written to in: en, pl." in page
        assert "Not those who have at least 500 points." in page
        assert "Every week on Monday, Thursday at 09:30." in page
        assert "told in 2 ways" in page
        for step in ("edit", "audience", "when", "message"):
            assert marketer.get(f"{own}/{step}").status_code == 200
        assert queue.pushed == []

        send(marketer, f"{own}/launch", {})
        assert queue.pushed == [("run_campaigns", {})]
        with database.transaction() as session:
            kept = get_campaign(session, code="winter")
        assert kept.state is CampaignState.SCHEDULED
        assert kept.trigger == Weekly(days=(0, 3), minute=570)
        assert [one.hour for one in kept.variants] == [None, 18]
        assert "It is launched" in words(send(marketer, f"{own}/when", form))

    def test_says_what_is_wrong_beside_the_condition(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
        send(marketer, "/admin/campaigns/new", FORM)
        own = "/admin/campaigns/winter"
        answer = send(marketer, f"{own}/audience", {"segments_is": "all"})
        assert answer.status_code == 422
        assert "Must not be empty." in words(answer)
        answer = send(marketer, f"{own}/when", {"trigger": "lapsed", "event_days": ""})
        assert answer.status_code == 422
        answer = send(marketer, f"{own}/message", {"share_0": "60", "share_1": "60"})
        assert answer.status_code == 422
        assert "must differ" in words(answer)
        with database.transaction() as session:
            kept = get_campaign(session, code="winter")
        assert (kept.audience, kept.trigger, kept.variants) == (Audience(), Once(), ())

    def test_counts_while_it_is_typed(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            enrol(session)
            enrol(session, "bea@example.org", agrees=False)
        page = words(send(marketer, "/admin/campaigns/count", {}))
        assert "Customers 2 Agreed to personal offers 1" in page
        form: Values = {"languages_is": "all", "languages": ["fa"]}
        page = words(send(marketer, "/admin/campaigns/count", form))
        assert "Customers 0" in page
        page = words(send(marketer, "/admin/campaigns/count", {"points_is": "all"}))
        assert "not filled in yet" in page

    def test_asks_what_it_would_cost(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
        send(marketer, "/admin/campaigns/new", FORM)
        send(marketer, "/admin/campaigns/winter/preview", {})
        assert queue.pushed == [("preview_campaign", {"campaign": "winter"})]
        page = marketer.get("/admin/campaigns/winter/check").text
        assert 'hx-get="/admin/campaigns/winter/preview"' in page


class TestStopping:
    def test_is_one_press_and_can_be_undone(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
        later = {"starts_at": "2030-12-01", "ends_at": "2030-12-14"}
        send(marketer, "/admin/campaigns/new", {**FORM, **later})
        own = "/admin/campaigns/winter"
        send(marketer, f"{own}/launch", {})
        send(marketer, f"{own}/stop", {"withdraw": "yes"})
        page = words(marketer.get(own))
        assert "Stopped" in page
        assert "Resume" in page
        assert send(marketer, f"{own}/stop", {}).status_code == 409
        send(marketer, f"{own}/resume", {})
        with database.transaction() as session:
            kept = get_campaign(session, code="winter")
        assert kept.state is CampaignState.SCHEDULED


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
        assert "Plan now" not in words(page)
        send(marketer, "/admin/campaigns/winter/plan", {})
        assert len(queue.pushed) == 1
        again = words(marketer.get("/admin/campaigns/winter"))
        assert "choosing its offers already" in again

    def test_shows_the_way_on_when_it_is_done_or_failed(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
        send(marketer, "/admin/campaigns/new", FORM)
        polled = "/admin/campaigns/winter/progress"
        with database.transaction() as session:
            held = running(session, RunKind.ALLOCATE, subject="winter")
        assert "3 of 8" in words(marketer.get(polled))
        with database.transaction() as session:
            failed(session, held, "No model was trained yet.")
        page = words(marketer.get("/admin/campaigns/winter"))
        assert "failed. No model was trained yet." in page
        assert "Plan now" in page
        with database.transaction() as session:
            campaign = get_campaign(session, code="winter")
            mark_planned(session, campaign=campaign, now=NOW)
        answer = marketer.get(polled)
        assert "Planned. Show the offers" in words(answer)
        assert "hx-get" not in answer.text

    def test_tells_how_the_offers_were_shared_out(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee", trigger="personal"))
            ada = enrol(session).profile.id
            bea = enrol(session, "bea@example.org").profile.id
        send(marketer, "/admin/campaigns/new", FORM)
        with database.transaction() as session:
            held = running(session, RunKind.ALLOCATE, subject="winter")
            done(session, held, shared_out())
            campaign = get_campaign(session, code="winter")
            groups = {ada: False, bea: False}
            add_members(session, campaign=campaign, groups=groups)
            spent = {bea: NothingBecause.BUDGET_SPENT}
            keep_nothing(session, campaign=campaign, because=spent)
            make_offers(session, campaign=campaign, offers=[offer(ada)], now=NOW)
            mark_planned(session, campaign=campaign, now=NOW)
        page = words(marketer.get("/admin/campaigns/winter"))
        assert "after what they cost €482.13" in page
        assert "at least 99.8% of the best that is possible" in page
        assert "The budget went where it brings more : 1 customer" in page
        assert "something new Many of our customers like it. about 1 in 5" in page

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
