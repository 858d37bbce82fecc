"""Money: parsing, writing, rounding and sharing."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.money import (
    Money,
    NotMoney,
    decimal_text,
    exponent,
    parse_money,
    percent_of,
    round_half_up,
    share,
    total,
)


def eur(amount: int) -> Money:
    return Money(amount=amount, currency="EUR")


class TestMoney:
    def test_adds_and_subtracts_within_a_currency(self) -> None:
        assert eur(199) + eur(1) - eur(50) == eur(150)

    def test_compares_within_a_currency(self) -> None:
        assert eur(1) < eur(2) <= eur(2)

    def test_refuses_to_mix_currencies(self) -> None:
        with pytest.raises(ValueError, match="do not mix"):
            eur(1) + Money(amount=1, currency="USD")

    def test_adds_up_nothing_to_zero(self) -> None:
        assert total([], "EUR") == eur(0)
        assert total([eur(1), eur(2)], "EUR") == eur(3)

    def test_is_false_at_zero_only(self) -> None:
        assert not eur(0)
        assert eur(-1)


class TestExponent:
    @pytest.mark.parametrize(
        ("currency", "decimals"), [("JPY", 0), ("EUR", 2), ("KWD", 3)]
    )
    def test_is_the_currencys_own(self, currency: str, decimals: int) -> None:
        assert exponent(currency) == decimals

    def test_refuses_what_is_no_currency(self) -> None:
        with pytest.raises(NotMoney):
            exponent("EURO")


class TestParseMoney:
    @pytest.mark.parametrize(
        ("text", "currency", "amount"),
        [
            ("19.99", "EUR", 1999),
            ("5", "EUR", 500),
            ("0.5", "EUR", 50),
            ("-0.01", "EUR", -1),
            ("500", "JPY", 500),
            ("1.235", "KWD", 1235),
        ],
    )
    def test_reads_decimal_strings(self, text: str, currency: str, amount: int) -> None:
        assert parse_money(text, currency) == Money(amount=amount, currency=currency)

    @pytest.mark.parametrize(
        ("text", "currency"),
        [
            ("1.999", "EUR"),
            ("1.0", "JPY"),
            ("1e3", "EUR"),
            (" 1", "EUR"),
            ("1,00", "EUR"),
            ("", "EUR"),
            (".5", "EUR"),
            ("1.", "EUR"),
            ("NaN", "EUR"),
            ("١٢", "EUR"),
            ("1234567890123456", "EUR"),
        ],
    )
    def test_refuses_anything_else(self, text: str, currency: str) -> None:
        with pytest.raises(NotMoney):
            parse_money(text, currency)

    @given(
        amount=st.integers(-(10**12), 10**12),
        currency=st.sampled_from(["JPY", "EUR", "KWD"]),
    )
    def test_reads_back_what_was_written(self, amount: int, currency: str) -> None:
        money = Money(amount=amount, currency=currency)

        assert parse_money(str(money), currency) == money
        assert str(money) == decimal_text(amount, currency)


class TestRoundHalfUp:
    @pytest.mark.parametrize(
        ("value", "rounded"),
        [
            (Decimal("0.5"), 1),
            (Decimal("1.5"), 2),
            (Decimal("2.4999"), 2),
            (Fraction(5, 2), 3),
            (Fraction(-5, 2), -3),
            (Fraction(7, 3), 2),
            (7, 7),
        ],
    )
    def test_sends_a_half_away_from_zero(
        self, value: Decimal | Fraction | int, rounded: int
    ) -> None:
        assert round_half_up(value) == rounded

    def test_takes_a_percentage(self) -> None:
        assert percent_of(455, Decimal(10)) == 46
        assert percent_of(1235, Decimal(15)) == 185
        assert percent_of(200, Decimal("10.5")) == 21


class TestShare:
    def test_gives_the_rest_to_the_largest_remainders(self) -> None:
        assert share(55, [199, 249, 333]) == (14, 18, 23)
        assert share(100, [500, 300, 333]) == (44, 27, 29)

    def test_gives_equal_remainders_to_the_larger_weight_then_the_earlier(
        self,
    ) -> None:
        assert share(2, [1, 1, 1]) == (1, 1, 0)
        assert share(1, [1, 3]) == (0, 1)

    def test_shares_nothing_by_nothing(self) -> None:
        assert share(0, [0, 0]) == (0, 0)

    def test_refuses_an_amount_without_weights(self) -> None:
        with pytest.raises(ValueError, match="no weight"):
            share(1, [0])

    def test_refuses_what_is_negative(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            share(-1, [1])

    @given(
        amount=st.integers(0, 10**9),
        weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any),
    )
    def test_adds_up_and_stays_within_one_of_the_exact_share(
        self, amount: int, weights: list[int]
    ) -> None:
        shares = share(amount, weights)

        assert sum(shares) == amount
        for part, weight in zip(shares, weights, strict=True):
            assert abs(part - Fraction(amount * weight, sum(weights))) < 1
            assert amount > sum(weights) or part <= weight
