"""What the lowest price of a time was."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.catalogue.rules import lowest_between, lowest_price
from loyalty.catalogue.values import PriceChange, PriceSource
from loyalty.core.money import Money

REDUCED = datetime(2026, 11, 24, tzinfo=UTC)
STEPS = 12


def eur(cents: int) -> Money:
    return Money(amount=cents, currency="EUR")


def change(days_before: int, cents: int, store: int | None = None) -> PriceChange:
    return PriceChange(
        at=REDUCED - timedelta(days=days_before),
        price=eur(cents),
        source=PriceSource.IMPORT,
        store_id=store,
    )


class TestLowestPrice:
    def test_is_not_known_without_a_price(self) -> None:
        assert lowest_price([], before=REDUCED) is None
        assert lowest_price([change(0, 199)], before=REDUCED) is None

    def test_counts_the_price_in_force_when_the_days_begin(self) -> None:
        changes = [change(300, 199), change(10, 249)]

        assert lowest_price(changes, before=REDUCED) == eur(199)

    @pytest.mark.parametrize(
        ("ended", "lowest"),
        [(29, 149), (30, 199), (31, 199)],
        ids=["within", "at the edge", "before"],
    )
    def test_forgets_what_ended_before_the_days(self, ended: int, lowest: int) -> None:
        changes = [change(60, 199), change(40, 149), change(ended, 199)]

        assert lowest_price(changes, before=REDUCED) == eur(lowest)

    def test_leaves_the_reduction_itself_out(self) -> None:
        changes = [change(60, 199), change(0, 99)]

        assert lowest_price(changes, before=REDUCED) == eur(199)

    def test_looks_at_every_store(self) -> None:
        changes = [change(60, 199), change(50, 149, store=1), change(5, 179, store=2)]

        assert lowest_price(changes, before=REDUCED) == eur(149)

    def test_replaces_the_stores_prices_by_one_for_all(self) -> None:
        changes = [change(60, 149, store=1), change(50, 199)]

        assert lowest_price(changes, before=REDUCED) == eur(199)

    def test_can_look_further_back(self) -> None:
        changes = [change(60, 149), change(45, 199)]

        assert lowest_price(changes, before=REDUCED, days=60) == eur(149)


class TestLowestBetween:
    @given(
        st.lists(
            st.tuples(
                st.integers(0, STEPS),
                st.integers(1, 9),
                st.sampled_from([None, 1, 2]),
            ),
            max_size=8,
            unique_by=lambda given_: given_[0],
        ),
        st.integers(0, STEPS),
        st.integers(1, STEPS),
    )
    def test_is_the_lowest_of_all_moments_and_stores(
        self, told: list[tuple[int, int, int | None]], start: int, length: int
    ) -> None:
        begin = REDUCED
        changes = [
            PriceChange(
                at=begin + timedelta(days=day),
                price=eur(cents),
                source=PriceSource.PURCHASE,
                store_id=store,
            )
            for day, cents, store in sorted(told, key=lambda one: one[0])
        ]
        window = [begin + timedelta(days=start + n) for n in range(length)]

        found = lowest_between(
            changes, start=window[0], until=window[-1] + timedelta(days=1)
        )

        prices = [
            in_force(changes, moment, store)
            for moment in window
            for store in (None, 1, 2)
        ]
        known = [price for price in prices if price is not None]
        assert found == min(known, default=None)


def in_force(
    changes: Sequence[PriceChange], moment: datetime, store: int | None
) -> Money | None:
    """Return the price at a moment in a store, looking at one moment alone."""
    price = None
    for one in changes:
        if one.at <= moment and one.store_id in (None, store):
            price = one.price
    return price
