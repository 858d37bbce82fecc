from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.data import Answer, Ask, Offer, Response, day_number
from recommender.scoring import Scene
from recommender.scoring.dislikes import Dislikes, dislikes
from recommender.training import Trained
from tests.unit.recommender.shop import Shop

OFFERS = (
    Offer(key="milk", categories=("Milk",)),
    Offer(key="milk too", skus=("Milk-2",)),
    Offer(key="dairy", departments=("Dairy",)),
    Offer(key="bread", categories=("Bread",)),
)


def no(
    shop: Shop,
    offer: str,
    *,
    ago: int = 0,
    categories: tuple[str, ...] = (),
    skus: tuple[str, ...] = (),
) -> Response:
    return Response(
        customer=1,
        offer=offer,
        answer=Answer.NOT_FOR_ME,
        day=shop.tomorrow - timedelta(days=ago),
        categories=categories,
        skus=skus,
    )


def heeded(trained: Trained, shop: Shop, *answers: Response) -> Dislikes:
    scene = Scene.of(trained, shop.products, Ask(day=shop.tomorrow, offers=OFFERS))
    return dislikes(
        answers,
        ids=np.array([1, 2], np.int64),
        targets=scene.targets,
        catalogue=scene.catalogue,
        day=day_number(shop.tomorrow),
        config=trained.config,
    )


def less(trained: Trained, shop: Shop, *answers: Response) -> dict[str, float]:
    """Return what is taken off each item of the first customer."""
    found = heeded(trained, shop, *answers).items.toarray()
    assert not found[1].any()
    names = trained.space.items.names
    return {n: float(v) for n, v in zip(names, found[0], strict=True) if v}


class TestNotForMe:
    def test_takes_the_offer_away_for_good(self, trained: Trained, shop: Shop) -> None:
        for ago in (0, 400):
            found = heeded(trained, shop, no(shop, "milk", ago=ago)).targets.toarray()
            assert found.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0]]

    def test_takes_from_all_of_its_category(self, trained: Trained, shop: Shop) -> None:
        for answer in (
            no(shop, "gone by now", categories=("Milk",)),
            no(shop, "gone by now", skus=("Milk-1", "unknown")),
        ):
            assert less(trained, shop, answer) == {"Milk": pytest.approx(0.9)}

    def test_takes_from_all_of_a_department(self, trained: Trained, shop: Shop) -> None:
        found = less(trained, shop, no(shop, "dairy", categories=("Dairy",)))
        assert sorted(found) == ["Cheese", "Milk", "Yogurt"]

    @pytest.mark.parametrize(("ago", "left"), [(0, 0.9), (56, 0.45), (112, 0.225)])
    def test_fades(self, trained: Trained, shop: Shop, ago: int, left: float) -> None:
        found = less(trained, shop, no(shop, "milk", ago=ago, categories=("Milk",)))
        assert found == {"Milk": pytest.approx(left)}

    def test_of_tomorrow_is_not_known_yet(self, trained: Trained, shop: Shop) -> None:
        found = heeded(trained, shop, no(shop, "milk", ago=-1, categories=("Milk",)))
        assert found.items.nnz == found.targets.nnz == 0

    @settings(deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["Milk", "Dairy"]))))
    def test_counts_as_the_latest_of_all(
        self, trained: Trained, shop: Shop, said: Sequence[tuple[int, str]]
    ) -> None:
        answers = [no(shop, "x", ago=ago, categories=(name,)) for ago, name in said]
        found = less(trained, shop, *answers).get("Milk", 0.0)
        latest = min((ago for ago, _name in said), default=None)
        expected = 0.0 if latest is None else 0.9 * 0.5 ** (latest / 56)
        assert found == pytest.approx(expected, rel=1e-5)
