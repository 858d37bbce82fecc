"""Which lots a movement takes from, and into which it gives back."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from loyalty.points.rules.lots import by_expiry, fills, put_back, take
from loyalty.points.values import Lot, LotUse
from tests.factories import NOW

LOTS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 9)), max_size=8
).map(
    lambda found: [
        Lot(
            version=version,
            place=0,
            remaining=left,
            capacity=room,
            expires_at=NOW + timedelta(days=days),
        )
        for version, (left, room, days) in enumerate(found, start=1)
    ]
)


class TestTake:
    @given(LOTS, st.integers(0, 300))
    def test_takes_all_points_or_all_lots(self, lots: list[Lot], points: int) -> None:
        uses, missing = take(by_expiry(lots), points)

        taken = sum(use.points for use in uses)
        assert taken + missing == points
        assert not missing or taken == sum(lot.remaining for lot in lots)

    @given(LOTS, st.integers(0, 300))
    def test_leaves_no_lot_that_expires_before_one_it_takes_from(
        self, lots: list[Lot], points: int
    ) -> None:
        uses, _missing = take(by_expiry(lots), points)

        left = {lot.version: lot.remaining for lot in lots}
        for use in uses:
            left[use.version] -= use.points
        used = [lot.expires_at for lot in lots if left[lot.version] < lot.remaining]
        kept = [lot.expires_at for lot in lots if left[lot.version]]
        assert not used or not kept or max(used) <= min(kept)


class TestPutBack:
    @given(LOTS, st.integers(0, 300))
    def test_fills_lots_up_to_their_room(self, lots: list[Lot], points: int) -> None:
        uses, homeless = put_back(lots, points)

        room = {lot.version: lot.capacity for lot in lots}
        assert all(0 < -use.points <= room[use.version] for use in uses)
        assert -sum(use.points for use in uses) + homeless == points
        assert not homeless or points - homeless == sum(room.values())

    def test_begins_with_the_lot_that_lasts_longest(self) -> None:
        lots = [
            Lot(version=1, place=0, remaining=0, capacity=5, expires_at=NOW),
            Lot(
                version=2,
                place=0,
                remaining=0,
                capacity=5,
                expires_at=NOW + timedelta(days=1),
            ),
        ]

        uses, _homeless = put_back(lots, 7)

        assert uses == (
            LotUse(version=2, place=0, points=-5),
            LotUse(version=1, place=0, points=-2),
        )


class TestFills:
    @given(st.integers(-100, 100), st.integers(0, 100))
    def test_is_what_is_owing_and_no_more_than_comes(
        self, available: int, points: int
    ) -> None:
        filled = fills(available, points)

        assert 0 <= filled <= points
        assert filled == min(points, -min(0, available))
