from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender.allocation import Limits
from recommender.allocation.choosing import at, choose, total_of
from recommender.allocation.table import Table, lay_out
from tests.unit.recommender.allocation.instances import candidates

numbers = st.floats(-4, 9, width=16)


@st.composite
def customers(draw: st.DrawFn) -> tuple[Table, NDArray[np.float32]]:
    """One customer, with worths that may be below zero, as prices make them."""
    size = draw(st.integers(1, 8))
    fresh = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    worth = draw(st.lists(numbers, min_size=size, max_size=size))
    groups = draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
    circles = draw(st.lists(st.integers(0, 1), min_size=5, max_size=5))
    places = draw(st.integers(1, 4))
    limits = Limits(
        groups=np.array(groups, np.int32),
        related=np.array([circles[group] for group in groups], np.int32),
        caps=np.full(size, np.inf),
        budgets=np.full(size, np.inf),
        per_customer=places,
        discovery=draw(st.integers(0, places)),
        diversity=draw(st.sampled_from([0.0, 0.1, 0.4])),
    )
    found = candidates([[(i, 5.0, 0.0, new) for i, new in enumerate(fresh)]])
    (table,) = lay_out(found, limits, np.ones(size, np.bool_), np.arange(1))
    return table, np.array([worth], np.float32)


def best_by_trying(table: Table, worth: NDArray[np.float32]) -> float:
    best = 0.0
    columns = range(worth.shape[1])
    for size in range(1, table.places + 1):
        for some in combinations(columns, size):
            taken = list(some)
            groups, circles = table.groups[0, taken], table.related[0, taken]
            habits = int((~table.fresh[0, taken]).sum())
            if len(set(groups.tolist())) < size or habits > table.habits[0]:
                continue
            pairs = sum(int(a == b) for a, b in combinations(circles.tolist(), 2))
            value = float(worth[0, taken].sum()) - pairs * float(table.step[0])
            best = max(best, value)
    return best


class TestChoose:
    @settings(deadline=None, max_examples=400)
    @given(customers())
    def test_is_as_good_as_trying_everything(
        self, given_: tuple[Table, NDArray[np.float32]]
    ) -> None:
        table, worth = given_
        slots, total = choose(table, worth)
        assert abs(float(total[0]) - best_by_trying(table, worth)) < 1e-4
        taken = slots[0][slots[0] >= 0].tolist()
        assert len(set(table.groups[0, taken].tolist())) == len(taken)
        assert int((~table.fresh[0, taken]).sum()) <= table.habits[0]

    def test_keeps_a_place_for_a_discovery(self) -> None:
        found = candidates(
            [[(0, 9, 0, False), (1, 8, 0, False), (2, 1, 0, True), (3, 2, 0, False)]]
        )
        limits = Limits.none(4)
        (table,) = lay_out(found, limits, np.ones(4, np.bool_), np.arange(1))
        assert table.habits.tolist() == [3]
        assert sorted(choose(table, table.values)[0][0].tolist()) == [0, 1, 2, 3]

    def test_counts_a_circle_against_the_second_offer_of_it(self) -> None:
        found = candidates([[(0, 10, 0, True), (1, 9, 0, True), (2, 3, 0, True)]])
        limits = Limits(
            groups=np.arange(3, dtype=np.int32),
            related=np.array([0, 0, 1], np.int32),
            caps=np.full(3, np.inf),
            budgets=np.full(3, np.inf),
            per_customer=2,
            diversity=0.7,
        )
        (table,) = lay_out(found, limits, np.ones(3, np.bool_), np.arange(1))
        slots, total = choose(table, table.values)
        assert at(table.offers, slots).tolist() == [[0, 2]]
        assert total.tolist() == [13]
        both = np.array([[0, 1]], np.int16)
        assert total_of(table, both) == 10 + 9 - np.float32(7)
