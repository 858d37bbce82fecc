"""What a new model would have brought, from offers that were drawn by chance."""

from datetime import timedelta
from pathlib import Path

import pytest

from jobs.tasks.looking_back import look_back
from jobs.tasks.models import registry
from jobs.tasks.planning import Shop, plan_offers
from jobs.tasks.running import quiet
from jobs.tasks.training import train_model
from loyalty.core.database import Database
from loyalty.offers.service import create_campaign, mark_redeemed
from loyalty.offers.values import NewCampaign
from loyalty.purchases.queries import list_purchases
from tests.factories import NOW
from tests.integration.jobs.learners import learn_little, make_learners, make_offers

LATER = NOW + timedelta(days=15)


class TestLookingBack:
    def test_says_how_much_is_missing_and_then_what_it_would_have_been(
        self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        learn_little(monkeypatch)
        people = make_learners(database)
        make_offers(database)
        train_model(database, tmp_path, now=NOW, progress=quiet)
        with database.transaction() as session:
            create_campaign(
                session,
                campaign=NewCampaign(
                    code="autumn",
                    name="Autumn",
                    starts_at=NOW,
                    ends_at=NOW + timedelta(days=14),
                    promotions=("coffee", "pizza", "tea"),
                    offers_per_customer=1,
                    holdout_percent=0,
                ),
                actor="staff:1",
                now=NOW,
            )
        shop = Shop(database=database, data_dir=tmp_path, providers=())
        outcome = plan_offers(shop, campaign="autumn", now=NOW)
        with database.transaction() as session:
            who = people[0].profile.id
            bought = list_purchases(session, customer_id=who)[0]
            mark_redeemed(
                session,
                customer_id=who,
                promotions=["coffee", "pizza", "tea"],
                purchase_id=bought.id,
                now=NOW,
            )
        trained = registry(tmp_path).load()

        short = look_back(database, trained, now=LATER, progress=quiet)
        enough = look_back(database, trained, now=LATER, needed=5, progress=quiet)

        assert short == {"lists": outcome.offers, "needed": 500}
        assert enough["campaigns"] == ["autumn"]
        assert enough["made"] == pytest.approx(1 / outcome.offers, abs=1e-6)
        # The model that drew them would have drawn them alike.
        estimate = enough["estimate"]
        assert estimate["low"] <= enough["made"] <= estimate["high"]
        assert estimate["value"] == pytest.approx(enough["made"], rel=0.25)
        assert estimate["lists"] == outcome.offers
