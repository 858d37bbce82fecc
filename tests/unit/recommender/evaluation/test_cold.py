from dataclasses import replace

import numpy as np
import pytest

from recommender.config import Config
from recommender.evaluation import Material
from recommender.evaluation.cold import InterestsFirst, judge_cold_start
from recommender.evaluation.hiding import INTERESTS, Hidden
from recommender.evaluation.rows import HISTORIES
from recommender.models.base import Model
from recommender.splitting import bought
from recommender.training import Lesson, Trained, fit
from tests.unit.recommender.shop import TASTES, Shop


def quiet(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def quick(config: Config) -> Config:
    return replace(config, windows=2, ranker_windows=1, ranker_trees=20)


@pytest.fixture(scope="module")
def lesson(shop: Shop, quick: Config) -> Lesson:
    material = Material(
        purchases=shop.purchases, customers=shop.customers, products=shop.products
    )
    return material.lesson(quick)


@pytest.fixture
def hidden(lesson: Lesson) -> Hidden:
    past = lesson.before(lesson.day - 28)
    return Hidden.of(past, np.random.default_rng(1))


class TestHidden:
    def test_households_are_not_learned_from(
        self, hidden: Hidden, lesson: Lesson
    ) -> None:
        assert len(hidden.rows) == len(lesson.customers) // 5
        hidden_ids = {customer.id for customer in hidden.customers}
        left = [customer.id for customer in hidden.open.customers]
        assert not hidden_ids & set(left)
        assert len(left) + len(hidden_ids) == len(lesson.customers)
        assert hidden.open.events.ids.tolist() == left
        kept = hidden.past.events.select(
            ~np.isin(hidden.past.events.customers, hidden.rows)
        )
        assert hidden.open.events.items.tolist() == kept.items.tolist()
        assert hidden.open.events.days.tolist() == kept.days.tolist()

    def test_households_declare_what_they_bought_most_but_for_some_noise(
        self, hidden: Hidden
    ) -> None:
        names = hidden.past.space.items.names
        days = bought(hidden.past.events.rows(hidden.rows)).toarray()
        right = given = 0
        for row, customer in enumerate(hidden.customers):
            assert 1 <= len(customer.interests) <= INTERESTS
            third = np.sort(days[row])[-INTERESTS]
            most = {
                name for name, n in zip(names, days[row], strict=True) if n >= third
            }
            right += len(most & set(customer.interests))
            given += len(customer.interests)
        assert 0.6 < right / given < 1

    @pytest.mark.parametrize(
        ("history", "low", "high"),
        [("none", 0, 0), ("1-3", 1, 3), ("4-10", 4, 10), ("all", 11, 999)],
    )
    def test_households_keep_their_latest_baskets(
        self,
        hidden: Hidden,
        trained: Trained,
        quick: Config,
        *,
        history: str,
        low: int,
        high: int,
    ) -> None:
        chance = np.random.default_rng(2)
        found = hidden.left(history, trained, quick, chance)
        assert ((low <= found.history.baskets) & (found.history.baskets <= high)).all()
        assert (found.ids == hidden.past.events.ids[hidden.rows]).all()
        whole = hidden.past.events.rows(hidden.rows)
        for row in np.flatnonzero(found.history.baskets)[:5].tolist():
            mine = found.events.days[found.events.customers == row]
            every = np.unique(whole.days[whole.customers == row])
            assert np.unique(mine).tolist() == every[-len(np.unique(mine)) :].tolist()

    def test_are_nobody_in_a_shop_of_new_customers(self, lesson: Lesson) -> None:
        young = lesson.before(int(lesson.events.days.min()) + 10)
        assert len(Hidden.of(young, np.random.default_rng(1)).rows) == 0


class TestInterestsFirst:
    def test_puts_what_was_declared_before_what_is_popular(
        self, hidden: Hidden, quick: Config
    ) -> None:
        trained = fit(hidden.open, quick, quiet)
        model: Model = InterestsFirst(popularity=trained.popularity)
        chance = np.random.default_rng(2)
        audience = hidden.left("none", trained, quick, chance)
        order = np.argsort(-model.score(audience, trained.items), axis=1)
        for row, customer in enumerate(hidden.customers):
            count = len(customer.interests)
            first = {trained.items.keys[place] for place in order[row, :count]}
            assert first == set(customer.interests)


class TestJudgeColdStart:
    def test_compares_all_rankings_on_the_same_households(
        self, lesson: Lesson, quick: Config
    ) -> None:
        found = judge_cold_start(lesson, quick, [lesson.day - 28], quiet)
        rows = {(row.history, row.model): row for row in found.rows()}
        assert {history for history, _ in rows} == set(HISTORIES)
        for row in rows.values():
            assert row.low <= row.ndcg <= row.high
        assert len({row.households for row in rows.values()}) == 1
        compared = {(row.segment, row.baseline) for row in found.comparisons()}
        assert compared == {key for key in rows if key[1] != found.best}

    def test_finds_nothing_in_a_shop_of_new_customers(
        self, lesson: Lesson, quick: Config
    ) -> None:
        young = lesson.before(int(lesson.events.days.min()) + 12)
        found = judge_cold_start(young, quick, [young.day - 2], quiet)
        assert found.rows() == ()
        assert found.comparisons() == ()

    def test_hides_both_tastes(self, hidden: Hidden) -> None:
        tastes = {customer.id % 2 for customer in hidden.customers}
        assert tastes == set(range(len(TASTES)))
