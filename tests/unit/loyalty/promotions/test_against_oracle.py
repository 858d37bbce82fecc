"""
The engine against an oracle that tries everything and shares no code with it.

The baskets of each reward are the same in every run; those of hypothesis are added to
them. What was compared is printed at the end of the test run.
"""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.promotions.schema.cases import quote_of_case
from tests.oracle.comparing import compare_many, differences
from tests.oracle.reporting import PROPERTY, row
from tests.oracle.rewards import REWARDS
from tests.oracle.situations import ALL_FOCUSES, FLOORS, MODES, Focus, situation

BASKETS = 60

Record = Callable[[str, object], None]


class TestBestForCustomer:
    @pytest.mark.parametrize("floors", FLOORS)
    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("reward", REWARDS)
    def test_is_the_best_of_all_that_is_permitted(
        self, reward: str, mode: str, floors: str, record_property: Record
    ) -> None:
        focus = Focus(reward, mode, floors)

        tally = compare_many(focus, range(BASKETS))

        assert tally.compared == BASKETS
        record_property(PROPERTY, row(focus, tally))

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(st.sampled_from(ALL_FOCUSES), st.randoms(use_true_random=False))
    def test_is_the_best_of_whatever_hypothesis_draws(
        self, focus: Focus, random: Random
    ) -> None:
        case = situation(random, focus)

        assert differences(case, quote_of_case(case).quote) == []
