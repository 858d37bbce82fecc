from decimal import Decimal

import pytest

from loyalty.stores.values import StoreID
from loyalty.till.counter import MOST_LINES, BasketFull, Counter

EMPTY = Counter(store_id=StoreID(1))
ONE = Decimal(1)


class TestTheCounter:
    def test_puts_pieces_of_an_article_together(self) -> None:
        counter = EMPTY.with_line("1", ONE, together=True)
        counter = counter.with_line("1", Decimal(2), together=True)
        assert [(line.sku, line.quantity) for line in counter.lines] == [
            ("1", Decimal(3))
        ]

    def test_keeps_weighed_goods_apart(self) -> None:
        counter = EMPTY.with_line("1", Decimal("0.2"), together=False)
        counter = counter.with_line("1", Decimal("0.3"), together=False)
        assert [line.quantity for line in counter.lines] == [
            Decimal("0.2"),
            Decimal("0.3"),
        ]

    def test_keeps_its_key_through_every_change(self) -> None:
        counter = EMPTY.with_line("1", ONE, together=True)
        counter = counter.with_quantity(0, Decimal(5)).without_line(0)
        assert counter.request_key == EMPTY.request_key
        assert counter.receipt == EMPTY.receipt

    def test_has_a_key_of_its_own(self) -> None:
        assert Counter(store_id=StoreID(1)).request_key != EMPTY.request_key

    def test_refuses_more_lines_than_a_cookie_holds(self) -> None:
        counter = EMPTY
        for number in range(MOST_LINES):
            counter = counter.with_line(str(number), ONE, together=True)
        with pytest.raises(BasketFull, match="A basket holds 100 lines"):
            counter.with_line("one more", ONE, together=True)
        more = counter.with_line("0", ONE, together=True)
        assert more.lines[0].quantity == Decimal(2)

    def test_lets_a_line_that_is_gone_be(self) -> None:
        assert EMPTY.with_quantity(3, ONE) == EMPTY
        assert EMPTY.without_line(3) == EMPTY

    def test_knows_two_ways_of_paying(self) -> None:
        assert EMPTY.paid_by("cash").payment == "cash"
        assert EMPTY.paid_by("shells").payment == "card"
