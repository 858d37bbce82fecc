import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommender.data import FloatArray
from recommender.explanation.entries import heaviest, values_at

MATRICES = st.lists(
    st.lists(st.sampled_from([-1.0, 0.0, 0.0, 1.0, 2.0]), min_size=4, max_size=4),
    min_size=1,
    max_size=6,
).map(lambda rows: np.array(rows, np.float32))


class TestValuesAt:
    @given(MATRICES, st.data())
    def test_are_those_of_the_dense_matrix(
        self, dense: FloatArray, data: st.DataObject
    ) -> None:
        places = st.tuples(st.integers(0, len(dense) - 1), st.integers(-1, 3))
        asked = np.array(data.draw(st.lists(places)), np.int32).reshape(-1, 2)
        found = values_at(sparse.csr_array(dense), asked[:, 0], asked[:, 1])
        expected = [dense[row, column] if column >= 0 else 0 for row, column in asked]
        assert found.tolist() == expected


class TestHeaviest:
    @given(MATRICES)
    def test_is_the_first_greatest_above_zero(self, dense: FloatArray) -> None:
        columns, values = heaviest(sparse.csr_array(dense))
        for row, column, value in zip(dense, columns, values, strict=True):
            assert column == (row.argmax() if row.max() > 0 else -1)
            assert value == max(row.max(), 0)
