import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from recommender.config import Config
from recommender.data import Ask
from recommender.pipeline import recommend, train
from recommender.registry import (
    DamagedModel,
    ForeignModel,
    ModelNotFound,
    NothingToRollBackTo,
    Registry,
)
from recommender.training import Trained
from tests.unit.recommender.shop import Shop

NOW = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)
LATER = datetime(2026, 7, 8, 4, 30, tzinfo=UTC)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


class TestSave:
    def test_keeps_all_that_recommending_needs(
        self, registry: Registry, trained: Trained, shop: Shop
    ) -> None:
        stored = registry.save(trained, now=NOW)
        loaded = registry.load(stored.version)
        asked = Ask(day=shop.tomorrow)
        tables = (shop.purchases, shop.customers, shop.products, asked)
        before = [
            replace(s, version=stored.version) for s in recommend(trained, *tables)
        ]
        assert list(recommend(loaded, *tables)) == before
        assert loaded.config == trained.config

    def test_says_what_the_model_is_made_of(
        self, registry: Registry, trained: Trained
    ) -> None:
        stored = registry.save(trained, now=NOW)
        manifest = stored.manifest
        assert stored.version.startswith("20260701T043000Z-")
        assert registry.read(stored.version).manifest == manifest
        assert manifest["created_at"] == "2026-07-01T04:30:00+00:00"
        assert manifest["seed"] == 1
        assert manifest["config"]["components"] == 8
        assert manifest["data"]["first_day"] == "2026-01-01"
        assert manifest["data"]["last_day"] == "2026-06-17"
        assert manifest["data"]["customers"] == 120
        assert manifest["features"]["items"] == 13
        assert set(manifest["packages"]) == {
            "lightfm-next",
            "lightgbm",
            "numpy",
            "python",
            "scipy",
        }
        files = sorted(p.name for p in (registry.root / stored.version).iterdir())
        assert files == ["arrays.npz", "manifest.json", "ranker.txt"]

    def test_gives_the_same_model_the_same_version(
        self, registry: Registry, trained: Trained
    ) -> None:
        once = registry.save(trained, now=NOW)
        assert registry.save(trained, now=NOW).version == once.version
        assert registry.versions() == (once.version,)
        assert [p.name for p in registry.root.iterdir()] == [once.version]

    def test_stores_the_same_bytes_for_the_same_seed(
        self, registry: Registry, trained: Trained, shop: Shop, config: Config
    ) -> None:
        again = train(shop.purchases, shop.customers, shop.products, config)
        once = registry.save(trained, now=NOW)
        assert registry.save(again, now=NOW).manifest["files"] == once.manifest["files"]

    def test_makes_nothing_current(self, registry: Registry, trained: Trained) -> None:
        registry.save(trained, now=NOW)
        with pytest.raises(ModelNotFound):
            registry.current()


class TestLoad:
    @pytest.mark.parametrize("name", ["arrays.npz", "manifest.json", "ranker.txt"])
    @pytest.mark.parametrize("place", [0, 300, -1])
    def test_refuses_a_changed_byte(
        self, registry: Registry, trained: Trained, name: str, place: int
    ) -> None:
        version = registry.save(trained, now=NOW).version
        path = registry.root / version / name
        data = bytearray(path.read_bytes())
        data[place] ^= 1
        path.write_bytes(data)
        with pytest.raises((DamagedModel, ForeignModel)):
            registry.load(version)

    def test_refuses_a_shortened_file(
        self, registry: Registry, trained: Trained
    ) -> None:
        version = registry.save(trained, now=NOW).version
        path = registry.root / version / "arrays.npz"
        path.write_bytes(path.read_bytes()[:1000])
        with pytest.raises(DamagedModel, match="not what was stored"):
            registry.load(version)

    @pytest.mark.parametrize("name", ["arrays.npz", "ranker.txt"])
    def test_refuses_a_missing_file(
        self, registry: Registry, trained: Trained, name: str
    ) -> None:
        version = registry.save(trained, now=NOW).version
        (registry.root / version / name).unlink()
        with pytest.raises(DamagedModel, match="missing"):
            registry.load(version)

    @pytest.mark.parametrize("name", ["ranker-2.txt", "code.py", "arrays.npy"])
    def test_refuses_an_added_file(
        self, registry: Registry, trained: Trained, name: str
    ) -> None:
        version = registry.save(trained, now=NOW).version
        (registry.root / version / name).write_text("tree")
        with pytest.raises(DamagedModel, match=f"{name} was not stored with it"):
            registry.load(version)

    @pytest.mark.parametrize(
        "manifest",
        [
            None,
            "",
            "[]",
            "not json",
            "{}",
            '{"format": "somebody-else/7"}',
            '{"format": "loyalty-recommender/1"}',
        ],
    )
    def test_refuses_a_foreign_folder(
        self, registry: Registry, manifest: str | None
    ) -> None:
        version = "20260701T043000Z-0123456789ab"
        folder = registry.root / version
        folder.mkdir(parents=True)
        if manifest is not None:
            (folder / "manifest.json").write_text(manifest)
        with pytest.raises(ForeignModel, match=version):
            registry.load(version)

    def test_refuses_arrays_that_hold_objects(
        self, registry: Registry, trained: Trained
    ) -> None:
        """A pickle inside an array is not even looked at, hash or no hash."""
        evil = replace(
            trained,
            popularity=replace(
                trained.popularity, buyers=np.array([print] * 13, dtype=object)
            ),
        )
        with pytest.raises(ValueError, match="allow_pickle"):
            registry.save(evil, now=NOW)
        assert registry.versions() == ()

    @pytest.mark.parametrize(
        "version", ["..", "../../etc", "", "20260701T043000Z-0123456789ab", "x"]
    )
    def test_refuses_what_is_not_there(self, registry: Registry, version: str) -> None:
        with pytest.raises(ModelNotFound):
            registry.load(version)


class TestPromote:
    def test_and_roll_back(self, registry: Registry, trained: Trained) -> None:
        first = registry.save(trained, now=NOW).version
        second = registry.save(trained, now=LATER).version
        registry.promote(first)
        registry.promote(second)
        registry.promote(second)
        assert registry.versions() == (first, second)
        assert registry.load().version == second
        assert registry.roll_back() == first
        assert registry.load().version == first
        with pytest.raises(NothingToRollBackTo):
            registry.roll_back()
        assert registry.current() == first

    def test_refuses_a_damaged_model_and_keeps_the_current(
        self, registry: Registry, trained: Trained
    ) -> None:
        first = registry.save(trained, now=NOW).version
        second = registry.save(trained, now=LATER).version
        registry.promote(first)
        (registry.root / second / "arrays.npz").write_bytes(b"")
        with pytest.raises(DamagedModel):
            registry.promote(second)
        assert registry.current() == first

    def test_mends_a_damaged_list(self, registry: Registry, trained: Trained) -> None:
        version = registry.save(trained, now=NOW).version
        (registry.root / "current.json").write_text(json.dumps({"a": 1}))
        with pytest.raises(DamagedModel, match="promote a version again"):
            registry.load()
        registry.promote(version)
        assert registry.current() == version

    def test_rolls_back_past_a_model_that_is_damaged(
        self, registry: Registry, trained: Trained
    ) -> None:
        first, second, third = store(registry, trained, 3)
        (registry.root / second / "arrays.npz").write_bytes(b"not it")

        assert registry.roll_back() == first
        assert registry.promoted() == (first,)
        assert third in registry.versions()


def store(registry: Registry, trained: Trained, count: int) -> list[str]:
    """Store and promote so many, a day apart."""
    found = []
    for day in range(count):
        stored = registry.save(trained, now=NOW + timedelta(days=day))
        registry.promote(stored.version)
        found.append(stored.version)
    return found


class TestPrune:
    def test_keeps_the_last_and_what_one_can_go_back_to(
        self, registry: Registry, trained: Trained
    ) -> None:
        versions = store(registry, trained, 4)

        assert registry.prune(keep=2, now=LATER) == tuple(versions[:2])

        assert registry.versions() == tuple(versions[2:])
        assert registry.promoted() == tuple(versions[2:])
        assert registry.roll_back() == versions[2]

    def test_keeps_the_current_model_however_old(
        self, registry: Registry, trained: Trained
    ) -> None:
        (old,) = store(registry, trained, 1)
        refused = [
            registry.save(trained, now=LATER + timedelta(days=day)).version
            for day in range(3)
        ]

        assert registry.prune(keep=1, now=LATER) == tuple(refused[:2])

        assert registry.current() == old
        assert registry.versions() == (old, refused[2])

    def test_clears_what_a_killed_process_left_a_day_ago(
        self, registry: Registry, trained: Trained
    ) -> None:
        store(registry, trained, 1)
        now = datetime.now(tz=UTC)
        for name, hours in ((".saving-old", 25), (".saving-new", 1)):
            (registry.root / name).mkdir()
            then = (now - timedelta(hours=hours)).timestamp()
            os.utime(registry.root / name, (then, then))

        assert registry.prune(keep=1, now=now) == ()

        assert [p.name for p in registry.root.glob(".saving-*")] == [".saving-new"]
