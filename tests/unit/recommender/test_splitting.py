import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.config import Config
from recommender.data import Purchases
from recommender.dataset import Events, History, distinct
from recommender.splitting import (
    Split,
    UnfairSplit,
    Window,
    before,
    hold_out,
    shortened,
    training_windows,
    within,
)

CUSTOMERS = 4
ITEMS = 3


def make_events(rows: list[tuple[int, int, int]]) -> Events:
    ordered = np.array(sorted(set(rows)), np.int32).reshape(-1, 3)
    return Events(
        ids=np.arange(CUSTOMERS, dtype=np.int64),
        n_items=ITEMS,
        customers=ordered[:, 0],
        items=ordered[:, 1],
        days=ordered[:, 2],
    )


rows = st.lists(
    st.tuples(
        st.integers(0, CUSTOMERS - 1), st.integers(0, ITEMS - 1), st.integers(0, 60)
    ),
    max_size=60,
)


class TestBefore:
    @settings(deadline=None)
    @given(rows, st.integers(0, 61), st.integers(0, 30))
    def test_and_within_share_the_events_out(
        self, drawn: list[tuple[int, int, int]], day: int, length: int
    ) -> None:
        events = make_events(drawn)
        past = before(events, day)
        window = within(events, day, day + length)
        later = within(events, day + length, 1000)
        assert (past.days < day).all()
        assert ((window.days >= day) & (window.days < day + length)).all()
        counted = len(past.days) + len(window.days) + len(later.days)
        assert counted == len(events.days)


def make_purchases(days: list[int]) -> Purchases:
    ones = np.ones(len(days), np.int32)
    return Purchases(
        customers=ones.astype(np.int64),
        products=ones - 1,
        days=np.array(days, np.int32),
        quantities=ones,
        values=ones.astype(np.int64),
        skus=("milk",),
    )


class TestSplit:
    def test_refuses_to_tune_on_a_window_that_reaches_into_the_reserved_days(
        self,
    ) -> None:
        Split(reserved_from=100, tuning=(72,), reporting=(100,), window_days=28)
        with pytest.raises(UnfairSplit, match="tuning"):
            Split(reserved_from=100, tuning=(73,), reporting=(100,), window_days=28)

    def test_refuses_to_report_on_days_that_were_tuned_on(self) -> None:
        with pytest.raises(UnfairSplit, match="reporting"):
            Split(reserved_from=100, tuning=(72,), reporting=(99,), window_days=28)

    @settings(deadline=None)
    @given(st.lists(st.integers(0, 400), min_size=1), st.integers(1, 40))
    def test_opens_nothing_to_tuning_that_is_judged_on_later(
        self, days: list[int], window_days: int
    ) -> None:
        purchases = make_purchases(days)
        split = Split.of_last_periods(purchases, Config(window_days=window_days))
        assert split.reporting[-1] + window_days == max(days) + 1
        assert len(split.tuning) == len(split.reporting) == 3
        steps = np.diff((*split.tuning, *split.reporting))
        assert set(steps.tolist()) == {window_days}
        seen = split.open_to_tuning(purchases).days
        assert sorted(seen.tolist()) == sorted(
            day for day in days if day < min(split.reporting)
        )


class TestTrainingWindows:
    @settings(deadline=None)
    @given(rows, st.integers(1, 5), st.integers(1, 40))
    def test_follow_each_other_back_from_the_last_day(
        self, drawn: list[tuple[int, int, int]], windows: int, days: int
    ) -> None:
        events = make_events(drawn)
        config = Config(windows=windows, window_days=days)
        found = list(training_windows(events, config))
        if not drawn:
            assert found == []
            return
        assert 1 <= len(found) <= windows
        assert found[0].end == events.days.max() + 1
        assert all(window.end - window.start == days for window in found)
        ends = [window.end for window in found[1:]]
        assert [window.start for window in found[:-1]] == ends
        assert all(window.start > events.days.min() for window in found[1:])


class TestShortened:
    @settings(deadline=None)
    @given(rows, st.lists(st.integers(-1, 6), min_size=4, max_size=4))
    def test_leaves_the_latest_days(
        self, drawn: list[tuple[int, int, int]], keep: list[int]
    ) -> None:
        events = make_events(drawn)
        left = shortened(events, np.array(keep, np.int32))
        for customer, most in enumerate(keep):
            had = sorted({d for c, _, d in drawn if c == customer})
            wanted = had if most < 0 else had[len(had) - min(most, len(had)) :]
            mine = left.customers == customer
            assert sorted(set(left.days[mine].tolist())) == wanted
            days = set(wanted)
            whole = sum(c == customer and d in days for c, _, d in set(drawn))
            assert mine.sum() == whole


class TestHoldOut:
    def test_tells_what_was_bought_and_what_of_it_is_new(self) -> None:
        events = make_events([(0, 0, 1), (0, 0, 11), (0, 1, 12), (1, 2, 25), (2, 2, 1)])
        history = History.of(before(events, 10), day=10, half_life=10)
        future, fresh = hold_out(events, history, Window(start=10, end=20))
        assert future.toarray().tolist()[0] == [1, 1, 0]
        assert future.toarray()[1:].sum() == 0
        assert fresh.toarray().tolist()[0] == [0, 1, 0]
        assert fresh.nnz == 1

    @settings(deadline=None)
    @given(rows, st.integers(0, 61))
    def test_never_looks_back(
        self, drawn: list[tuple[int, int, int]], day: int
    ) -> None:
        events = make_events(drawn)
        history = History.of(before(events, day), day=day, half_life=10)
        future, fresh = hold_out(events, history, Window(start=day, end=day + 14))
        wanted = {(c, i) for c, i, d in drawn if day <= d < day + 14}
        known = {(c, i) for c, i, d in drawn if d < day}
        assert _places(future.toarray()) == wanted
        assert _places(fresh.toarray()) == wanted - known


def _places(matrix: np.ndarray) -> set[tuple[int, int]]:
    found = np.argwhere(matrix > 0).tolist()
    return {(row, column) for row, column in found}


class TestDistinct:
    @settings(deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(-5, 5))))
    def test_gives_sorted_pairs(self, pairs: list[tuple[int, int]]) -> None:
        columns = np.array(pairs, np.int32).reshape(-1, 2)
        firsts, seconds = distinct(columns[:, 0], columns[:, 1])
        found = list(zip(firsts.tolist(), seconds.tolist(), strict=True))
        assert found == sorted(set(pairs))
