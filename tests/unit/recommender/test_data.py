from datetime import date

import numpy as np
import pytest

from recommender.data import Purchase, Purchases, day_number, day_of


class TestDayNumber:
    def test_counts_from_1970(self) -> None:
        assert day_number(date(1970, 1, 1)) == 0
        assert day_number(date(2026, 11, 22)) == 20779

    def test_comes_back(self) -> None:
        assert day_of(day_number(date(2024, 2, 29))) == date(2024, 2, 29)


class TestPurchases:
    def test_are_columns_of_rows(self) -> None:
        purchases = Purchases.of(
            [
                Purchase(
                    customer=7,
                    product="B",
                    day=date(1970, 1, 3),
                    quantity=2,
                    value=250,
                ),
                Purchase(
                    customer=3, product="A", day=date(1970, 1, 2), quantity=1, value=99
                ),
            ]
        )
        assert len(purchases) == 2
        assert purchases.skus == ("A", "B")
        assert purchases.customers.tolist() == [7, 3]
        assert purchases.products.tolist() == [1, 0]
        assert purchases.days.tolist() == [2, 1]
        assert purchases.quantities.tolist() == [2, 1]
        assert purchases.values.tolist() == [250, 99]

    def test_refuse_columns_of_different_lengths(self) -> None:
        with pytest.raises(ValueError, match="one length"):
            _purchases(products=[0, 0], days=[1])

    @pytest.mark.parametrize("position", [-1, 2])
    def test_refuse_a_product_that_is_not_there(self, position: int) -> None:
        with pytest.raises(ValueError, match="not in skus"):
            _purchases(products=[position], days=[1])


def _purchases(*, products: list[int], days: list[int]) -> Purchases:
    length = len(products)
    return Purchases(
        customers=np.ones(length, np.int64),
        products=np.array(products, np.int32),
        days=np.array(days, np.int32),
        quantities=np.ones(length, np.int32),
        values=np.ones(length, np.int64),
        skus=("A", "B"),
    )
