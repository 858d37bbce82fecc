from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from recommender.config import Config
from recommender.data import IntArray, Past
from recommender.models.redemption import FEATURES, Redeemed
from recommender.models.redemption.learning import FEWEST
from recommender.pipeline import train
from recommender.registry import DamagedModel, Registry
from recommender.training import Trained
from tests.unit.recommender.redemption.conftest import Asked, likes, uses_coupons
from tests.unit.recommender.shop import Shop

NOW = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)


def redemption(
    trained: Trained, asked: Asked, places: IntArray | None = None
) -> Redeemed:
    ranked = trained.rank(asked.audience, asked.targets)
    if places is not None:
        there = np.maximum(places, 0)
        ranked = trained.rank(asked.audience, asked.targets, there)
        ranked = replace(ranked, places=places)
    return trained.redemption(asked.audience, asked.targets, ranked, asked.terms)


class TestRedemption:
    def test_is_most_probable_for_who_uses_coupons_and_likes_it(
        self, taught: Trained, asked: Asked
    ) -> None:
        found = redemption(taught, asked).probability
        offers = asked.terms.offers
        groups: dict[tuple[bool, bool], list[float]] = {}
        for row, who in enumerate(asked.audience.ids.tolist()):
            for place, offer in enumerate(offers):
                key = (uses_coupons(who), likes(who, offer))
                groups.setdefault(key, []).append(float(found[row, place]))
        means = {key: np.mean(values) for key, values in groups.items()}
        assert means[True, True] > 0.4
        assert means[True, True] > 3 * means[True, False]
        assert means[True, True] > 3 * means[False, True]

    def test_is_said_as_often_as_it_happens(
        self, taught: Trained, asked: Asked, past: Past
    ) -> None:
        found = redemption(taught, asked).probability
        pairs = len(past.campaigns) * found.size
        used = [answer for answer in past.responses if answer.offer != "Beer"]
        assert found.mean() == pytest.approx(len(used) / pairs, rel=0.3)

    def test_of_no_place_is_nothing(self, taught: Trained, asked: Asked) -> None:
        places = np.full((len(asked.audience), 2), -1, np.int32)
        places[0] = (3, -1)
        found = redemption(taught, asked, places)
        assert np.count_nonzero(found.probability) == 1
        assert np.count_nonzero(found.value) == 1

    def test_does_not_depend_on_which_others_are_asked_for(
        self, taught: Trained, asked: Asked
    ) -> None:
        rows = np.array([4, 17, 60], np.int32)
        some = Asked(
            audience=asked.audience.rows(rows),
            targets=asked.targets,
            terms=asked.terms.rows(rows),
        )
        whole = redemption(taught, asked).probability
        assert np.allclose(redemption(taught, some).probability, whole[rows])

    def test_learns_the_same_from_the_same_seed(
        self, taught: Trained, shop: Shop, config: Config, past: Past
    ) -> None:
        tables = (shop.purchases, shop.customers, shop.products)
        again = train(*tables, config, past=past).redeemer
        assert taught.redeemer is not None
        assert again is not None
        assert again.trees == taught.redeemer.trees
        assert again.slope == taught.redeemer.slope

    def test_has_no_feature_that_names_a_category_or_a_person(self) -> None:
        assert not {name for name in FEATURES if ":" in name}

    def test_knows_nothing_of_products_of_excluded_categories(
        self, asked: Asked
    ) -> None:
        assert "Beer" not in asked.targets.keys
        assert not [s for s in asked.targets.skus if s.startswith("Beer")]


class TestWithTooFewRedemptions:
    def test_buying_stands_for_redeeming(
        self, shop: Shop, config: Config, past: Past, asked: Asked
    ) -> None:
        few = replace(past, responses=past.responses[: FEWEST - 1])
        tables = (shop.purchases, shop.customers, shop.products)
        trained = train(*tables, config, past=few)
        assert trained.redeemer is None
        ranked = trained.rank(asked.audience, asked.targets)
        found = redemption(trained, asked)
        assert np.array_equal(found.probability, ranked.probability)


class TestStored:
    def test_says_the_same(self, taught: Trained, asked: Asked, tmp_path: Path) -> None:
        registry = Registry(tmp_path)
        stored = registry.save(taught, now=NOW)
        loaded = registry.load(stored.version)
        before, after = (redemption(one, asked).value for one in (taught, loaded))
        assert np.array_equal(before, after)
        assert {"redemption.txt", "redemption-3.txt"} <= set(stored.manifest["files"])

    def test_is_refused_when_it_is_damaged(
        self, taught: Trained, tmp_path: Path
    ) -> None:
        registry = Registry(tmp_path)
        stored = registry.save(taught, now=NOW)
        (tmp_path / stored.version / "redemption.txt").write_text("tree")
        with pytest.raises(DamagedModel):
            registry.load(stored.version)
