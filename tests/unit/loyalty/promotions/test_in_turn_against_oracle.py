"""The strategy "priority" against an oracle that shares no code with the engine."""

from collections.abc import Callable

import pytest

from tests.oracle.comparing import compare_many
from tests.oracle.reporting import PROPERTY, row
from tests.oracle.rewards import REWARDS
from tests.oracle.situations import FLOORS, MODES, Focus

BASKETS = 20


class TestPriority:
    @pytest.mark.parametrize("floors", FLOORS)
    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("reward", REWARDS)
    def test_takes_one_promotion_after_another(
        self,
        reward: str,
        mode: str,
        floors: str,
        record_property: Callable[[str, object], None],
    ) -> None:
        focus = Focus(reward, mode, floors, "priority")

        tally = compare_many(focus, range(BASKETS))

        assert tally.compared == BASKETS
        record_property(PROPERTY, row(focus, tally))
