"""What holds for baskets of every reward, read from documents, small and large."""

from copy import deepcopy
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.core.money import Money
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.schema import cases
from loyalty.promotions.schema.cases import quote_of_case
from loyalty.promotions.values import Quote
from tests.oracle import Document, best
from tests.oracle.comparing import drawn
from tests.oracle.reading import read
from tests.oracle.situations import (
    ALL_FOCUSES,
    FLOORS,
    MODES,
    STRATEGIES,
    Focus,
    large,
    situation,
)

Case = dict[str, Any]

RANDOMS = st.randoms(use_true_random=False)
FOCUSES = st.builds(
    lambda focus, strategy: Focus(focus.reward, focus.mode, focus.floors, strategy),
    st.sampled_from(ALL_FOCUSES),
    st.sampled_from(STRATEGIES),
)
BEST = st.sampled_from(ALL_FOCUSES)


def to_pay(quote: Quote) -> int:
    return quote.net.amount + quote.delivery.net.amount


def least(quote: Quote) -> int:
    """Return the least price that could exist, as far as the quote knows."""
    return to_pay(quote) if quote.bound is None else quote.bound.amount


def codes(quote: Quote) -> set[str]:
    return {applied.promotion for applied in quote.applied}


def assert_adds_up(case: Document, quote: Quote) -> None:
    basket = read(case)

    def total(amounts: list[Money]) -> int:
        return sum(amount.amount for amount in amounts)

    assert [line.gross.amount for line in quote.lines] == [
        line.gross for line in basket.lines
    ]
    for at, line in enumerate(quote.lines):
        assert line.gross == line.net + line.discount
        assert total([one.amount for one in line.applications]) == line.discount.amount
        assert all(one.amount.amount > 0 for one in line.applications)
        least_net = basket.lines[at].units * basket.floor(at)
        assert line.net.amount >= (
            least_net if basket.touchable(at) else line.gross.amount
        )
    assert quote.gross == quote.net + quote.discount
    assert total([line.net for line in quote.lines]) == quote.net.amount
    delivery = quote.delivery
    assert delivery.gross == delivery.net + delivery.discount
    assert delivery.net.amount >= 0
    given = {applied.promotion: applied.amount.amount for applied in quote.applied}
    assert sum(given.values()) == quote.discount.amount + delivery.discount.amount
    assert quote.points_earned == sum(earned.points for earned in quote.points)
    off_lines: dict[str, int] = {}
    for line in quote.lines:
        for one in line.applications:
            off = off_lines.get(one.promotion, 0) + one.amount.amount
            off_lines[one.promotion] = off
    for code, amount in off_lines.items():
        assert given[code] == amount
    assert codes(quote).isdisjoint({missed.promotion for missed in quote.missed})


def split(case: Case, random: Random) -> Case:
    """Write one line of several units as two lines."""
    case = deepcopy(case)
    lines = case["basket"]["lines"]
    basket = read(case)
    several = [at for at, line in enumerate(basket.lines) if line.units > 1]
    if several:
        at = random.choice(several)
        whole = int(lines[at]["quantity"])
        part = random.randint(1, whole - 1)
        lines[at]["quantity"] = str(part)
        lines.append({**lines[at], "line": "split", "quantity": str(whole - part)})
    return case


def merged(case: Case) -> Case:
    """Write all units of one product at one price as one line."""
    case = deepcopy(case)
    basket = read(case)
    lines: dict[object, Document] = {}
    for at, line in enumerate(case["basket"]["lines"]):
        known = basket.lines[at]
        is_weighed = known.weight != 1 or known.product.get("weighed")
        key = at if is_weighed else (line["sku"], line["unit_price"])
        if key in lines:
            quantity = int(lines[key]["quantity"]) + int(line["quantity"])
            lines[key] = {**lines[key], "quantity": str(quantity)}
        else:
            lines[key] = line
    case["basket"]["lines"] = list(lines.values())
    return case


def in_currency(basket: Document, case: Document) -> Document:
    """Write a basket with the prices and the fee of another case."""
    prices = [line["unit_price"] for line in case["basket"]["lines"]]
    lines = [
        {**line, "unit_price": prices[at % len(prices)]}
        for at, line in enumerate(basket["lines"])
    ]
    fee = case["basket"]["delivery_fee"]
    return {**basket, "lines": lines, "delivery_fee": fee}


class TestSmallBaskets:
    @settings(max_examples=100, deadline=None)
    @given(FOCUSES, RANDOMS)
    def test_add_up_and_stay_above_floors(self, focus: Focus, random: Random) -> None:
        case = situation(random, focus)

        assert_adds_up(case, quote_of_case(case).quote)

    @settings(max_examples=80, deadline=None)
    @given(FOCUSES, RANDOMS)
    def test_cost_the_same_in_any_order_of_lines(
        self, focus: Focus, random: Random
    ) -> None:
        case = situation(random, focus)
        before = quote_of_case(case).quote
        random.shuffle(case["basket"]["lines"])

        after = quote_of_case(case).quote

        assert after.applied == before.applied
        assert after.missed == before.missed
        assert after.points == before.points
        assert {line.line: line for line in after.lines} == {
            line.line: line for line in before.lines
        }

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(BEST, RANDOMS)
    def test_cost_the_same_however_units_are_written_as_lines(
        self, focus: Focus, random: Random
    ) -> None:
        case = situation(random, focus)
        before = quote_of_case(case).quote

        for other in (split(case, random), merged(case)):
            after = quote_of_case(other).quote
            assert least(after) <= to_pay(before)
            assert least(before) <= to_pay(after)
            if before.optimal and after.optimal:
                assert codes(after) == codes(before)

    @settings(max_examples=100, deadline=None)
    @given(BEST, RANDOMS)
    def test_never_cost_more_with_one_more_promotion(
        self, focus: Focus, random: Random
    ) -> None:
        case = situation(random, focus)
        more = quote_of_case(case).quote
        case["promotions"].pop(random.randrange(len(case["promotions"])))

        fewer = quote_of_case(case).quote

        assert least(more) <= to_pay(fewer)
        assert to_pay(more) <= to_pay(fewer) or not more.optimal


class TestCompiledOnce:
    @pytest.mark.parametrize("seed", range(10))
    def test_prices_many_baskets_as_if_compiled_for_each(
        self, seed: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        random = Random(seed)  # noqa: S311 - no secret
        focus = random.choice(ALL_FOCUSES)
        first = situation(random, focus)
        baskets = [
            {
                **situation(random, focus),
                "programme": first["programme"],
                "promotions": first["promotions"],
                "used": first["used"],
            }
            for _ in range(20)
        ]
        for case in baskets:
            case["basket"] = in_currency(case["basket"], first)
            case["catalogue"] = first["catalogue"]
        apart = [quote_of_case(case).quote for case in baskets]
        compiled = compile_promotions(quote_of_case(first).promotions)
        monkeypatch.setattr(cases, "compile_promotions", lambda _: compiled)

        together = [quote_of_case(case).quote for case in baskets]

        assert together == apart


class TestWorkLimit:
    @pytest.mark.parametrize("limit", [1, 4, 20, 100])
    @pytest.mark.parametrize("mode", MODES[:2])
    def test_leaves_a_bound_that_holds(
        self, mode: str, limit: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cases, "price", partial(price, work_limit=limit))
        rewards = ("percent_off", "buy_get", "bundle", "amount_off", "fixed_price")
        proven = 0
        for reward in rewards:
            for floors in FLOORS:
                for number in range(5):
                    case = drawn(Focus(reward, mode, floors), number)
                    quote = quote_of_case(case).quote

                    (price_to_pay, *_) = best(case)[0].rank
                    assert_adds_up(case, quote)
                    assert least(quote) <= price_to_pay <= to_pay(quote)
                    proven += quote.optimal
        assert proven or limit == 1


class TestLargeBaskets:
    @pytest.mark.parametrize(
        ("strategy", "promotions", "seed"),
        [
            *(("best_for_customer", 40, seed) for seed in range(8)),
            *(("priority", 20, seed) for seed in range(8)),
        ],
    )
    def test_add_up_and_keep_their_bound(
        self,
        strategy: str,
        promotions: int,
        seed: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        random = Random(seed)  # noqa: S311 - no secret
        case = large(random, lines=30, promotions=promotions, strategy=strategy)
        monkeypatch.setattr(cases, "price", partial(price, work_limit=50))

        quote = quote_of_case(case).quote

        assert_adds_up(case, quote)
        assert least(quote) <= to_pay(quote)
        assert quote == quote_of_case(case).quote
