from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.config import Config
from recommender.data import Offer, Product, Purchase, Purchases
from recommender.dataset import Catalogue, Events, History, IdMap, distinct

PRODUCTS = (
    Product(sku="m1", category="Milk", department="Dairy"),
    Product(sku="m2", category="Milk", department="Dairy"),
    Product(sku="c1", category="Cheese", department="Dairy"),
    Product(sku="b1", category="BEERS/ALES", department="Drinks"),
    Product(sku="v1", category="Gifts", department="Home", path=("Wine glasses",)),
    Product(sku="t1", category="Toys", department="Home"),
)


def bought(customer: int, sku: str, day: int, quantity: int = 1) -> Purchase:
    return Purchase(
        customer=customer,
        product=sku,
        day=date(1970, 1, 1) + timedelta(days=day),
        quantity=quantity,
        value=100,
    )


def history(rows: list[Purchase], *, day: int, half_life: float = 10) -> History:
    catalogue = Catalogue.of(PRODUCTS, config=Config())
    ids = np.array([1, 2, 3], np.int64)
    events = Events.of(Purchases.of(rows), catalogue, ids)
    return History.of(events, day=day, half_life=half_life)


class TestCatalogue:
    def test_leaves_out_what_is_sensitive_anywhere_on_its_path(self) -> None:
        catalogue = Catalogue.of(PRODUCTS, config=Config())
        assert catalogue.items.names == ("Cheese", "Milk", "Toys")
        assert set(catalogue.products) == {"m1", "m2", "c1", "t1"}

    def test_leaves_out_what_the_shop_excludes_by_name(self) -> None:
        config = Config(excluded_categories=("Dairy",))
        assert Catalogue.of(PRODUCTS, config=config).items.names == ("Toys",)

    def test_matches_whole_words_only(self) -> None:
        products = (
            Product(sku="g", category="Ginger ales"),
            Product(sku="s", category="Sales"),
        )
        assert Catalogue.of(products, config=Config()).items.names == ("Sales",)

    def test_matches_a_phrase_as_a_whole_and_ignores_case(self) -> None:
        products = (
            Product(sku="f", category="COLD AND FLU"),
            Product(sku="c", category="COLD CEREAL"),
        )
        assert Catalogue.of(products, config=Config()).items.names == ("COLD CEREAL",)

    def test_can_be_sent_with_a_few_products_only(self) -> None:
        whole = Catalogue.of(PRODUCTS, config=Config())
        few = whole.only(["m2", "t1", "unknown"])
        for sku in ("m2", "t1", "unknown"):
            assert few.item_of(sku) == whole.item_of(sku)
        assert few.item_of("m1") == -1
        for name in ("Milk", "Dairy", "Nothing"):
            assert few.items_in(name) == whole.items_in(name)

    def test_knows_what_a_name_stands_for(self) -> None:
        catalogue = Catalogue.of(PRODUCTS, config=Config())
        assert catalogue.items_in("Milk") == (1,)
        assert catalogue.items_in("Dairy") == (0, 1)
        assert catalogue.items_in("BEERS/ALES") == ()
        assert catalogue.items_in("Nothing") == ()

    def test_keeps_the_items_of_a_trained_model(self) -> None:
        catalogue = Catalogue.of(PRODUCTS, config=Config(), items=IdMap.of(["Milk"]))
        assert catalogue.item_of("m2") == 0
        assert catalogue.item_of("t1") == -1
        assert catalogue.items_in("Toys") == ()

    def test_finds_the_products_of_an_offer(self) -> None:
        catalogue = Catalogue.of(PRODUCTS, config=Config())
        offer = Offer(
            key="o",
            skus=("m1", "b1", "?"),
            categories=("Toys",),
            departments=("Dairy",),
        )
        assert catalogue.named_products(offer) == ["m1"]
        assert catalogue.named_categories(offer) == ["Toys", "Cheese", "Milk"]


class TestEvents:
    def test_are_one_a_day_however_many_pieces(self) -> None:
        rows = [bought(2, "m2", 5), bought(2, "m1", 5, 3), bought(1, "c1", 4)]
        catalogue = Catalogue.of(PRODUCTS, config=Config())
        ids = np.array([1, 2], np.int64)
        events = Events.of(Purchases.of(rows), catalogue, ids)
        assert events.customers.tolist() == [0, 1]
        assert events.items.tolist() == [0, 1]
        assert events.days.tolist() == [4, 5]

    @pytest.mark.parametrize(
        "row",
        [bought(9, "m1", 5), bought(1, "b1", 5), bought(1, "m1", 5, -1)],
        ids=["another customer", "sensitive", "returned"],
    )
    def test_leave_out(self, row: Purchase) -> None:
        catalogue = Catalogue.of(PRODUCTS, config=Config())
        ids = np.array([1, 2], np.int64)
        events = Events.of(Purchases.of([row]), catalogue, ids)
        assert len(events.days) == 0

    def test_of_nobody_are_none(self) -> None:
        catalogue = Catalogue.of(PRODUCTS, config=Config())
        rows = Purchases.of([bought(1, "m1", 5)])
        events = Events.of(rows, catalogue, np.zeros(0, np.int64))
        assert len(events.days) == 0


class TestHistory:
    def test_counts_days_and_lets_them_fade(self) -> None:
        rows = [bought(1, "m1", 0), bought(1, "m2", 10), bought(3, "c1", 15)]
        found = history(rows, day=20)
        assert found.counts.toarray().tolist() == [[0, 2, 0], [0, 0, 0], [1, 0, 0]]
        assert found.decayed.toarray()[0].tolist() == [0, 0.75, 0]
        assert found.decayed.toarray()[2, 0] == pytest.approx(0.5**0.5)
        assert found.first[0, 1] == 0
        assert found.last[0, 1] == 10
        assert found.baskets.tolist() == [2, 0, 1]

    def test_of_nothing_is_empty(self) -> None:
        found = history([], day=20)
        assert found.counts.nnz == 0
        assert found.baskets.tolist() == [0, 0, 0]


class TestDistinct:
    @given(
        rows=st.lists(
            st.tuples(st.integers(0, 4), st.integers(-3, 3), st.integers(-(2**31), 9))
        )
    )
    def test_gives_each_row_once_in_order(
        self, rows: list[tuple[int, int, int]]
    ) -> None:
        columns = np.array(rows, np.int32).reshape(-1, 3).T
        found = np.stack(distinct(*columns))
        assert found.dtype == np.int32
        assert [tuple(row) for row in found.T.tolist()] == sorted(set(rows))

    def test_refuses_ranges_that_are_too_wide(self) -> None:
        wide = np.array([-(2**31), 2**31 - 1], np.int32)
        with pytest.raises(OverflowError, match="too wide"):
            distinct(wide, wide)
