import numpy as np

from recommender.config import Config
from recommender.dataset import Catalogue
from recommender.evaluation.ease import Ease
from recommender.scoring import describe_audience
from recommender.splitting import before
from recommender.training import Trained, prepare
from tests.unit.recommender.shop import Shop


class TestEase:
    def test_solves_what_steck_minimises(self, shop: Shop, config: Config) -> None:
        """At the constrained optimum the gradient is zero off the diagonal."""
        lesson = prepare(shop.purchases, shop.customers, shop.products, config)
        weights = Ease.fit(lesson.events).weights.astype(np.float64)
        seen = np.zeros((len(lesson.customers), len(lesson.items)))
        seen[lesson.events.customers, lesson.events.items] = 1
        gradient = seen.T @ (seen @ weights - seen) + 500 * weights
        np.fill_diagonal(gradient, 0)
        assert np.abs(gradient).max() < 1e-3
        assert not np.diag(weights).any()

    def test_recommends_what_others_bought_with_it(
        self, shop: Shop, config: Config, trained: Trained
    ) -> None:
        lesson = prepare(shop.purchases, shop.customers, shop.products, config)
        early = before(lesson.events, lesson.day)
        catalogue = Catalogue.of(shop.products, config=config)
        audience = describe_audience(
            trained, shop.purchases, shop.customers, catalogue, shop.tomorrow
        )
        scores = Ease.fit(early).score(audience, trained.items)
        litter = trained.items.keys.index("Cat litter")
        wipes = trained.items.keys.index("Wipes")
        cats = [row for row, c in enumerate(shop.customers) if c.id % 2 == 0]
        assert (scores[cats, litter] > scores[cats, wipes]).mean() > 0.9
