from dataclasses import replace

import numpy as np
import pytest

from recommender.config import Config
from recommender.evaluation import Material, Running, challenge
from recommender.evaluation.gate import RUNNING
from recommender.evaluation.report import Judgement, Kind
from recommender.evaluation.rows import ALL, Comparison
from recommender.training import NothingToLearn, Trained, fit
from tests.unit.recommender.shop import Shop


def quiet(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def quick(config: Config) -> Config:
    return replace(config, epochs=2, windows=2, ranker_windows=1, ranker_trees=5)


@pytest.fixture(scope="module")
def material(shop: Shop) -> Material:
    return Material(
        purchases=shop.purchases, customers=shop.customers, products=shop.products
    )


def trained_before(material: Material, config: Config, *, days: int) -> Trained:
    """Train as of so many days before the last purchase."""
    lesson = material.lesson(config)
    trained = fit(lesson.before(lesson.day - days), config, quiet)
    return replace(trained, version="v1")


def against_running(comparisons: tuple[Comparison, ...]) -> Comparison | None:
    found = [c for c in comparisons if c.baseline == RUNNING and c.segment == ALL]
    return found[0] if found else None


class TestChallenge:
    def test_judges_on_the_last_period_without_having_seen_it(
        self, material: Material, quick: Config
    ) -> None:
        report = challenge(material, quick, None, quiet)
        assert report.kind == Kind.NIGHTLY
        assert report.cutoffs == ("2026-05-21",)
        assert report.gate is not None
        assert report.gate.promoted
        assert report.gate.reasons[-1].kind == Judgement.FIRST

    def test_pairs_the_new_model_with_one_that_has_not_seen_the_period(
        self, material: Material, quick: Config
    ) -> None:
        running = Running(trained=trained_before(material, quick, days=28))
        report = challenge(material, quick, running, quiet)
        found = against_running(report.comparisons)
        assert found is not None
        # It was trained on just the same past in just the same way.
        assert (found.difference, found.low, found.high) == (0, 0, 0)
        assert report.gate is not None
        assert report.gate.running == "v1"
        assert report.gate.reasons[-1].comparison == found

    def test_pairs_other_settings_on_the_same_past(
        self, material: Material, quick: Config
    ) -> None:
        """Where the running model has seen the period, its settings are tried."""
        other = replace(quick, ranker_windows=0)
        running = Running(trained=trained_before(material, other, days=1))
        report = challenge(material, quick, running, quiet)
        found = against_running(report.comparisons)
        assert found is not None
        beside = challenge(material, other, None, quiet)
        figures = {(row.segment, row.model): row.ndcg for row in report.ranking}
        best = {(row.segment, row.model): row.ndcg for row in beside.ranking}
        assert figures[ALL, RUNNING] == best[ALL, beside.model]

    def test_pairs_nothing_that_has_seen_the_period(
        self, material: Material, quick: Config
    ) -> None:
        running = Running(trained=trained_before(material, quick, days=1))
        report = challenge(material, quick, running, quiet)
        assert against_running(report.comparisons) is None
        assert report.gate is not None
        assert report.gate.promoted

    def test_ranks_what_the_running_model_does_not_know_last(
        self, material: Material, quick: Config
    ) -> None:
        """Its catalogue lacks a category that was excluded then."""
        less = replace(quick, excluded_categories=("Milk",))
        running = Running(trained=trained_before(material, less, days=28))
        report = challenge(material, quick, running, quiet)
        found = against_running(report.comparisons)
        assert found is not None
        assert found.difference > 0

    def test_refuses_where_there_is_nothing_before_the_period(
        self, material: Material, quick: Config
    ) -> None:
        days = material.purchases.days
        late = material.purchases.take(np.flatnonzero(days > days.max() - 20))
        with pytest.raises(NothingToLearn):
            challenge(replace(material, purchases=late), quick, None, quiet)
