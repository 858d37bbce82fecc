from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.config import Config
from recommender.data import Customer, Offer, Product, Purchase, Purchases, day_number
from recommender.dataset import Catalogue, Events
from recommender.features import Audience, Space, Targets, item_offers, told, wishes
from recommender.features.demand import NAMES, Demand
from recommender.features.pairs import FEATURES, GROUPS, SCORES, tabulate
from recommender.scoring import describe_audience
from recommender.training import Trained
from tests.unit.recommender.features import plain
from tests.unit.recommender.shop import Shop

DAY = day_number(date(2026, 11, 1))
CUSTOMERS, ITEMS = range(3), range(3)
CONFIG = Config()
PRODUCTS = tuple(
    Product(sku=f"{item}-{n}", category=f"C{item}", department=f"D{item // 2}")
    for item in ITEMS
    for n in (1, 2)
)
CATALOGUE = Catalogue.of(PRODUCTS, config=CONFIG)
SPACE = Space.of(CATALOGUE, [], config=CONFIG)
OFFERS = (*item_offers(CATALOGUE), Offer(key="two", categories=("C0", "C2")))
OF_OFFER = ({0}, {1}, {2}, {0, 2})
TARGETS = Targets.of(OFFERS, CATALOGUE, SPACE)

histories = st.lists(
    st.tuples(
        st.sampled_from(CUSTOMERS),
        st.sampled_from(ITEMS),
        st.integers(DAY - 320, DAY - 1),
    ),
    max_size=40,
)


def events(rows: plain.Rows) -> Events:
    columns = np.array(rows, np.int32).reshape(-1, 3).T
    return Events.distinct(np.arange(3, dtype=np.int64), 3, columns)


def audience(rows: plain.Rows) -> Audience:
    customers = [Customer(id=number) for number in CUSTOMERS]
    wanted = wishes(
        customers, catalogue=CATALOGUE, buyers=np.ones(3, np.float32), config=CONFIG
    )
    return Audience.of(
        events(rows),
        told(customers, space=SPACE),
        wanted,
        day=DAY,
        space=SPACE,
        config=CONFIG,
    )


def table(rows: plain.Rows) -> np.ndarray:
    demand = Demand.fit(events(rows), day=DAY)
    return tabulate(audience(rows), TARGETS, demand, {})


def column(name: str) -> int:
    return list(FEATURES).index(name)


class TestTabulate:
    @given(histories)
    def test_says_what_each_customer_has_done_with_each_target(
        self, rows: plain.Rows
    ) -> None:
        found = table(rows)
        for customer in CUSTOMERS:
            for target, items in enumerate(OF_OFFER):
                expected = plain.deeds_of(rows, customer, items, DAY)
                for name, value in expected.items():
                    assert found[customer, target, column(name)] == pytest.approx(
                        value, rel=1e-4, abs=1e-6, nan_ok=True
                    ), name

    @given(histories)
    def test_says_what_holds_for_the_household(self, rows: plain.Rows) -> None:
        found = table(rows)
        for customer in CUSTOMERS:
            expected = plain.household_of(rows, customer, DAY)
            for name, value in expected.items():
                values = found[customer, :, column(name)]
                assert values.tolist() == pytest.approx([value] * 4), name

    @given(histories)
    def test_says_how_a_customer_keeps_their_rhythm(self, rows: plain.Rows) -> None:
        found = table(rows)
        usual = Demand.fit(events(rows), day=DAY).interval
        for customer in CUSTOMERS:
            for item in ITEMS:
                days = sorted({d for c, i, d in rows if (c, i) == (customer, item)})
                interval = float(usual[item])
                if days:
                    gaps = days[-1] - days[0] + 2 * interval
                    interval = gaps / (len(days) + 1)
                due = (DAY - days[-1]) / interval if days else float("nan")
                row = found[customer, item]
                assert row[column("interval")] == pytest.approx(interval, rel=1e-4)
                assert row[column("due")] == pytest.approx(due, rel=1e-4, nan_ok=True)

    def test_is_the_same_for_chosen_places(self) -> None:
        rows = [(0, 0, DAY - 3), (1, 2, DAY - 40), (1, 2, DAY - 2), (0, 1, DAY - 90)]
        demand = Demand.fit(events(rows), day=DAY)
        places = np.array([[3, 0], [2, 2], [1, 3]], np.int32)
        whole = tabulate(audience(rows), TARGETS, demand, {})
        some = tabulate(audience(rows), TARGETS, demand, {}, places)
        expected = np.take_along_axis(whole, places[:, :, np.newaxis], 1)
        np.testing.assert_array_equal(some, expected)

    def test_leaves_unknown_what_no_model_says(self) -> None:
        found = table([(0, 0, DAY - 3)])
        for name in SCORES:
            assert np.isnan(found[:, :, column(name)]).all()

    def test_counts_only_the_products_that_an_offer_names(
        self, shop: Shop, trained: Trained
    ) -> None:
        bought = Purchases.of(
            [
                Purchase(
                    customer=900,
                    product=sku,
                    day=date(2026, 6, 1),
                    quantity=1,
                    value=100,
                )
                for sku in ("Milk-1", "Bread-1")
            ]
        )
        catalogue = Catalogue.of(
            shop.products, config=trained.config, items=trained.space.items
        )
        targets = Targets.of(
            [Offer(key="a", skus=("Milk-1",)), Offer(key="b", skus=("Milk-2",))],
            catalogue,
            trained.space,
        )
        customer = [Customer(id=900)]
        someone = describe_audience(trained, bought, customer, catalogue, shop.tomorrow)
        assert trained.ranker is not None
        found = trained.ranker.table(someone, targets)
        assert found[0, :, column("days")].tolist() == [1, 0]

    def test_defines_every_feature_of_a_stranger_and_a_new_offer(
        self, shop: Shop, trained: Trained
    ) -> None:
        """A category that came after training has no score of its own."""
        new = Product(sku="Tea-1", category="Tea", department="Drinks")
        catalogue = Catalogue.of(
            [*shop.products, new], config=trained.config, items=trained.space.items
        )
        offer = Offer(key="tea", categories=("Tea",))
        targets = Targets.of([offer], catalogue, trained.space)
        stranger = describe_audience(
            trained, shop.purchases, [Customer(id=9999)], catalogue, shop.tomorrow
        )
        assert trained.ranker is not None
        found = trained.ranker.table(stranger, targets)
        assert not np.isinf(found).any()
        ranked = trained.rank(stranger, targets)
        assert 0 < ranked.probability[0, 0] < 1
        assert ranked.fresh[0, 0]


class TestDemand:
    @given(histories)
    def test_counts_what_all_customers_do(self, rows: plain.Rows) -> None:
        figures = dict(
            zip(NAMES, Demand.fit(events(rows), day=DAY).figures, strict=True)
        )
        for item in ITEMS:
            for days in (7, 14, 28, 84):
                expected = plain.buyers_of(rows, item, DAY - days, DAY)
                assert figures[f"buyers_{days}"][item] == pytest.approx(expected)
            for days in (14, 28, 84):
                expected = plain.debut_of(rows, item, DAY - days, DAY)
                assert figures[f"debut_{days}"][item] == pytest.approx(expected)
            expected = plain.repeat_of(rows, ITEMS, item, DAY)
            assert figures["repeat"][item] == pytest.approx(expected)


class TestFeatures:
    def test_belong_to_groups_that_can_be_explained(self) -> None:
        assert set(FEATURES.values()) == set(GROUPS)

    @given(st.sampled_from(["Beer", "Wine", "Vitamins", "Cigarettes"]), histories)
    def test_never_come_from_what_is_sensitive(
        self, name: str, rows: plain.Rows
    ) -> None:
        """Buying it changes no feature of any pair."""
        secret = Product(sku="secret", category=name, department="D0")
        catalogue = Catalogue.of([*PRODUCTS, secret], config=CONFIG)
        assert catalogue.items == CATALOGUE.items
        skus = ("0-1", "1-1", "2-1", "secret")

        def purchases(found: list[tuple[int, int, int]]) -> Purchases:
            columns = np.array(found, np.int64).reshape(-1, 3).T
            one = np.ones(len(found), np.int32)
            return Purchases(
                customers=columns[0],
                products=columns[1].astype(np.int32),
                days=columns[2].astype(np.int32),
                quantities=one,
                values=one.astype(np.int64),
                skus=skus,
            )

        ids = np.arange(3, dtype=np.int64)
        secrets = [(c, 3, d) for c in CUSTOMERS for d in range(DAY - 90, DAY, 7)]
        without = Events.of(purchases(list(rows)), catalogue, ids)
        with_it = Events.of(purchases([*rows, *secrets]), catalogue, ids)
        some = replace(audience(rows), events=without)
        same = replace(audience(rows), events=with_it)
        demand = Demand.fit(without, day=DAY)
        assert (Demand.fit(with_it, day=DAY).figures == demand.figures).all()
        np.testing.assert_array_equal(
            tabulate(some, TARGETS, demand, {}), tabulate(same, TARGETS, demand, {})
        )
