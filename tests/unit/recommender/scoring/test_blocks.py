from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields, replace
from multiprocessing import get_context

import numpy as np
import pytest

from recommender.data import (
    Answer,
    Ask,
    Customer,
    Offer,
    Purchases,
    Response,
)
from recommender.scoring import People, Scene, Scored, in_blocks, score
from recommender.training import Trained
from tests.unit.recommender.shop import Shop

Blocks = list[Scored]
SHORT = np.zeros(3, np.float32)


def scene(
    trained: Trained, shop: Shop, *responses: Response, offers: list[Offer] | None
) -> Scene:
    ask = Ask(day=shop.tomorrow, offers=offers, responses=responses)
    return Scene.of(trained, shop.products, ask)


def scored(
    trained: Trained,
    shop: Shop,
    *responses: Response,
    size: int = 50,
    executor: Executor | None = None,
) -> Blocks:
    people = in_blocks(shop.customers, shop.purchases, size)
    at = scene(trained, shop, *responses, offers=None)
    return list(score(trained, at, people, executor=executor, progress=ignore))


def ignore(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def column(blocks: Blocks, name: str) -> np.ndarray:
    return np.concatenate([getattr(block, name) for block in blocks])


def same(found: Blocks, expected: Blocks) -> bool:
    names = [field.name for field in fields(Scored)]
    return all((column(found, n) == column(expected, n)).all() for n in names)


def few(trained: Trained, candidates: int = 4) -> Trained:
    return replace(trained, config=replace(trained.config, candidates=candidates))


def no(customer: Customer, shop: Shop) -> Response:
    return Response(
        customer=customer.id,
        offer="Milk",
        answer=Answer.NOT_FOR_ME,
        day=shop.tomorrow,
        categories=("Milk",),
    )


class TestScore:
    @pytest.mark.parametrize("size", [1, 7, 119, 120, 4096])
    def test_does_not_depend_on_the_size_of_blocks(
        self, trained: Trained, shop: Shop, size: int
    ) -> None:
        expected = scored(few(trained), shop)
        found = scored(few(trained), shop, size=size)
        for name in ("customers", "places", "fresh"):
            assert (column(found, name) == column(expected, name)).all()
        for name in ("probability", "value", "cost"):
            ours, theirs = column(found, name), column(expected, name)
            np.testing.assert_allclose(ours, theirs, rtol=1e-5)

    def test_keeps_the_best_candidates_best_first(
        self, trained: Trained, shop: Shop
    ) -> None:
        for block in scored(few(trained), shop):
            assert block.places.shape == (len(block), 4)
            assert (np.diff(block.value) <= 0).all()
            assert block.fresh.any(axis=1).all()

    def test_ranks_as_the_model_does(self, trained: Trained, shop: Shop) -> None:
        """With as many candidates as targets the first stage leaves nothing out."""
        (block,) = scored(trained, shop, size=200)
        assert block.places.shape == (120, 13)
        assert (np.sort(block.places, axis=1) == np.arange(13)).all()
        assert (block.probability[:, 0] >= block.probability[:, -1]).all()

    def test_gives_nothing_that_is_not_for_them(
        self, trained: Trained, shop: Shop
    ) -> None:
        milk = trained.items.keys.index("Milk")
        found = scored(trained, shop, no(shop.customers[3], shop))
        places = column(found, "places")
        assert (places == milk).any(axis=1).tolist() == [n != 3 for n in range(120)]
        assert (places[3] == -1).sum() == 1
        assert column(found, "probability")[3, -1] == 0

    def test_can_have_nothing_to_score(self, trained: Trained, shop: Shop) -> None:
        nothing = scene(trained, shop, offers=[])
        people = list(in_blocks(shop.customers, shop.purchases))
        (found,) = score(trained, nothing, people, progress=ignore)
        assert found.places.shape == (120, 0)

    def test_can_have_nobody_to_score(self, trained: Trained, shop: Shop) -> None:
        nobody = People(customers=[], purchases=Purchases.of([]))
        at = scene(trained, shop, offers=None)
        (found,) = score(trained, at, [nobody], progress=ignore)
        assert found.places.shape == (0, 13)

    def test_tells_how_far_it_is(self, trained: Trained, shop: Shop) -> None:
        told: list[tuple[str, int, int]] = []
        people = in_blocks(shop.customers, shop.purchases, 50)
        at = scene(trained, shop, offers=None)
        list(score(trained, at, people, progress=lambda *what: told.append(what)))
        assert told == [
            ("customers", 50, 0),
            ("customers", 100, 0),
            ("customers", 120, 0),
        ]


class TestScoreWithAnExecutor:
    def test_gives_the_same_with_threads(self, trained: Trained, shop: Shop) -> None:
        with ThreadPoolExecutor(3) as threads:
            found = scored(trained, shop, size=9, executor=threads)
        assert same(found, scored(trained, shop, size=9))

    def test_gives_the_same_from_other_processes(
        self, trained: Trained, shop: Shop
    ) -> None:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
            found = scored(trained, shop, executor=processes)
        assert same(found, scored(trained, shop))

    def test_reads_only_a_few_blocks_ahead(self, trained: Trained, shop: Shop) -> None:
        read: list[int] = []

        def people() -> Iterator[People]:
            for number, block in enumerate(
                in_blocks(shop.customers, shop.purchases, 1)
            ):
                read.append(number)
                yield block

        at = scene(trained, shop, offers=None)
        with ThreadPoolExecutor(2) as threads:
            found = score(trained, at, people(), executor=threads, progress=ignore)
            next(found)
            assert len(read) < 20
            found.close()  # type: ignore[attr-defined]  # it is a generator
        assert len(read) < 20

    def test_raises_what_went_wrong_in_a_block(
        self, trained: Trained, shop: Shop
    ) -> None:
        broken = replace(trained, hybrid=replace(trained.hybrid, biases=SHORT))
        with ThreadPoolExecutor(2) as threads, pytest.raises(ValueError, match="mism"):
            scored(broken, shop, executor=threads)
