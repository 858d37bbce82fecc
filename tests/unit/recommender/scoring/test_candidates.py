from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy import sparse

from recommender.data import (
    Ask,
    Customer,
    FloatArray,
    Offer,
    Purchase,
    Purchases,
    Sparse,
)
from recommender.scoring import Scene, describe_audience
from recommender.scoring.candidates import (
    find_candidates,
    in_chunks,
    representations,
)
from recommender.training import Trained
from tests.unit.recommender.shop import Shop

BOUGHT = ("Nappies-1", "Cat food-2", "Juice-1")
OFFERS = [
    *(Offer(key=sku, skus=(sku,)) for sku in BOUGHT),
    Offer(key="Wipes", categories=("Wipes",)),
    *(Offer(key=name, categories=(name,)) for name in ("Milk", "Rolls", "Cakes")),
]
MEMBER = Customer(id=900, interests=("Wipes",))


def found(
    trained: Trained, shop: Shop, candidates: int, gone: tuple[str, ...] = ()
) -> set[str]:
    """Return the candidates of a member who bought three things and likes one."""
    rows = [
        Purchase(
            customer=900,
            product=sku,
            day=shop.tomorrow - timedelta(days=2),
            quantity=1,
            value=100,
        )
        for sku in BOUGHT
    ]
    few = replace(trained, config=replace(trained.config, candidates=candidates))
    scene = Scene.of(few, shop.products, Ask(day=shop.tomorrow, offers=OFFERS))
    audience = describe_audience(
        few, Purchases.of(rows), [MEMBER], scene.catalogue, scene.day
    )
    unwanted: Sparse = sparse.csr_array(
        np.array([[key in gone for key in scene.targets.keys]], np.float32)
    )
    customers, places = find_candidates(few, audience, scene.targets, unwanted)
    assert set(customers.tolist()) <= {0}
    assert places.tolist() == sorted(set(places.tolist()))
    return {scene.targets.keys[place] for place in places}


class TestFindCandidates:
    @pytest.mark.parametrize("candidates", [1, 2, 3])
    def test_finds_all_that_was_bought_or_declared_and_some_more(
        self, trained: Trained, shop: Shop, candidates: int
    ) -> None:
        keys = found(trained, shop, candidates)
        assert {*BOUGHT, "Wipes"} <= keys
        assert len(keys) == 4 + candidates

    def test_adds_what_is_closest(self, trained: Trained, shop: Shop) -> None:
        scene = Scene.of(trained, shop.products, Ask(day=shop.tomorrow))
        people = shop.customers[:20]
        audience = describe_audience(
            trained, Purchases.of([]), people, scene.catalogue, scene.day
        )
        few = replace(trained, config=replace(trained.config, candidates=3))
        nothing = sparse.csr_array((20, len(scene.targets)), dtype=np.float32)
        _, places = find_candidates(few, audience, scene.targets, nothing)
        scores = trained.hybrid.score(audience, scene.targets)
        expected = np.sort(np.argsort(-scores, axis=1)[:, :3], axis=1)
        assert places.reshape(20, 3).tolist() == expected.tolist()

    def test_leaves_out_what_is_gone(self, trained: Trained, shop: Shop) -> None:
        gone = ("Nappies-1", "Wipes", "Milk")
        keys = found(trained, shop, 3, gone)
        assert keys == {"Cat food-2", "Juice-1", "Rolls", "Cakes"}


class TestRepresentations:
    def test_multiply_to_the_scores(self, trained: Trained, shop: Shop) -> None:
        scene = Scene.of(trained, shop.products, Ask(day=shop.tomorrow))
        audience = describe_audience(
            trained, shop.purchases, shop.customers, scene.catalogue, scene.day
        )
        wants, has = representations(trained.hybrid, audience, scene.targets)
        scores: FloatArray = trained.hybrid.score(audience, scene.targets)
        np.testing.assert_allclose(wants @ has.T, scores, rtol=1e-4, atol=1e-5)


class TestInChunks:
    def test_pads_each_customers_places(self) -> None:
        rows = np.array([0, 0, 2, 2, 2], np.int32)
        places = np.array([4, 7, 1, 2, 9], np.int32)
        ((some, padded),) = in_chunks(rows, places, 3)
        assert some.tolist() == [0, 1, 2]
        assert padded.tolist() == [[4, 7, -1], [-1, -1, -1], [1, 2, 9]]

    def test_brings_customers_with_as_many_together(self) -> None:
        counts = np.arange(2_000) % 2 * 9 + 1
        rows = np.repeat(np.arange(2_000), counts).astype(np.int32)
        chunks = list(in_chunks(rows, np.zeros(len(rows), np.int32), 2_000))
        assert [padded.shape[1] for _, padded in chunks] == [1, 10, 10, 10]
        assert sorted(np.concatenate([some for some, _ in chunks])) == [*range(2_000)]
