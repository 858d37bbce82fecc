"""How much offers change, learned from campaigns with a holdout."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from recommender.data import Past
from recommender.models import uplift as module
from recommender.registry import Registry
from recommender.training import Trained
from recommender.training.campaigns import Shop as Records
from recommender.training.trials import teach_uplift, trial_of
from tests.unit.recommender.redemption.conftest import Asked

NOW = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)


@pytest.fixture
def tried(past: Past) -> Past:
    """Return the campaigns with every fourth customer held out."""
    campaigns = []
    for one in past.campaigns:
        offers = tuple(replace(offer, kind="coupon") for offer in one.offers)
        campaigns.append(
            replace(
                one,
                offers=offers,
                customers=tuple(who for who in one.customers if who % 4),
                holdout=tuple(who for who in one.customers if who % 4 == 0),
            )
        )
    return replace(past, campaigns=tuple(campaigns))


@pytest.fixture
def knowing(
    taught: Trained, records: Records, tried: Past, monkeypatch: pytest.MonkeyPatch
) -> Trained:
    monkeypatch.setattr(module, "FEWEST", 20)
    return teach_uplift(taught, records, tried)


class TestTrialOf:
    def test_compares_what_both_groups_bought_meanwhile(
        self, taught: Trained, records: Records, tried: Past
    ) -> None:
        found = trial_of(taught, records, tried.campaigns[0], ["coupon"])
        assert found is not None
        assert len(found.treated) == 120 * 5
        assert set(found.customers[~found.treated] % 4) == {0}
        rates = [found.bought[found.treated == group].mean() for group in (True, False)]
        assert min(rates) > 0
        assert abs(rates[0] - rates[1]) < 0.1

    def test_of_offers_made_to_some_compares_those(
        self, taught: Trained, records: Records, tried: Past
    ) -> None:
        one = replace(tried.campaigns[0], made=((1, 0), (2, 3), (4, 3)))
        found = trial_of(taught, records, one, ["coupon"])
        assert found is not None
        assert found.treated.sum() == 2
        assert (~found.treated).sum() == 1


class TestTeachUplift:
    def test_finds_that_nothing_changed_where_it_did_not(
        self, knowing: Trained
    ) -> None:
        assert knowing.uplift is not None
        assert knowing.uplift.pooled.low < 0 < knowing.uplift.pooled.high
        assert knowing.uplift.kinds == ("coupon",)

    def test_counts_only_what_an_offer_changes(
        self, knowing: Trained, taught: Trained, asked: Asked
    ) -> None:
        offers = [replace(o, kind="coupon", margin=90) for o in asked.terms.offers]
        terms = replace(asked.terms, offers=offers)
        tables = (asked.audience, asked.targets)
        ranked = taught.rank(*tables)
        plain = taught.redemption(*tables, ranked, terms)
        found = knowing.redemption(*tables, ranked, terms)
        assert plain.incremental is None
        assert found.incremental is not None
        assert np.array_equal(found.probability, plain.probability)
        assert np.abs(found.incremental).max() < 0.2
        assert np.allclose(found.value, found.incremental * 90)

    def test_says_nothing_of_too_few(
        self, taught: Trained, records: Records, tried: Past
    ) -> None:
        assert teach_uplift(taught, records, tried).uplift is None

    def test_says_nothing_without_holdouts(
        self, taught: Trained, records: Records, past: Past
    ) -> None:
        assert teach_uplift(taught, records, past).uplift is None

    def test_is_stored(self, knowing: Trained, asked: Asked, tmp_path: Path) -> None:
        registry = Registry(tmp_path)
        loaded = registry.load(registry.save(knowing, now=NOW).version)
        tables = (asked.audience, asked.targets)
        ranked = knowing.rank(*tables)
        before, after = (
            one.redemption(*tables, ranked, asked.terms).value
            for one in (knowing, loaded)
        )
        assert np.array_equal(before, after)
        assert loaded.uplift is not None
        assert knowing.uplift is not None
        assert loaded.uplift.pooled == knowing.uplift.pooled
