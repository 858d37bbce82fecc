from dataclasses import replace

import numpy as np
import pytest

from recommender.data import Answer, Ask, Response
from recommender.scoring import Scene, Scored, in_blocks, score
from recommender.training import Trained
from tests.unit.recommender.shop import Shop


def scored(
    trained: Trained, shop: Shop, *responses: Response, size: int = 50
) -> list[Scored]:
    ask = Ask(day=shop.tomorrow, responses=responses)
    scene = Scene.of(trained, shop.products, ask)
    people = in_blocks(shop.customers, shop.purchases, size)
    return list(score(trained, scene, people, progress=lambda *_: None))


def column(blocks: list[Scored], name: str) -> np.ndarray:
    return np.concatenate([getattr(block, name) for block in blocks])


class TestScore:
    @pytest.mark.parametrize("size", [1, 7, 119, 120, 4096])
    def test_does_not_depend_on_the_size_of_blocks(
        self, trained: Trained, shop: Shop, size: int
    ) -> None:
        expected = scored(trained, shop)
        found = scored(trained, shop, size=size)
        for name in ("customers", "places", "fresh"):
            assert (column(found, name) == column(expected, name)).all()
        for name in ("probability", "value", "cost"):
            np.testing.assert_allclose(
                column(found, name), column(expected, name), 1e-5
            )

    def test_keeps_the_best_candidates_best_first(
        self, trained: Trained, shop: Shop
    ) -> None:
        few = replace(trained, config=replace(trained.config, candidates=4))
        for block in scored(few, shop):
            assert block.places.shape == (len(block), 4)
            assert (np.diff(block.value) <= 0).all()

    def test_gives_nothing_that_is_not_for_them(
        self, trained: Trained, shop: Shop
    ) -> None:
        no = Response(
            customer=shop.customers[3].id,
            offer="Milk",
            answer=Answer.NOT_FOR_ME,
            day=shop.tomorrow,
            categories=("Milk",),
        )
        milk = trained.items.keys.index("Milk")
        places = column(scored(trained, shop, no), "places")
        assert (places == milk).any(axis=1).tolist() == [n != 3 for n in range(120)]
        assert (places[3] == -1).sum() == 1
