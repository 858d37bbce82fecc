"""Task 2 on the small shop, in which a third of the customers use coupons."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from recommender.config import Config
from recommender.data import day_number
from recommender.evaluation import Material
from recommender.evaluation.campaigns import judge_campaigns
from recommender.evaluation.rows import ALL, Campaigns, Comparison, Outcome, Task
from recommender.evaluation.staging import (
    LIGHTFM,
    MODEL,
    OWN,
    PAST_USE,
    POPULARITY,
    RANDOM,
    WITHOUT,
    Staged,
    staged,
)
from tests.unit.recommender.redemption.conftest import STARTS, make_past
from tests.unit.recommender.shop import FIRST, Shop

MODELS = (RANDOM, POPULARITY, LIGHTFM, OWN, WITHOUT, MODEL)
FROM = day_number(FIRST + timedelta(days=STARTS[2]))


def tell_nobody(_step: str, _done: int, _total: int) -> None:
    """Ignore progress."""


@pytest.fixture(scope="module")
def material(shop: Shop) -> Material:
    past = make_past(shop)
    return Material(
        purchases=shop.purchases,
        customers=shop.customers,
        products=shop.products,
        campaigns=past.campaigns,
        responses=past.responses,
    )


@pytest.fixture(scope="module")
def stages(material: Material, config: Config) -> list[Staged]:
    return staged(material, config, FROM, tell_nobody)


@pytest.fixture(scope="module")
def judged(
    material: Material, config: Config
) -> tuple[Campaigns, tuple[Comparison, ...]]:
    found = judge_campaigns(material, config, FROM, tell_nobody)
    assert found is not None
    return found


class TestStaged:
    def test_are_the_campaigns_from_the_day_on(self, stages: list[Staged]) -> None:
        assert [one.scene.campaign.code for one in stages] == ["C2", "C3"]

    def test_know_nothing_of_answers_from_the_start_on(
        self, material: Material, config: Config, stages: list[Staged]
    ) -> None:
        start = stages[0].scene.campaign.start
        early = [one for one in material.responses if one.day < start]
        blind = replace(material, responses=early)
        (first, *_) = staged(blind, config, FROM, tell_nobody)
        for name in MODELS:
            assert np.array_equal(first.scores[name], stages[0].scores[name])
        assert np.array_equal(first.who[MODEL], stages[0].who[MODEL])
        assert not first.scene.redeemed.any()

    def test_have_no_offer_of_excluded_categories(self, stages: list[Staged]) -> None:
        assert "Beer" not in stages[0].scene.targets.keys


class TestJudgeCampaigns:
    def test_compares_all_models_on_the_same_households(
        self, judged: tuple[Campaigns, tuple[Comparison, ...]]
    ) -> None:
        found = judged[0]
        assert found.campaigns == 2
        rows = [row for row in found.rows if row.segment == ALL]
        assert tuple(row.model for row in rows) == MODELS
        assert len({row.households for row in rows}) == 1
        assert {row.segment for row in found.rows} == {ALL, "mailing"}
        assert tuple(row.model for row in found.pairs) == MODELS

    def test_says_how_much_better_the_model_is(
        self, judged: tuple[Campaigns, tuple[Comparison, ...]]
    ) -> None:
        found = {
            (one.task, one.segment, one.baseline): one.outcome for one in judged[1]
        }
        assert found[Task.CAMPAIGNS, ALL, RANDOM] is Outcome.BETTER
        assert found[Task.CAMPAIGNS, ALL, POPULARITY] is Outcome.BETTER
        assert (Task.REDEEMERS, ALL, PAST_USE) in found

    def test_tells_who_redeems_at_all(
        self, judged: tuple[Campaigns, tuple[Comparison, ...]]
    ) -> None:
        model = next(row for row in judged[0].redeemers if row.model == MODEL)
        assert model.auc is not None
        assert model.low <= model.auc <= model.high
        assert model.auc > 0.9

    def test_says_nothing_where_there_is_no_campaign(
        self, material: Material, config: Config
    ) -> None:
        bare = replace(material, campaigns=(), responses=())
        assert judge_campaigns(bare, config, FROM, tell_nobody) is None
