"""Scoring on a real Dask cluster: two worker processes, bound to loopback."""

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest
from distributed import LocalCluster

from recommender.config import Config
from recommender.data import Ask
from recommender.pipeline import train
from recommender.scoring import (
    ClusterUnavailable,
    Scene,
    Scored,
    executor_at,
    in_blocks,
    score,
)
from recommender.training import Trained
from tests.unit.recommender.shop import Shop, make_shop

WORKERS = 2


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="module")
def trained(shop: Shop) -> Trained:
    config = Config(components=4, epochs=2, windows=3, candidates=5)
    return train(shop.purchases, shop.customers, shop.products, config)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with LocalCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        yield cluster.scheduler_address


def scored(trained: Trained, shop: Shop, scheduler: str | None) -> Scored:
    scene = Scene.of(trained, shop.products, Ask(day=shop.tomorrow))
    people = in_blocks(shop.customers, shop.purchases, 20)
    with executor_at(scheduler) as executor:
        found = score(
            trained, scene, people, executor=executor, progress=lambda *_: None
        )
        return Scored.together(list(found))


class TestScoringOnACluster:
    def test_gives_the_same_to_the_bit(
        self, trained: Trained, shop: Shop, scheduler: str
    ) -> None:
        there, here = scored(trained, shop, scheduler), scored(trained, shop, None)
        for field in fields(Scored):
            assert np.array_equal(getattr(there, field.name), getattr(here, field.name))

    def test_raises_what_went_wrong_over_there(
        self, trained: Trained, shop: Shop, scheduler: str
    ) -> None:
        short = replace(trained.hybrid, biases=np.zeros(3, np.float32))
        with pytest.raises(ValueError, match="mismatch"):
            scored(replace(trained, hybrid=short), shop, scheduler)

    def test_cancels_what_nobody_waits_for(
        self, trained: Trained, shop: Shop, scheduler: str
    ) -> None:
        scene = Scene.of(trained, shop.products, Ask(day=shop.tomorrow))
        people = in_blocks(shop.customers, shop.purchases, 1)
        with executor_at(scheduler) as executor:
            found = score(
                trained, scene, people, executor=executor, progress=lambda *_: None
            )
            assert len(next(iter(found))) == 1
        with executor_at(scheduler) as executor:
            assert executor.submit(sum, [1, 2]).result(timeout=60) == 3
            assert executor.size == WORKERS


class TestExecutorAt:
    def test_says_if_there_is_no_scheduler(self) -> None:
        with (
            pytest.raises(ClusterUnavailable, match=r"No Dask scheduler.*:1: "),
            executor_at("tcp://127.0.0.1:1", wait_seconds=0.5),
        ):
            pass

    def test_says_if_an_address_is_none(self) -> None:
        with (
            pytest.raises(ClusterUnavailable, match="No Dask scheduler answers at x"),
            executor_at("x://y", wait_seconds=0.5),
        ):
            pass

    def test_says_if_a_scheduler_has_no_workers(self) -> None:
        with (
            LocalCluster(
                n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0"
            ) as cluster,
            pytest.raises(ClusterUnavailable, match="has no workers"),
            executor_at(cluster.scheduler_address, wait_seconds=0.5),
        ):
            pass
