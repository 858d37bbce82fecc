import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.data import LongArray
from recommender.scoring import FRESH, Scored, in_blocks
from tests.unit.recommender.shop import Shop

VALUES = st.tuples(st.integers(0, 5), st.booleans())
ROWS = st.lists(st.lists(st.none() | VALUES, min_size=6, max_size=6), min_size=1)


def scored(rows: list[list[tuple[int, bool] | None]]) -> Scored:
    """Return a block in which the place is the column, and None is no target."""
    shape = (len(rows), 6)
    places = np.full(shape, -1, np.int32)
    value = np.zeros(shape, np.float32)
    cost = np.zeros(shape, np.float32)
    fresh = np.zeros(shape, np.bool_)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell is not None:
                places[row, column] = column
                value[row, column], fresh[row, column] = cell
                cost[row, column] = 1
    return Scored(
        customers=np.arange(len(rows)),
        places=places,
        probability=value / np.float32(10),
        value=value,
        cost=cost,
        fresh=fresh,
    )


def wanted(cells: list[tuple[int, bool] | None], k: int) -> list[int]:
    """Choose in plain words."""
    there = [(c, *cell) for c, cell in enumerate(cells) if cell is not None]
    by_value = sorted(there, key=lambda cell: -cell[1])
    reserved = [cell for cell in by_value if cell[2]][: k // FRESH]
    others = [cell for cell in by_value if cell not in reserved]
    kept = reserved + others[: k - len(reserved)]
    return [cell[0] for cell in by_value if cell in kept]


class TestScoredBest:
    @given(rows=ROWS, k=st.integers(1, 8))
    def test_keeps_most_value_and_room_for_something_new(
        self, rows: list[list[tuple[int, bool] | None]], k: int
    ) -> None:
        found = scored(rows).best(k)
        assert found.places.shape == (len(rows), k)
        for row, cells in enumerate(rows):
            expected = wanted(cells, k)
            missing = [-1] * (k - len(expected))
            assert found.places[row].tolist() == expected + missing

    def test_takes_the_other_columns_along(self) -> None:
        found = scored([[(1, False), None, (4, False), (2, True), None, None]]).best(4)
        assert found.places.tolist() == [[2, 3, 0, -1]]
        assert found.value.tolist() == [[4, 2, 1, 0]]
        assert found.cost.tolist() == [[1, 1, 1, 0]]
        assert found.fresh.tolist() == [[False, True, False, False]]
        assert found.probability.tolist() == (found.value / np.float32(10)).tolist()

    def test_leaves_out_the_worst_for_something_new(self) -> None:
        cells = [(5, False), (4, False), (3, False), (2, False), (0, True), None]
        assert scored([[*cells]]).best(4).places.tolist() == [[0, 1, 2, 4]]


class TestScoredTogether:
    def test_puts_customers_in_order(self) -> None:
        whole = scored([[(n, False)] * 6 for n in range(5)])

        def rows(*chosen: int) -> Scored:
            at: LongArray = np.array(chosen, np.int64)
            return Scored(
                customers=whole.customers[at],
                places=whole.places[at],
                probability=whole.probability[at],
                value=whole.value[at],
                cost=whole.cost[at],
                fresh=whole.fresh[at],
            )

        found = Scored.together([rows(1, 3), rows(0, 2, 4)])
        assert found.customers.tolist() == [0, 1, 2, 3, 4]
        assert (found.value == whole.value).all()


class TestInBlocks:
    def test_gives_each_customer_with_only_their_purchases(self, shop: Shop) -> None:
        blocks = list(in_blocks(shop.customers[::-1], shop.purchases, 50))
        ids = [[customer.id for customer in block.customers] for block in blocks]
        assert [len(block) for block in ids] == [50, 50, 20]
        assert [one for block in ids for one in block] == [*range(1, 121)]
        for block, who in zip(blocks, ids, strict=True):
            assert set(block.purchases.customers.tolist()) == set(who)
        lines = sum(len(block.purchases) for block in blocks)
        assert lines == len(shop.purchases)

    def test_leaves_out_purchases_of_others(self, shop: Shop) -> None:
        (block,) = in_blocks([shop.customers[4]], shop.purchases)
        assert set(block.purchases.customers.tolist()) == {5}

    def test_gives_nothing_of_nobody(self, shop: Shop) -> None:
        assert list(in_blocks([], shop.purchases)) == []
