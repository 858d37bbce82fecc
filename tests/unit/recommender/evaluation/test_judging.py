from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from recommender.config import Config
from recommender.data import Customer, PastCampaign, Purchases, day_number
from recommender.evaluation import (
    Material,
    Report,
    evaluate_cutoffs,
    evaluate_full,
    evaluate_tuning,
)
from recommender.evaluation.report import Kind
from recommender.evaluation.rows import (
    ALL,
    FRESH,
    HEAVY,
    HISTORIES,
    NEW_CUSTOMERS,
    Task,
)
from recommender.splitting import Split
from tests.unit.recommender.shop import FIRST, Shop

TUNING = day_number(FIRST) + 84
RESERVED = TUNING + 28


def quiet(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def split() -> Split:
    return Split(
        reserved_from=RESERVED,
        tuning=(TUNING,),
        reporting=(RESERVED,),
        window_days=28,
    )


@pytest.fixture(scope="module")
def quick(config: Config) -> Config:
    return replace(config, epochs=2, windows=2, ranker_windows=1, ranker_trees=5)


@pytest.fixture(scope="module")
def material(shop: Shop) -> Material:
    return Material(
        purchases=shop.purchases, customers=shop.customers, products=shop.products
    )


@pytest.fixture(scope="module")
def tuned(material: Material, quick: Config, split: Split) -> Report:
    return evaluate_tuning(material, quick, split, quiet)


def with_more(purchases: Purchases, day: int) -> Purchases:
    """Let everybody buy the same product on the day, many times over."""
    buyers = np.repeat(np.unique(purchases.customers), 20)
    ones = np.ones(len(buyers), np.int32)
    return replace(
        purchases,
        customers=np.append(purchases.customers, buyers),
        products=np.append(purchases.products, ones * 0),
        days=np.append(purchases.days, ones * day),
        quantities=np.append(purchases.quantities, ones),
        values=np.append(purchases.values, ones.astype(np.int64)),
    )


class TestTuning:
    def test_sees_nothing_of_the_reserved_days(
        self, material: Material, quick: Config, split: Split, tuned: Report
    ) -> None:
        """What is bought from the first reserved day on changes no figure."""
        planted = replace(material, purchases=with_more(material.purchases, RESERVED))
        assert evaluate_tuning(planted, quick, split, quiet) == tuned

    def test_sees_what_is_bought_before_them(
        self, material: Material, quick: Config, split: Split, tuned: Report
    ) -> None:
        purchases = with_more(material.purchases, RESERVED - 1)
        planted = replace(material, purchases=purchases)
        assert evaluate_tuning(planted, quick, split, quiet) != tuned

    def test_is_told_of_campaigns_that_ended_before_them(
        self, material: Material, split: Split
    ) -> None:
        day = FIRST + timedelta(days=112)
        campaigns = [
            PastCampaign(
                code=f"C{late}",
                kind="A",
                start=day - timedelta(days=20),
                end=day + timedelta(days=late),
                customers=(1,),
                offers=(),
            )
            for late in (-1, 0, 1)
        ]
        seen = replace(material, campaigns=campaigns).open_to_tuning(split)
        assert [campaign.code for campaign in seen.campaigns] == ["C-1", "C0"]

    def test_is_judged_on_its_own_cut_offs(self, tuned: Report) -> None:
        assert tuned.cutoffs == ("2026-03-26",)
        assert tuned.data.last_day < "2026-04-23"


class TestEvaluateFull:
    def test_says_before_which_day_settings_were_chosen(
        self, material: Material, quick: Config, split: Split
    ) -> None:
        report = evaluate_full(material, quick, split, quiet)
        assert report.kind == Kind.FULL
        assert report.tuned_before == "2026-04-23"
        assert report.cutoffs == ("2026-04-23",)
        assert "EASE" in {row.model for row in report.ranking}
        assert {row.history for row in report.cold_start} == set(HISTORIES)
        tasks = {row.task for row in report.comparisons}
        assert tasks == {Task.RANKING, Task.COLD_START}


class TestEvaluateCutoffs:
    @pytest.fixture(scope="class")
    @staticmethod
    def report(material: Material, quick: Config) -> Report:
        return evaluate_cutoffs(material, quick, [date(2026, 4, 23)], quiet)

    def test_compares_the_model_in_use_with_every_other(self, report: Report) -> None:
        models = [row.model for row in report.ranking if row.segment == ALL]
        for segment in (ALL, FRESH):
            compared = [r for r in report.comparisons if r.segment == segment]
            assert {row.model for row in compared} == {report.model}
            assert [row.baseline for row in compared] == [
                model for model in models if model != report.model
            ]

    def test_compares_on_the_figures_of_the_table(self, report: Report) -> None:
        figures = {(r.segment, r.model): r.ndcg for r in report.ranking}
        for row in report.comparisons:
            mine = figures[row.segment, row.model]
            base = figures[row.segment, row.baseline]
            assert row.difference == pytest.approx(mine - base)
            assert row.low <= row.difference <= row.high

    def test_looks_at_kinds_of_customers(self, report: Report) -> None:
        segments = {row.segment for row in report.ranking}
        assert HEAVY in segments
        assert {row.households for row in report.ranking if row.segment == ALL} == {120}
        new = [row for row in report.ranking if row.segment == NEW_CUSTOMERS]
        assert {row.households for row in new} <= {0}

    def test_says_how_widely_and_how_surely_it_recommends(self, report: Report) -> None:
        popular = next(row for row in report.coverage if row.model == "popularity")
        assert popular.items == pytest.approx(5 / 13)
        assert popular.customers == 1
        assert report.calibration is not None
        assert report.calibration.pairs == 120 * 13
        assert sum(one.pairs for one in report.calibration.bins) == 120 * 13

    def test_is_not_told_the_answer_by_interests(
        self, material: Material, quick: Config, report: Report
    ) -> None:
        """An interest may have been declared after the cut-off."""
        customers = [
            Customer(id=c.id, store=c.store, interests=("Cheese",))
            for c in material.customers
        ]
        told = replace(material, customers=customers)
        again = evaluate_cutoffs(told, quick, [date(2026, 4, 23)], quiet)
        assert again == report
