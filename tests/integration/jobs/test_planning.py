"""Campaigns planned within what is left, whatever happens meanwhile."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.tasks import planning
from jobs.tasks.planning import Shop, plan_offers
from jobs.tasks.previewing import preview
from jobs.tasks.running import quiet
from jobs.tasks.topping_up import top_up
from jobs.tasks.training import train_model
from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import (
    campaign_offers,
    counts,
    get_campaign,
    nothing_because,
)
from loyalty.offers.service import create_campaign
from loyalty.offers.values import Aim, CampaignState, NewCampaign, NothingBecause, Offer
from loyalty.recommendations.queries import latest_run, list_runs
from loyalty.recommendations.values import RunKind, RunState
from loyalty.usecases.plan_campaign import CampaignNotRunning
from recommender.registry import DamagedModel
from tests.factories import NOW, activate, enrol, promotion
from tests.integration.jobs.learners import (
    learn_little,
    make_learners,
    make_offers,
    withdraw,
)

CODES = ("coffee", "pizza", "tea")


@pytest.fixture
def shop(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    learn_little(monkeypatch)
    make_learners(database)
    train_model(database, tmp_path, now=NOW, progress=quiet)
    return Shop(database=database, data_dir=tmp_path, providers=())


@pytest.fixture
def promoted(shop: Shop) -> Shop:
    make_offers(shop.database)
    return shop


def draft(shop: Shop, code: str, *codes: str, **settings: Any) -> str:  # noqa: ANN401
    campaign = NewCampaign(
        code=code,
        name=code,
        starts_at=NOW,
        ends_at=NOW + timedelta(days=14),
        promotions=codes or CODES,
        offers_per_customer=2,
        holdout_percent=0,
        explores=False,
    )
    with shop.database.transaction() as session:
        create_campaign(
            session, campaign=replace(campaign, **settings), actor="staff:1", now=NOW
        )
    return code


def made(shop: Shop, code: str) -> tuple[Offer, ...]:
    with shop.database.transaction() as session:
        campaign = get_campaign(session, code=code)
        return campaign_offers(session, campaign_id=campaign.id)


def report(shop: Shop, code: str) -> dict[str, Any]:
    with shop.database.transaction() as session:
        run = latest_run(session, kind=RunKind.ALLOCATE, subject=code)
    assert run is not None
    assert run.state is RunState.DONE
    return dict(run.report or {})


def before_making(monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:  # noqa: ANN401
    """Let something happen once, after the choice and before it is written."""
    keep = planning._keep  # noqa: SLF001  # the step after

    def kept(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        monkeypatch.setattr(planning, "_keep", keep)
        happens()
        return keep(*arguments, **named)

    monkeypatch.setattr(planning, "_keep", kept)


class TestPlanning:
    def test_keeps_what_was_expected_of_each_offer(self, promoted: Shop) -> None:
        plan_offers(promoted, campaign=draft(promoted, "autumn"), now=NOW)

        offers = made(promoted, "autumn")
        assert len({offer.customer_id for offer in offers}) == 12
        for offer in offers:
            assert offer.odds is not None
            assert 0 <= offer.odds.probability <= 1
            assert offer.odds.value > 0
            assert "base" in offer.odds.parts
        assert {o.odds.aim for o in offers if o.odds} == {Aim.REWARD, Aim.DISCOVERY}

    def test_keeps_how_likely_each_draw_was(self, promoted: Shop) -> None:
        plan_offers(promoted, campaign=draft(promoted, "drawn", explores=True), now=NOW)

        odds = [offer.odds for offer in made(promoted, "drawn") if offer.odds]
        assert {one.rank for one in odds} == {1, 2}
        assert all(one.propensity and one.propensity <= 1 for one in odds)

    def test_draws_nothing_where_the_campaign_does_not_explore(
        self, promoted: Shop
    ) -> None:
        plan_offers(promoted, campaign=draft(promoted, "plain"), now=NOW)

        odds = [offer.odds for offer in made(promoted, "plain") if offer.odds]
        assert {one.propensity for one in odds} == {None}
        assert report(promoted, "plain")["explored"] == 0

    def test_reports_what_came_of_it(self, promoted: Shop) -> None:
        plan_offers(
            promoted, campaign=draft(promoted, "autumn"), actor="staff:1", now=NOW
        )

        found = report(promoted, "autumn")
        assert (found["customers"], found["served"]) == (12, 12)
        assert found["offers"] == len(made(promoted, "autumn"))
        assert found["bound"] >= found["value"] > 0
        assert found["currency"] == "EUR"
        assert found["nothing"] == {}

    def test_makes_no_more_offers_than_a_promotion_has_uses(self, shop: Shop) -> None:
        with shop.database.transaction() as session:
            few = promotion("few", trigger="personal", limits={"total": 3})
            activate(session, few)

        plan_offers(shop, campaign=draft(shop, "autumn", "few"), now=NOW)

        assert len(made(shop, "autumn")) == 3
        assert report(shop, "autumn")["nothing"] == {"budget_spent": 9}
        with shop.database.transaction() as session:
            campaign = get_campaign(session, code="autumn")
            because = nothing_because(session, campaign_id=campaign.id)
        assert because == {NothingBecause.BUDGET_SPENT: 9}

    def test_spends_no_more_than_the_campaign_may(self, promoted: Shop) -> None:
        code = draft(promoted, "autumn", budget=50, most_offers=10)

        plan_offers(promoted, campaign=code, now=NOW)

        found = report(promoted, "autumn")
        assert 0 < found["offers"] <= 10
        assert 0 < found["cost"] <= 50

    def test_of_two_at_once_leaves_to_one_what_the_other_took(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with shop.database.transaction() as session:
            few = promotion("few", trigger="personal", limits={"total": 5})
            activate(session, few)
        slow, quick = draft(shop, "slow", "few"), draft(shop, "quick", "few")
        before_making(monkeypatch, lambda: plan_offers(shop, campaign=quick, now=NOW))

        plan_offers(shop, campaign=slow, now=NOW)

        assert len(made(shop, quick)) == 5
        assert made(shop, slow) == ()
        assert report(shop, slow)["nothing"] == {"budget_spent": 7, "had_lately": 5}

    def test_offers_nothing_again_that_was_offered_last_week(
        self, promoted: Shop
    ) -> None:
        plan_offers(promoted, campaign=draft(promoted, "first", "tea"), now=NOW)
        later = NOW + timedelta(days=3)
        plan_offers(promoted, campaign=draft(promoted, "second", "tea"), now=later)
        assert made(promoted, "second") == ()
        assert report(promoted, "second")["nothing"] == {"had_lately": 12}

    def test_offers_a_promotion_only_to_its_audience(self, shop: Shop) -> None:
        with shop.database.transaction() as session:
            polish = promotion(
                "polish", trigger="personal", audience={"language": "pl"}
            )
            activate(session, polish)

        plan_offers(shop, campaign=draft(shop, "autumn", "polish"), now=NOW)

        assert report(shop, "autumn")["nothing"] == {"not_wanted": 12}

    def test_makes_nothing_for_who_withdrew_meanwhile(
        self, promoted: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = draft(promoted, "autumn")
        with promoted.database.transaction() as session:
            gone = enrol(session, "person0@example.org").profile.id
        before_making(monkeypatch, lambda: withdraw(promoted.database, gone))

        outcome = plan_offers(promoted, campaign=code, now=NOW)

        assert outcome.withdrawn == 1
        assert gone not in {offer.customer_id for offer in made(promoted, code)}

    def test_with_a_damaged_model_leaves_a_draft_and_says_why(
        self, promoted: Shop
    ) -> None:
        code = draft(promoted, "autumn")
        (trees,) = promoted.data_dir.glob("models/*/arrays.npz")
        trees.write_bytes(b"")

        with pytest.raises(DamagedModel):
            plan_offers(promoted, campaign=code, now=NOW)

        with promoted.database.transaction() as session:
            (run,) = list_runs(session, kinds=[RunKind.ALLOCATE])
            assert get_campaign(session, code=code).state is CampaignState.DRAFT
        assert run.error is not None
        assert "is not what was stored" in run.error
        assert made(promoted, code) == ()


class TestPreview:
    def test_says_what_would_be_done_and_leaves_no_trace(self, promoted: Shop) -> None:
        code = draft(promoted, "autumn")

        _opened, picks, found = preview(promoted, campaign=code, now=NOW)

        assert found["served"] == len({pick.customer_id for pick in picks}) == 12
        with promoted.database.transaction() as session:
            campaign = get_campaign(session, code=code)
            assert counts(session, campaign_id=campaign.id).members == 0
            assert list_runs(session, kinds=[RunKind.ALLOCATE]) == ()


class TestToppingUp:
    def test_makes_offers_for_who_agreed_since(self, promoted: Shop) -> None:
        code = draft(promoted, "autumn", holdout_percent=50)
        plan_offers(promoted, campaign=code, now=NOW)
        before = {offer.customer_id for offer in made(promoted, code)}
        new = newcomers(promoted, 8)

        outcome = top_up(promoted, campaign=code, now=NOW + timedelta(days=1))

        assert outcome is not None
        with promoted.database.transaction() as session:
            campaign = get_campaign(session, code=code)
            found = counts(session, campaign_id=campaign.id)
        assert found.members == 20
        served = {offer.customer_id for offer in made(promoted, code)} - before
        assert served < new
        assert 0 < len(served) < 8
        assert top_up(promoted, campaign=code, now=NOW + timedelta(days=1)) is None

    def test_keeps_to_what_the_campaign_has_left(self, shop: Shop) -> None:
        with shop.database.transaction() as session:
            activate(session, promotion("few", trigger="personal"))
        code = draft(shop, "autumn", "few", most_offers=13)
        plan_offers(shop, campaign=code, now=NOW)
        newcomers(shop, 3)

        top_up(shop, campaign=code, now=NOW + timedelta(days=1))

        assert len(made(shop, code)) == 13

    def test_is_for_running_campaigns_only(self, promoted: Shop) -> None:
        code = draft(promoted, "autumn")
        with pytest.raises(CampaignNotRunning):
            top_up(promoted, campaign=code, now=NOW)


def newcomers(shop: Shop, count: int) -> set[CustomerID]:
    with shop.database.transaction() as session:
        return {
            enrol(session, f"new{place}@example.org").profile.id
            for place in range(count)
        }
