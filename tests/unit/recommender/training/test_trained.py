from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from recommender.data import Customer, Offer
from recommender.dataset import Catalogue
from recommender.features import Audience, Targets
from recommender.scoring import describe_audience
from recommender.training import GROUPS, Trained
from tests.unit.recommender.shop import TREE, Shop

OFFERS = (
    Offer(key="cats", categories=("Cat food",)),
    Offer(key="mix", skus=("Milk-1", "Bread-2"), departments=("Baby",)),
    Offer(key="litter", skus=("Cat litter-1",)),
)


def describe(shop: Shop, trained: Trained, customers: Sequence[Customer]) -> Audience:
    catalogue = Catalogue.of(
        shop.products, config=trained.config, items=trained.space.items
    )
    return describe_audience(
        trained, shop.purchases, customers, catalogue, shop.tomorrow
    )


@pytest.fixture(params=["re-ranker", "little data"])
def either(request: pytest.FixtureRequest, trained: Trained) -> Trained:
    return replace(trained, ranker=None) if request.param == "little data" else trained


@pytest.fixture
def targets(shop: Shop, trained: Trained) -> Targets:
    catalogue = Catalogue.of(shop.products, config=trained.config)
    return Targets.of(OFFERS, catalogue, trained.space)


class TestRank:
    def test_gives_a_probability_for_every_pair(
        self, either: Trained, shop: Shop, targets: Targets
    ) -> None:
        ranked = either.rank(describe(shop, either, shop.customers), targets)
        assert ranked.probability.shape == (120, 3)
        assert ranked.probability.dtype == np.float32
        assert (ranked.probability > 0).all()
        assert (ranked.probability < 1).all()
        assert (ranked.places == [0, 1, 2]).all()

    def test_gives_the_same_for_chosen_places(
        self, either: Trained, shop: Shop, targets: Targets
    ) -> None:
        audience = describe(shop, either, shop.customers)
        everything = either.rank(audience, targets)
        places = np.array([[2, 0], [1, 2]] * 60, np.int32)
        chosen = either.rank(audience, targets, places)
        assert (chosen.places == places).all()
        where = places.astype(np.int64)
        expected = np.take_along_axis(everything.probability, where, 1)
        assert (chosen.probability == expected).all()
        assert (chosen.fresh == np.take_along_axis(everything.fresh, where, 1)).all()

    def test_calls_fresh_what_was_never_bought(
        self, either: Trained, shop: Shop, targets: Targets
    ) -> None:
        nobody = Customer(id=9999)
        cats, babies = shop.customers[1], shop.customers[0]
        ranked = either.rank(describe(shop, either, (babies, cats, nobody)), targets)
        assert ranked.fresh[:, 0].tolist() == [True, False, True]
        assert ranked.fresh[:, 1].tolist() == [False, False, True]

    def test_is_near_how_often_it_happens(self, trained: Trained, shop: Shop) -> None:
        """Everyone's milk is more probable than what half of them never buy."""
        ranked = trained.rank(describe(shop, trained, shop.customers), trained.items)
        mean = dict(
            zip(trained.items.keys, ranked.probability.mean(axis=0), strict=True)
        )
        assert 0.9 < mean["Milk"] < 1
        for name in (*TREE["Pets"], *TREE["Baby"]):
            assert 0.1 < mean[name] < 0.6


class TestParts:
    def test_add_up_to_the_raw_score(
        self, trained: Trained, shop: Shop, targets: Targets
    ) -> None:
        assert trained.ranker is not None
        audience = describe(shop, trained, shop.customers)
        rows = np.array([5, 0, 5, 119], np.int32)
        places = np.array([2, 0, 1, 1], np.int32)
        parts, base = trained.parts(audience, targets, rows, places)
        raw = trained.ranker.raw(audience, targets)[rows, places]
        assert parts.shape == (4, len(GROUPS))
        np.testing.assert_allclose(parts.sum(axis=1) + base, raw, atol=1e-4)

    def test_add_up_where_there_is_no_re_ranker(
        self, trained: Trained, shop: Shop, targets: Targets
    ) -> None:
        little = replace(trained, ranker=None)
        audience = describe(shop, little, shop.customers)
        rows, places = np.array([5, 0], np.int32), np.array([2, 0], np.int32)
        parts, base = little.parts(audience, targets, rows, places)
        odds = parts.sum(axis=1) + base
        probability = little.rank(audience, targets).probability[rows, places]
        np.testing.assert_allclose(1 / (1 + np.exp(-odds)), probability, atol=1e-5)

    def test_of_no_pair_are_none(
        self, either: Trained, shop: Shop, targets: Targets
    ) -> None:
        none = np.zeros(0, np.int32)
        audience = describe(shop, either, shop.customers)
        parts, base = either.parts(audience, targets, none, none)
        assert parts.shape == (0, len(GROUPS))
        assert base.shape == (0,)
