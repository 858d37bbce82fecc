from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.evaluation.calibration import BINS, calibrate

pairs = st.lists(
    st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=40
)


class TestCalibrate:
    def test_agrees_with_what_a_hand_computes(self) -> None:
        said = np.array([[0.25, 0.25], [0.75, 0.75]], np.float32)
        true = np.array([[True, False], [True, True]])
        found = calibrate("m", said, true)
        assert found.rate == 0.75
        assert found.brier == (0.75**2 + 0.25**2 + 2 * 0.25**2) / 4
        assert found.brier_of_rate == 0.1875
        assert found.log_loss == pytest.approx(-(log(0.25) + 3 * log(0.75)) / 4)
        low, high = found.bins
        assert (low.low, low.pairs, low.predicted, low.observed) == (0.2, 2, 0.25, 0.5)
        assert (high.low, high.pairs, high.observed) == (0.7, 2, 1)
        assert found.error == 0.25

    def test_refuses_to_compare_nothing(self) -> None:
        nothing = np.zeros((0, 3), np.float32)
        with pytest.raises(ValueError, match="no probabilities"):
            calibrate("m", nothing, nothing > 0)

    @settings(deadline=None)
    @given(pairs)
    def test_puts_every_pair_into_its_bin(
        self, drawn: list[tuple[float, bool]]
    ) -> None:
        said = np.array([p for p, _ in drawn], np.float32)
        true = np.array([t for _, t in drawn])
        found = calibrate("m", said, true)
        assert sum(one.pairs for one in found.bins) == len(drawn)
        for one in found.bins:
            assert one.low - 1e-6 <= one.predicted <= one.high + 1e-6
            assert one.high - one.low == pytest.approx(1 / BINS)
        hits = sum(one.observed * one.pairs for one in found.bins)
        assert hits == pytest.approx(sum(t for _, t in drawn))
        assert 0 <= found.brier <= 1
        assert found.error <= 1

    @settings(deadline=None)
    @given(pairs)
    def test_loses_nothing_by_saying_what_is_sure(
        self, drawn: list[tuple[float, bool]]
    ) -> None:
        true = np.array([t for _, t in drawn])
        found = calibrate("m", true.astype(np.float32), true)
        assert (found.brier, found.error) == (0, 0)
        assert found.log_loss < 1e-5
