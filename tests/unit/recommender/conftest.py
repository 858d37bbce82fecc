"""One small shop and one model of it for all of these tests."""

import pytest

from recommender.config import Config
from recommender.pipeline import train
from recommender.training import Trained
from tests.unit.recommender.shop import Shop, make_shop


@pytest.fixture(scope="session")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="session")
def config() -> Config:
    return Config(
        components=8,
        epochs=12,
        windows=4,
        top=5,
        ranker_windows=3,
        ranker_trees=100,
        ranker_learning_rate=0.1,
    )


@pytest.fixture(scope="session")
def trained(shop: Shop, config: Config) -> Trained:
    return train(shop.purchases, shop.customers, shop.products, config)
