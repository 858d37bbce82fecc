"""Returns add up to the minor unit and to the point, however they are cut."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.purchases.rules import (
    CantReturn,
    cover,
    kept_points,
    part_of,
    refund_of,
    settle,
    share_line,
    whole_applications,
)
from loyalty.purchases.values import (
    PointsShare,
    Sale,
    SoldLine,
    TenderShare,
)

CODES = ("coffee-20", "spring", "loyal")


def amounts(runs: tuple[tuple[int, int], ...]) -> list[int]:
    return [amount for amount, count in runs for _ in range(count)]


def sold(
    name: str,
    *,
    price: int,
    quantity: str,
    off: Mapping[str, int] | None = None,
    weighed: bool = False,
) -> SoldLine:
    count = Decimal(quantity)
    gross = price if weighed else price * int(count)
    return SoldLine(
        line=name,
        sku=name,
        quantity=count,
        shares=share_line(
            gross=gross,
            units=None if weighed else int(count),
            applications=off or {},
        ),
    )


def sale(*lines: SoldLine, points: tuple[PointsShare, ...] = ()) -> Sale:
    return Sale(
        lines={line.line: line for line in lines},
        promotions=CODES,
        points=points,
        tenders=(),
        net=sum(part_of(line, line.quantity)[0] for line in lines),
        delivery=0,
    )


@st.composite
def lines(draw: st.DrawFn, name: str) -> SoldLine:
    weighed = draw(st.booleans())
    price = draw(st.integers(0, 500))
    quantity = draw(st.integers(1, 9))
    gross = price if weighed else price * quantity
    off: dict[str, int] = {}
    for code in draw(st.lists(st.sampled_from(CODES), unique=True)):
        off[code] = draw(st.integers(0, gross - sum(off.values())))
    text = f"{quantity}.350" if weighed else str(quantity)
    return sold(name, price=price, quantity=text, off=off, weighed=weighed)


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    names = [str(place) for place in range(draw(st.integers(1, 4)))]
    mine = [draw(lines(name)) for name in names]
    whole = sale(*mine)
    per = draw(st.integers(1, 200))
    points = [PointsShare(promotion=None, points=whole.net // per, points_per=(1, per))]
    for code in draw(st.lists(st.sampled_from(CODES), unique=True)):
        only = draw(st.none() | st.lists(st.sampled_from(names), unique=True))
        points.append(
            PointsShare(
                promotion=code,
                points=draw(st.integers(1, 99)),
                lines=None if only is None else tuple(only),
            )
        )
    return sale(*mine, points=tuple(points))


@st.composite
def steps(draw: st.DrawFn, of: Sale) -> list[tuple[str, Decimal]]:
    """Return partial returns that bring everything back, in any order."""
    found = []
    for name, line in of.lines.items():
        step = Decimal("0.05") if line.shares.units is None else Decimal(1)
        parts = int(line.quantity / step)
        cuts = sorted(draw(st.sets(st.integers(1, max(1, parts - 1)), max_size=4)))
        edges = [0, *[cut for cut in cuts if cut < parts], parts]
        found += [(name, (late - early) * step) for early, late in pairwise(edges)]
    return draw(st.permutations(found))


class TestShareLine:
    def test_deals_what_is_left_over_in_turn(self) -> None:
        shares = share_line(gross=300, units=3, applications={"a": 100, "b": 1, "c": 1})

        assert {code: amounts(runs) for code, runs in shares.applications.items()} == {
            "a": [34, 33, 33],
            "b": [0, 1, 0],
            "c": [0, 0, 1],
        }
        assert amounts(shares.net) == [66, 66, 66]

    def test_writes_equal_neighbours_once(self) -> None:
        shares = share_line(gross=50_000, units=500, applications={"a": 250})

        assert shares.net == ((99, 250), (100, 250))
        assert shares.applications == {"a": ((1, 250), (0, 250))}

    @given(
        price=st.integers(0, 300),
        units=st.integers(1, 40),
        parts=st.lists(st.integers(0, 10_000), max_size=5),
    )
    def test_adds_up_and_never_costs_less_than_nothing(
        self, price: int, units: int, parts: list[int]
    ) -> None:
        left = gross = price * units
        off = {}
        for place, part in enumerate(parts):
            off[str(place)] = min(part, left)
            left -= off[str(place)]

        shares = share_line(gross=gross, units=units, applications=off)

        net = amounts(shares.net)
        each = {code: amounts(runs) for code, runs in shares.applications.items()}
        assert sum(net) == left
        assert {code: sum(one) for code, one in each.items()} == off
        assert all(max(one) - min(one) <= 1 for one in (net, *each.values()))
        assert min(net) >= 0
        assert [
            price - sum(one[unit] for one in each.values()) for unit in range(units)
        ] == net


class TestReturns:
    @given(data=st.data())
    def test_add_up_in_any_order_and_partition(self, data: st.DataObject) -> None:
        of = data.draw(sales())
        whole = {name: line.quantity for name, line in of.lines.items()}
        earned = sum(share.points for share in of.points)
        back: Mapping[str, Decimal] = {}
        refunds, off, taken, before = 0, dict.fromkeys(CODES, 0), 0, 0
        for name, quantity in data.draw(steps(of)):
            back, returned = settle(of, back, {name: quantity})
            refund, gone = refund_of(of, back), earned - kept_points(of, back)
            assert refund >= before
            assert gone >= taken
            refunds += sum(line.net for line in returned)
            assert refunds == refund
            for line in returned:
                for code, amount in line.applications.items():
                    assert amount >= 0
                    off[code] += amount
            before, taken = refund, gone

        assert back == whole
        assert refunds == of.net
        assert taken == earned
        assert off == {
            code: sum(
                part_of(line, line.quantity)[1].get(code, 0)
                for line in of.lines.values()
            )
            for code in CODES
        }
        assert whole_applications(of, back) == frozenset(CODES)

    def test_of_a_weight_are_rounded_once_for_all_that_is_back(self) -> None:
        ham = sold("1", price=455, quantity="0.350", weighed=True)
        of = sale(ham)
        tenth = Decimal("0.1")

        back, first = settle(of, {}, {"1": tenth})
        back, second = settle(of, back, {"1": tenth})
        _back, third = settle(of, back, {"1": Decimal("0.15")})

        assert [line.net for line in (*first, *second, *third)] == [130, 130, 195]

    @pytest.mark.parametrize(
        ("quantity", "said"), [("0.5", "whole units"), ("4", "only 3")]
    )
    def test_are_of_units_that_are_there(self, quantity: str, said: str) -> None:
        of = sale(sold("1", price=100, quantity="3"))

        with pytest.raises(CantReturn, match=said):
            settle(of, {}, {"1": Decimal(quantity)})


class TestKeptPoints:
    def test_are_what_the_kept_goods_would_have_earned(self) -> None:
        rule = PointsShare(promotion=None, points=5, points_per=(1, 100))
        of = sale(sold("1", price=199, quantity="3"), points=(rule,))

        kept = [kept_points(of, {"1": Decimal(back)}) for back in range(4)]

        assert kept == [5, 3, 1, 0]

    def test_of_a_promotion_stay_in_proportion_to_its_own_goods(self) -> None:
        double = PointsShare(promotion="double", points=10, lines=("1",))
        of = sale(
            sold("1", price=100, quantity="3"),
            sold("2", price=500, quantity="1"),
            points=(double,),
        )

        assert kept_points(of, {"2": Decimal(1)}) == 10
        assert kept_points(of, {"1": Decimal(1)}) == 7
        assert kept_points(of, {"1": Decimal(3)}) == 0


class TestWholeApplications:
    def test_are_those_whose_goods_are_all_back(self) -> None:
        of = sale(
            sold("1", price=100, quantity="2", off={"coffee-20": 40, "spring": 1}),
            sold("2", price=100, quantity="1", off={"spring": 1}),
        )

        assert whole_applications(of, {"1": Decimal(1)}) == frozenset()
        assert whole_applications(of, {"1": Decimal(2)}) == {"coffee-20"}
        everything = {"1": Decimal(2), "2": Decimal(1)}
        assert whole_applications(of, everything) == frozenset(CODES)


class TestCover:
    def test_gives_points_back_before_money(self) -> None:
        tenders = (
            TenderShare(tender="points", amount=99, points=300),
            TenderShare(tender="payment", amount=400),
        )

        shares = [
            [(one.amount, one.points) for one in cover(tenders, back)]
            for back in (0, 50, 99, 200, 499)
        ]

        assert shares == [
            [(0, 0), (0, 0)],
            [(50, 151), (0, 0)],
            [(99, 300), (0, 0)],
            [(99, 300), (101, 0)],
            [(99, 300), (400, 0)],
        ]
