"""What every model must do, whatever it is."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from recommender.config import Config
from recommender.data import Customer, Offer
from recommender.dataset import Catalogue
from recommender.features import Audience, Targets
from recommender.models.base import Model
from recommender.scoring import describe_audience
from recommender.training import Trained, fit_peers, prepare
from tests.unit.recommender.shop import Shop

NAMES = (
    "popularity",
    "own frequency",
    "LightFM history",
    "LightFM + own frequency",
    "re-ranker",
    "UP-CF",
    "LightFM interactions",
    "LightFM hybrid",
    "re-ranker without LightFM",
)
OFFERS = (
    Offer(key="cats", categories=("Cat food",)),
    Offer(key="mix", skus=("Milk-1", "Bread-2"), departments=("Baby",)),
)


@pytest.fixture
def audience_of(shop: Shop, trained: Trained) -> Callable[..., Audience]:
    catalogue = Catalogue.of(
        shop.products, config=trained.config, items=trained.space.items
    )

    def describe(*customers: Customer) -> Audience:
        return describe_audience(
            trained, shop.purchases, customers, catalogue, shop.tomorrow
        )

    return describe


@pytest.fixture
def targets(shop: Shop, trained: Trained) -> Targets:
    catalogue = Catalogue.of(shop.products, config=trained.config)
    return Targets.of(OFFERS, catalogue, trained.space)


@pytest.fixture(scope="module")
def models(shop: Shop, trained: Trained, config: Config) -> dict[str, Model]:
    lesson = prepare(shop.purchases, shop.customers, shop.products, config)
    peers = fit_peers(lesson, config, lambda _step, _done, _total: None)
    return {model.name: model for model in (*trained.models, *peers)}


@pytest.fixture(params=NAMES)
def model(request: pytest.FixtureRequest, models: dict[str, Model]) -> Model:
    return models[request.param]


class TestModel:
    def test_gives_every_customer_a_finite_score_for_every_target(
        self,
        model: Model,
        audience_of: Callable[..., Audience],
        targets: Targets,
        shop: Shop,
    ) -> None:
        scores = model.score(audience_of(*shop.customers), targets)
        assert scores.shape == (len(shop.customers), 2)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()

    def test_gives_the_same_twice_and_changes_nothing(
        self, model: Model, audience_of: Callable[..., Audience], trained: Trained
    ) -> None:
        audience = audience_of(Customer(id=1), Customer(id=2))
        before = audience.features.toarray(), audience.history.decayed.toarray()
        once = model.score(audience, trained.items)
        assert (model.score(audience, trained.items) == once).all()
        assert (audience.features.toarray() == before[0]).all()
        assert (audience.history.decayed.toarray() == before[1]).all()

    def test_does_not_let_one_customer_depend_on_another(
        self, model: Model, audience_of: Callable[..., Audience], trained: Trained
    ) -> None:
        together = audience_of(*(Customer(id=number) for number in range(1, 30)))
        alone = model.score(audience_of(Customer(id=17)), trained.items)
        scores = model.score(together, trained.items)
        np.testing.assert_allclose(scores[16:17], alone, rtol=1e-4, atol=1e-5)

    def test_scores_a_customer_of_whom_nothing_is_known(
        self, model: Model, audience_of: Callable[..., Audience], trained: Trained
    ) -> None:
        scores = model.score(audience_of(Customer(id=9999)), trained.items)
        assert np.isfinite(scores).all()
        best = trained.items.keys[int(scores.argmax())]
        assert best == "Milk"

    def test_scores_nobody_and_nothing(
        self, model: Model, audience_of: Callable[..., Audience], trained: Trained
    ) -> None:
        nothing = replace(
            trained.items,
            keys=(),
            shares=trained.items.shares[:0],
            features=trained.items.features[:0],
            categories=trained.items.categories[:0],
        )
        items = len(trained.items)
        assert model.score(audience_of(), trained.items).shape == (0, items)
        assert model.score(audience_of(Customer(id=1)), nothing).shape == (1, 0)
