"""Hours and channels learned from habits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.periods import WeeklyWindow
from loyalty.customers.values import Channel
from loyalty.delivery.rules.learning import (
    CHOSEN_HOURS,
    FEWEST,
    HOURS_A_WEEK,
    LOOKED_AT,
    Looks,
    added_up,
    channel_shares,
    everybodys,
    learn_channels,
    learn_windows,
    shares,
)

NOBODY = [0] * HOURS_A_WEEK
histograms = st.lists(st.integers(0, 50), min_size=HOURS_A_WEEK, max_size=HOURS_A_WEEK)


def at(day: int, hour: int, count: int) -> list[int]:
    return [count if place == day * 24 + hour else 0 for place in range(HOURS_A_WEEK)]


class TestShares:
    @given(own=histograms, everybody=histograms)
    def test_sum_to_one_and_none_is_impossible(
        self, own: list[int], everybody: list[int]
    ) -> None:
        found = shares(own, everybody)

        assert sum(found) == pytest.approx(1)
        assert min(found) > 0

    def test_of_somebody_unknown_are_everybodys(self) -> None:
        everybody = at(5, 10, 832)  # 832 + 168 = 1,000 with the one for each hour

        assert shares(NOBODY, everybody)[5 * 24 + 10] == pytest.approx(0.833)

    def test_lie_between_ones_own_and_everybodys(self) -> None:
        own, everybody = at(2, 18, 20), at(5, 10, 832)
        found = shares(own, everybody, strength=20)

        assert found[2 * 24 + 18] == pytest.approx((20 + 20 * 0.001) / 40)
        assert found[5 * 24 + 10] == pytest.approx(20 * 0.833 / 40)

    @pytest.mark.parametrize("bad", [[], [1] * 24, [-1] * HOURS_A_WEEK])
    def test_refuse_what_is_no_week(self, bad: list[int]) -> None:
        with pytest.raises(ValueError, match="168"):
            shares(bad, NOBODY)


class TestLearnWindows:
    def test_finds_nothing_in_too_little(self) -> None:
        assert learn_windows(at(2, 18, 4), NOBODY) == ()

    def test_finds_the_hours_of_a_habit(self) -> None:
        windows = learn_windows(at(2, 18, 30), NOBODY)

        assert WeeklyWindow(days=frozenset({2}), start=1080, until=1140) in windows

    @given(own=histograms, everybody=histograms)
    def test_covers_the_best_hours_once(
        self, own: list[int], everybody: list[int]
    ) -> None:
        windows = learn_windows(own, everybody)
        minutes = sum(window.until - window.start for window in windows)

        assert minutes == (CHOSEN_HOURS * 60 if sum(own) >= 5 else 0)
        assert all(len(window.days) == 1 for window in windows)


class TestAddedUp:
    @given(bought=histograms, read=histograms)
    def test_counts_each_observation_once(
        self, bought: list[int], read: list[int]
    ) -> None:
        weeks = added_up({1: bought, 2: bought}, {1: read, 3: read})

        assert weeks[1] == tuple(map(sum, zip(bought, read, strict=True)))
        assert weeks[2] == tuple(bought)
        assert weeks[3] == tuple(read)


EVERYBODY = {
    Channel.EMAIL: Looks(298, 998),
    Channel.PUSH: Looks(198, 998),
    Channel.SMS: Looks(98, 998),
}
"""Three, two and one of ten, with the one more that each share starts from."""

looks = st.integers(0, 60).flatmap(
    lambda sent: st.integers(0, sent).map(lambda looked: Looks(looked, sent))
)
people = st.dictionaries(st.sampled_from(list(Channel)), looks)


class TestLooks:
    def test_refuse_more_looked_at_than_sent(self) -> None:
        with pytest.raises(ValueError, match="3 of 2 messages"):
            Looks(3, 2)


class TestChannelShares:
    def test_of_somebody_unknown_are_everybodys(self) -> None:
        found = channel_shares({}, EVERYBODY)

        assert found == pytest.approx(
            {Channel.EMAIL: 0.299, Channel.PUSH: 0.199, Channel.SMS: 0.099}
        )

    def test_lie_between_ones_own_and_everybodys(self) -> None:
        found = channel_shares({Channel.SMS: Looks(9, 10)}, EVERYBODY, strength=10)

        assert found[Channel.SMS] == pytest.approx((9 + 10 * 0.099) / 20)

    @given(own=people, others=st.lists(people))
    def test_are_never_certain_and_lie_between(
        self, own: dict[Channel, Looks], others: list[dict[Channel, Looks]]
    ) -> None:
        everybody = everybodys([own, *others])
        for channel, share in channel_shares(own, everybody).items():
            common = (everybody[channel].looked + 1) / (everybody[channel].sent + 2)
            mine = own.get(channel, Looks(0, 0))
            alone = mine.looked / mine.sent if mine.sent else common
            assert 0 < share < 1
            assert min(alone, common) <= share + 1e-9
            assert share <= max(alone, common) + 1e-9


class TestLearnChannels:
    def test_puts_first_where_messages_are_opened(self) -> None:
        own = {Channel.EMAIL: Looks(0, 20), Channel.SMS: Looks(9, 10)}

        assert learn_channels(own, EVERYBODY) == (
            Channel.SMS,
            Channel.PUSH,
            Channel.EMAIL,
        )

    @pytest.mark.parametrize("sms", [Looks(4, 4), Looks(0, 40)])
    def test_finds_nothing_in_too_little(self, sms: Looks) -> None:
        assert learn_channels({Channel.SMS: sms}, EVERYBODY) == ()

    def test_says_nothing_of_what_nobody_was_sent(self) -> None:
        everybody = {**EVERYBODY, Channel.TELEGRAM: Looks(4, 4)}
        own = {Channel.EMAIL: Looks(6, 10), Channel.TELEGRAM: Looks(4, 4)}

        assert Channel.TELEGRAM not in learn_channels(own, everybody)

    @given(own=people, others=st.lists(people))
    def test_orders_each_channel_once_by_its_share(
        self, own: dict[Channel, Looks], others: list[dict[Channel, Looks]]
    ) -> None:
        everybody = everybodys([own, *others])
        found = learn_channels(own, everybody)
        smoothed = channel_shares(own, everybody)

        assert len(set(found)) == len(found)
        assert set(found) in ({*smoothed}, set())
        assert set(found) <= LOOKED_AT
        ranked = [smoothed[one] for one in found]
        assert ranked == sorted(ranked, reverse=True)
        known = sum(some.sent for one, some in own.items() if one in LOOKED_AT)
        assert not found or known >= FEWEST

    @given(own=people, others=st.lists(people), channel=st.sampled_from(Channel))
    def test_never_moves_a_channel_back_for_one_more_opening(
        self,
        own: dict[Channel, Looks],
        others: list[dict[Channel, Looks]],
        channel: Channel,
    ) -> None:
        everybody = everybodys([own, *others])
        before = learn_channels(own, everybody)
        more = {**own, channel: own.get(channel, Looks(0, 0)) + Looks(1, 1)}
        after = learn_channels(more, everybody)

        if channel in before:
            assert after.index(channel) <= before.index(channel)
