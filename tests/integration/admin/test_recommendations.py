from itertools import product

import pytest
from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.customers.queries import list_changes
from loyalty.customers.values import CustomerID
from loyalty.offers.values import NothingBecause
from loyalty.recommendations.queries import list_models, list_runs
from loyalty.recommendations.service.runs import ask
from loyalty.recommendations.service.versions import keep_models
from loyalty.recommendations.values import ModelState, NewRun, RunKind
from loyalty.staff.values import Role
from tests.factories import NOW, activate, enrol, promotion
from tests.integration.admin.conftest import RecordingQueue, SignIn
from tests.integration.admin.pages import send, words
from tests.integration.admin.recommended import (
    NEWER,
    OLDER,
    done,
    failed,
    model,
    recommend,
    report,
    running,
    shared_out,
    two_models,
)

OWN = "/admin/recommendations"
PAGES = (OWN, f"{OWN}/quality", f"{OWN}/coverage", f"{OWN}/models")


@pytest.fixture
def ada(database: Database) -> CustomerID:
    """Enrol somebody who agrees to personal offers."""
    with database.transaction() as session:
        activate(session, promotion("coffee", trigger="personal"))
        activate(session, promotion("tea", trigger="personal"))
        return enrol(session).profile.id


class TestPages:
    def test_say_what_to_do_while_there_is_nothing(self, marketer: FlaskClient) -> None:
        assert "No model yet" in words(marketer.get(OWN))
        assert "No model yet" in words(marketer.get(f"{OWN}/quality"))
        assert "No model yet" in words(marketer.get(f"{OWN}/models"))
        page = words(marketer.get(f"{OWN}/coverage"))
        assert "Nobody has agreed to personal offers yet" in page

    def test_are_not_for_a_manager_of_one_store(self, sign_in: SignIn) -> None:
        manager = sign_in(Role.MANAGER)
        assert {manager.get(path).status_code for path in PAGES} == {403}

    def test_are_written_in_every_language(
        self, marketer: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        with database.transaction() as session:
            two_models(session)
            recommend(session, ada, "coffee", "tea")
        for path, language in product(PAGES, ("pl", "ru", "sl", "fa")):
            answer = marketer.get(f"{path}?lang={language}", follow_redirects=True)
            assert answer.status_code == 200
            assert f'lang="{language}"' in answer.text


class TestOverview:
    def test_says_how_much_better_it_is_and_how_sure_that_is(
        self, marketer: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        with database.transaction() as session:
            two_models(session)
            recommend(session, ada, "coffee", "tea")
        page = words(marketer.get(OWN))
        assert (
            "It finds 2.5% more of what customers then buy than going by what they "
            "buy anyway; in 95 of 100 draws between 1.9% and 3.1% more." in page
        )
        assert (
            "Of what they had never bought before it finds 12.6% more than going by "
            "what sells most" in page
        )
        assert "100% 1 of 1 who agreed" in page
        assert "50% of what is recommended" in page

    def test_warns_of_a_model_that_no_night_replaced(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            keep_models(session, models=[model(trained_at=NOW.replace(day=1))])
        assert "brought no better one" in words(marketer.get(OWN))

    def test_shows_how_far_a_run_is_and_asks_again(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            held = running(session, RunKind.TRAIN)
        polled = f"{OWN}/runs/{held.run.id}/progress"
        page = marketer.get(OWN)
        assert f'hx-get="{polled}"' in page.text
        assert '<progress class="share-bar" value="3" max="8"' in page.text
        assert "3 of 8" in words(marketer.get(polled))
        with database.transaction() as session:
            done(session, held, {})
        answer = marketer.get(polled)
        assert "Training is done." in words(answer)
        assert "hx-get" not in answer.text

    def test_says_what_failed_and_what_holds_meanwhile(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            two_models(session)
            failed(session, running(session, RunKind.TRAIN), "The model is damaged.")
        page = words(marketer.get(OWN))
        assert (
            "Failed last time: Training, 20 Nov, 12:00. The model is damaged." in page
        )
        assert "what there was before counts" in page
        with database.transaction() as session:
            done(session, running(session, RunKind.TRAIN), {})
        assert "Failed last time" not in words(marketer.get(OWN))

    def test_says_so_when_the_model_in_use_is_gone(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            keep_models(session, models=[model(state=ModelState.STORED)])
        page = words(marketer.get(OWN))
        assert "The one that was is damaged or gone. Take another into use" in page

    def test_says_so_when_a_model_was_not_tested(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            keep_models(session, models=[model(report=None, verdict=None)])
        assert "How good it is was not tested" in words(marketer.get(OWN))
        page = words(marketer.get(f"{OWN}/quality"))
        assert "This model was not tested" in page

    def test_takes_a_report_of_another_hand_for_none(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            keep_models(session, models=[model(report={"rows": []})])
        assert "How good it is was not tested" in words(marketer.get(OWN))


class TestTraining:
    def test_is_asked_for_after_a_question(
        self, marketer: FlaskClient, queue: RecordingQueue
    ) -> None:
        assert "taken into use only if it is not worse" in words(
            marketer.get(f"{OWN}/train")
        )
        answer = send(marketer, f"{OWN}/train", {})
        assert answer.headers["Location"] == OWN
        assert queue.pushed == [("train", {"asked": True})]
        assert "Training waiting for a worker" in words(marketer.get(OWN))

    def test_is_not_begun_twice(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        with database.transaction() as session:
            running(session, RunKind.TRAIN)
        send(marketer, f"{OWN}/train", {})
        assert "This is being done already" in words(marketer.get(OWN))
        assert queue.pushed == []

    def test_needs_a_role_in_all_stores(
        self, sign_in: SignIn, queue: RecordingQueue
    ) -> None:
        manager = sign_in(Role.MANAGER)
        switched = f"models/{NEWER}/promote"
        for action in ("train", "score", "models/back", switched):
            assert send(manager, f"{OWN}/{action}", {}).status_code == 403
        assert queue.pushed == []


class TestQuality:
    def test_draws_each_ranking_against_what_they_buy_anyway(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            two_models(session)
        answer = marketer.get(f"{OWN}/quality")
        page = words(answer)
        for text in (
            "All of it, weighed together 0.661",
            "What they buy anyway 0.645",
            "What would be lost without LightFM",
            "What is new to them 11.5%",
            "1 to 3 purchases",
            "Campaigns of kind B and C",
            "on average they are off by 0.4%",
            "31 Aug 2026, 28 Sept 2026 and 26 Oct 2026",
        ):
            assert text in page, text
        assert answer.text.count("<circle") == len(report()["calibration"]["bins"])

    def test_leaves_out_what_was_not_evaluated(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        short = report()
        for name in ("coverage", "calibration", "campaigns", "cold_start"):
            del short[name]
        with database.transaction() as session:
            keep_models(session, models=[model(report=short)])
        page = words(marketer.get(f"{OWN}/quality"))
        assert "Of all that they then bought" in page
        assert "When little is known" not in page
        assert "Do its probabilities come true" not in page


class TestCoverage:
    def test_counts_who_gets_something_and_why_others_do_not(
        self, marketer: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        with database.transaction() as session:
            bea = enrol(session, "bea@example.org").profile.id
            enrol(session, "eve@example.org")
            recommend(session, ada, "coffee", nothing={bea: NothingBecause.NOT_WANTED})
        page = words(marketer.get(f"{OWN}/coverage"))
        assert "get personal offers 1 33.3%" in page
        assert "not looked at yet 1 33.3%" in page
        assert "They said “not for me” to all that is left : 1 customer" in page
        assert "Add promotions about something else" in page
        listed = marketer.get(f"{OWN}/coverage/not_wanted")
        assert f'href="/admin/customers/{bea}"' in listed.text
        empty = words(marketer.get(f"{OWN}/coverage/had_lately"))
        assert "Nobody gets nothing for this reason" in empty
        assert marketer.get(f"{OWN}/coverage/bad-luck").status_code == 404

    def test_says_how_often_each_would_be_redeemed(
        self, marketer: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        with database.transaction() as session:
            for number in range(3):
                other = enrol(session, f"m{number}@example.org").profile.id
                recommend(session, other, "coffee")
            recommend(session, ada, "tea")
        page = words(marketer.get(f"{OWN}/coverage"))
        # Three at one half each.
        assert "3 75% 1.5" in page
        listed = words(marketer.get(f"{OWN}/coverage/promotions/coffee"))
        assert "Recommended to 3 customers" in listed
        assert "for a habit Many of our customers like it. about 1 in 2" in listed
        assert marketer.get(f"{OWN}/coverage/promotions/no").status_code == 404

    def test_tells_what_held_a_campaign_back(
        self, marketer: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        assert ada
        with database.transaction() as session:
            held = running(session, RunKind.ALLOCATE, subject="winter")
            done(session, held, shared_out())
        page = words(marketer.get(f"{OWN}/coverage"))
        assert "winter €482.13 €210.00 99.8%" in page
        assert "coffee: its limit, of which 200 was left; one more would bring" in page
        assert "tea: its budget, of which €50.00 was left; €1.00 more would" in page


class TestModels:
    def test_say_which_is_in_use_and_how_good_each_was(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            two_models(session)
        page = words(marketer.get(f"{OWN}/models"))
        assert page.index(f"In use {NEWER}") < page.index(f"In use before {OLDER}")
        assert "From 781,204 purchases of 2,102 customers" in page
        assert "24 Nov 2025 to 21 Nov 2026" in page

    def test_are_switched_after_a_look_at_the_difference(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        with database.transaction() as session:
            two_models(session)
        path = f"{OWN}/models/{OLDER}/promote"
        page = words(marketer.get(path))
        assert "In use now 0.661" in page
        assert "Then in use 0.657" in page
        assert "tested on different days" not in page
        answer = send(marketer, path, {})
        assert answer.headers["Location"] == f"{OWN}/models"
        assert queue.pushed == [("promote_model", {"version": OLDER})]
        page = words(marketer.get(f"{OWN}/models"))
        assert f"Taking a model into use {OLDER}" in page
        assert "Waiting 20 Nov, 12:00 Marketer" in page

    def test_are_left_alone_when_there_is_none_of_that_name(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        assert send(marketer, f"{OWN}/models/x/promote", {}).status_code == 404
        with database.transaction() as session:
            assert list_runs(session) == ()
        assert queue.pushed == []

    def test_go_back_to_the_one_before(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        page = words(marketer.get(f"{OWN}/models/back"))
        assert "There is no earlier model" in page
        with database.transaction() as session:
            two_models(session)
            # A later training that was in use long before.
            facts = {**model().facts, "turn": -1}
            latest = model("20261123T010005Z-0", state=ModelState.EARLIER, facts=facts)
            keep_models(session, models=[latest, *list_models(session)])
        page = words(marketer.get(f"{OWN}/models/back"))
        assert page.index(NEWER) < page.index(OLDER)
        assert latest.version not in page
        send(marketer, f"{OWN}/models/back", {})
        assert queue.pushed == [("roll_back_model", {})]

    def test_say_why_one_was_refused(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        verdict = report()["gate"]
        verdict["reasons"][0]["kind"] = "worse_than_running"
        with database.transaction() as session:
            keep_models(session, models=[model(verdict=verdict)])
        page = words(marketer.get(f"{OWN}/models"))
        assert "Not taken into use: it is worse than the model that runs" in page


class TestCustomer:
    def test_shows_what_would_be_offered_and_what_each_score_is_made_of(
        self, marketer: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        with database.transaction() as session:
            recommend(session, ada, "coffee", "tea")
        page = words(marketer.get(f"/admin/customers/{ada}"))
        for text in (
            "for a habit about 1 in 2 (50%)",
            "something new about 1 in 4 (25%)",
            "How often they buy it likelier",
            "How much everybody buys it less likely",
            "An ordinary offer where all begin",
            "How often they buy it likelier +1.40",
        ):
            assert text in page, text

    def test_says_why_there_is_nothing(
        self, marketer: FlaskClient, database: Database, ada: CustomerID
    ) -> None:
        path = f"/admin/customers/{ada}"
        assert "There is no model yet" in words(marketer.get(path))
        with database.transaction() as session:
            two_models(session)
        assert "Nobody has looked yet" in words(marketer.get(path))
        with database.transaction() as session:
            recommend(session, ada, nothing={ada: NothingBecause.HAD_LATELY})
        assert "They were offered all of it lately" in words(marketer.get(path))
        with database.transaction() as session:
            bea = enrol(session, "bea@example.org", agrees=False).profile.id
        page = words(marketer.get(f"/admin/customers/{bea}"))
        assert "No personal offers are wanted" in page

    def test_is_scored_again_on_request(
        self,
        marketer: FlaskClient,
        sign_in: SignIn,
        database: Database,
        queue: RecordingQueue,
        ada: CustomerID,
    ) -> None:
        path = f"/admin/customers/{ada}/score"
        assert "Score again now" not in words(
            sign_in(Role.MANAGER).get(f"/admin/customers/{ada}")
        )
        with database.transaction() as session:
            before = len(list_changes(session, most=10))
        send(marketer, path, {})
        assert queue.pushed == [("score_changed", {})]
        with database.transaction() as session:
            changes = list_changes(session, most=10)
        assert [one.customer_id for one in changes[before:]] == [ada]
        assert send(marketer, "/admin/customers/1/score", {}).status_code == 404


def test_asking_twice_is_said_once(
    marketer: FlaskClient, database: Database, ada: CustomerID
) -> None:
    with database.transaction() as session:
        ask(session, run=NewRun(kind=RunKind.RESCORE), now=NOW)
    send(marketer, f"/admin/customers/{ada}/score", {})
    assert "being done already" in words(marketer.get(f"/admin/customers/{ada}"))
