"""Which rewards are near, and what the catalogue takes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.errors import Invalid
from loyalty.rewards.rules import check_reward, nearest_first
from loyalty.rewards.values import Reward, RewardKind

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
MUG = Reward(
    code="mug",
    name={"en": "Mug"},
    about={},
    points=100,
    kind=RewardKind.ARTICLE,
    valid_from=NOW,
)


class TestRewards:
    def test_stand_by_what_is_missing_to_them(self) -> None:
        rewards = [
            replace(MUG, code=f"r{points}", points=points)
            for points in (10, 500, 100, 130)
        ]

        near = nearest_first(rewards, have=120)

        assert [(one.reward.points, one.missing) for one in near] == [
            (100, 0),
            (10, 0),
            (130, 10),
            (500, 380),
        ]

    @given(st.lists(st.integers(1, 1000), unique=True), st.integers(0, 1000))
    def test_all_stand_there_and_none_is_short_of_less_than_the_one_before(
        self, costs: list[int], have: int
    ) -> None:
        rewards = [replace(MUG, code=f"r{cost}", points=cost) for cost in costs]

        near = nearest_first(rewards, have=have)

        missing = [one.missing for one in near]
        assert missing == sorted(missing)
        assert sorted(one.reward.points for one in near) == sorted(costs)


class TestALineOfTheCatalogue:
    def test_names_every_mistake(self) -> None:
        wrong = replace(
            MUG,
            code="No Way",
            name={"en": ""},
            about={"en": "x" * 401},
            points=0,
            stock=-1,
            valid_until=NOW,
            kind=RewardKind.COUPON,
            coupon_days=0,
        )
        with pytest.raises(Invalid) as refusal:
            check_reward(wrong)

        assert [problem.pointer for problem in refusal.value.problems] == [
            "/code",
            "/name",
            "/about",
            "/points",
            "/stock",
            "/valid_until",
            "/promotion",
            "/coupon_days",
        ]
