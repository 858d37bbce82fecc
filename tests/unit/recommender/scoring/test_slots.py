import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.scoring import Scored, in_slots


def scored(*rows: str) -> Scored:
    """Return a block: N is something new, o is not, - is nothing."""
    cells = np.array([list(row) for row in rows])
    value = np.zeros(cells.shape, np.float32)
    return Scored(
        customers=np.arange(len(rows)),
        places=np.where(cells == "-", -1, np.arange(cells.shape[1])).astype(np.int32),
        probability=value,
        value=value,
        cost=value,
        fresh=cells == "N",
    )


class TestInSlots:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ("ooooNo", [0, 1, 2, 4, 3, 5]),
            ("oNoooN", [0, 1, 2, 3, 4, 5]),
            ("oooooo", [0, 1, 2, 3, 4, 5]),
            ("oo----", [0, 1, -1, -1, -1, -1]),
        ],
    )
    def test_shows_something_new_in_each_four(
        self, row: str, expected: list[int]
    ) -> None:
        assert in_slots(scored(row), 10, 4).tolist() == [expected]

    def test_shows_no_more_than_are_asked_for(self) -> None:
        assert in_slots(scored("ooooNo", "NNNNNN"), 2, 2).tolist() == [[0, 4], [0, 1]]

    def test_can_leave_all_as_it_comes(self) -> None:
        assert in_slots(scored("ooooNo"), 3, 0).tolist() == [[0, 1, 2]]

    @given(row=st.text("No", min_size=1, max_size=12), every=st.integers(0, 5))
    def test_loses_nothing(self, row: str, every: int) -> None:
        (chosen,) = in_slots(scored(row), 20, every).tolist()
        assert sorted(chosen) == [*range(len(row))]
