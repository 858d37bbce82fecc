"""What points are worth as money off."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.money import Money
from loyalty.points.rules.worth import money_for, points_for, tendered

VALUES = st.decimals(
    Decimal("0.0001"), Decimal(2), places=4, allow_nan=False, allow_infinity=False
)
AMOUNTS = st.integers(0, 100_000)


def eur(cents: int) -> Money:
    return Money(amount=cents, currency="EUR")


class TestMoneyFor:
    @pytest.mark.parametrize(
        ("points", "value", "cents"),
        [(150, "0.01", 150), (7, "0.005", 3), (3, "0.0033", 0), (4, "0.0033", 1)],
    )
    def test_is_rounded_down(self, points: int, value: str, cents: int) -> None:
        assert money_for(points, value=Decimal(value), currency="EUR") == eur(cents)

    def test_follows_the_currencys_decimals(self) -> None:
        assert money_for(150, value=Decimal(1), currency="JPY").amount == 150
        assert money_for(150, value=Decimal("0.001"), currency="KWD").amount == 150

    def test_refuses_negative_points(self) -> None:
        with pytest.raises(ValueError, match="not negative"):
            money_for(-1, value=Decimal("0.01"), currency="EUR")


class TestPointsFor:
    @given(AMOUNTS, VALUES)
    def test_is_the_least_that_is_worth_the_amount(
        self, cents: int, value: Decimal
    ) -> None:
        points = points_for(eur(cents), value=value)

        assert money_for(points, value=value, currency="EUR").amount >= cents
        if points:
            less = money_for(points - 1, value=value, currency="EUR")
            assert less.amount < cents

    def test_refuses_points_that_are_worth_nothing(self) -> None:
        with pytest.raises(ValueError, match="no points are worth"):
            points_for(eur(100), value=Decimal(0))


class TestTendered:
    @given(st.integers(0, 100_000), AMOUNTS, VALUES)
    def test_takes_off_no_more_than_is_to_pay_or_was_offered(
        self, points: int, cents: int, value: Decimal
    ) -> None:
        used, money = tendered(points, to_pay=eur(cents), value=value)

        assert 0 <= used <= points
        assert money.amount <= cents
        assert money.amount <= money_for(points, value=value, currency="EUR").amount
        assert used == points_for(money, value=value)

    def test_uses_no_point_more_than_is_to_pay(self) -> None:
        assert tendered(500, to_pay=eur(318), value=Decimal("0.01")) == (318, eur(318))

    def test_takes_nothing_off_when_points_are_worth_nothing(self) -> None:
        assert tendered(500, to_pay=eur(318), value=Decimal(0)) == (0, eur(0))
