"""What models made of a pair is taken apart without a rest."""

import numpy as np

from recommender.data import Ask
from recommender.explanation.neighbours import Company
from recommender.explanation.taste import Taster
from recommender.scoring import Scene, describe_audience
from recommender.training import Trained
from tests.unit.recommender.explanation.led import Together
from tests.unit.recommender.shop import Shop

ROWS = np.repeat(np.arange(20, dtype=np.int32), 13)
PLACES = np.tile(np.arange(13, dtype=np.int32), 20)


class TestTaste:
    def test_adds_up_to_the_score_against_the_mean(
        self, trained: Trained, shop: Shop
    ) -> None:
        scene = Scene.of(trained, shop.products, Ask(day=shop.tomorrow))
        audience = describe_audience(
            trained, shop.purchases, shop.customers[:20], scene.catalogue, scene.day
        )
        taster = Taster.of(trained.hybrid, trained.space, trained.items)
        has = scene.targets.features @ np.hstack(
            (trained.hybrid.items, trained.hybrid.biases[:, np.newaxis])
        )
        has = (has - taster.usual)[PLACES]
        features = audience.features[ROWS]
        parts = taster.parts(features, has)
        owners = np.repeat(np.arange(len(ROWS)), np.diff(features.indptr))
        total = np.bincount(owners, weights=parts, minlength=len(ROWS)) + has[:, -1]
        every = trained.hybrid.score(audience, trained.items)
        scores = trained.hybrid.score(audience, scene.targets)
        expected = (scores - every.mean(axis=1, keepdims=True))[ROWS, PLACES]
        np.testing.assert_allclose(total, expected, atol=1e-4)


class TestCompany:
    def test_adds_up_to_the_score_against_the_mean(
        self, trained: Trained, shop: Shop
    ) -> None:
        scene = Scene.of(trained, shop.products, Ask(day=shop.tomorrow))
        audience = describe_audience(
            trained, shop.purchases, shop.customers[:20], scene.catalogue, scene.day
        )
        weights = np.random.default_rng(1).normal(size=(14, 13)).astype(np.float32)
        model = Together(inputs=np.arange(13, dtype=np.int32), weights=weights)
        company = Company.of([trained.hybrid, model], 13)
        shares = scene.targets.shares[PLACES]
        parts = company.parts(audience.history.decayed[ROWS], shares)
        scores = np.log1p(audience.history.decayed.toarray()) @ weights[:-1]
        scores -= scores.mean(axis=1, keepdims=True)
        expected = (scores @ scene.targets.shares.T.toarray())[ROWS, PLACES]
        np.testing.assert_allclose(parts.sum(axis=1), expected, atol=1e-4)
