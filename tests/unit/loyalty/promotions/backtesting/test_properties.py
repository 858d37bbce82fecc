"""What holds for every back-test, against one that is written the plain way."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.core.periods import business_day
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.rules.backtesting import NO_CARD, Reach
from loyalty.promotions.rules.backtesting.bootstrapping import MOST_GROUPS, interval
from loyalty.promotions.rules.backtesting.replaying import as_if_it_ran, basket_of
from loyalty.promotions.values import (
    BuyGet,
    Combines,
    Counted,
    CustomerFacts,
    Facts,
    PercentOff,
    Promotion,
    Selector,
    Used,
)
from loyalty.promotions.values.backtests import Bought
from tests.unit.loyalty.promotions.backtesting.shop import (
    CATALOGUE,
    COFFEE,
    PROGRAMME,
    bought,
    limited,
    off,
    run,
)

DRINKS = Selector(categories=("drinks",))
EVERYTHING = Selector(everything=True)
LINES = st.dictionaries(
    st.sampled_from(["COFFEE", "TEA", "BREAD"]),
    st.tuples(st.integers(1, 4), st.integers(0, 900)),
    min_size=1,
)
BASKETS = st.lists(
    st.tuples(st.sampled_from([None, 1, 2, 3]), LINES, st.integers(0, 9)), max_size=6
)
REWARDS = st.sampled_from(
    [
        PercentOff(percent=Decimal(20), on=COFFEE),
        PercentOff(percent=Decimal(10), on=EVERYTHING),
        BuyGet(
            buy=Counted(of=DRINKS, quantity=1),
            get=Counted(
                of=DRINKS,
                quantity=1,
            ),
            percent=Decimal(50),
        ),
    ]
)
LIMITS = st.builds(
    limited,
    per_customer=st.none() | st.integers(1, 2),
    per_customer_per_day=st.none() | st.integers(1, 2),
    total=st.none() | st.integers(1, 4),
    budget=st.none() | st.integers(1, 700),
)
DRAFTS = st.builds(
    lambda reward, limits, combines: off(
        reward=reward, limits=limits, combines=combines
    ),
    REWARDS,
    LIMITS,
    st.sampled_from(Combines),
)
OTHERS = st.lists(st.sampled_from(["5", "15", "30"]), unique=True, max_size=2).map(
    lambda percents: [off(one, DRINKS, code=f"off-{one}") for one in percents]
)


def in_time(
    drawn: Sequence[tuple[int | None, dict[str, tuple[int, int]], int]],
) -> list[Bought]:
    hour = 0
    baskets = []
    for number, (customer, lines, later) in enumerate(drawn, start=1):
        hour += later
        baskets.append(bought(number, customer, lines, hours=hour))
    return baskets


def plainly(
    draft: Promotion, baskets: Sequence[Bought], others: Sequence[Promotion]
) -> list[tuple[int, int, int]]:
    """Price one basket after the other; return purchase, given and cost."""
    both = compile_promotions([*others, draft])
    without = compile_promotions(others)
    by_customer: Counter[int] = Counter()
    by_day: Counter[tuple[int, date]] = Counter()
    total = given_away = 0
    found = []
    for one in baskets:
        day = business_day(one.at, PROGRAMME.time_zone)
        customer = one.customer
        used = Used(total=total, given=given_away)
        if customer is not None:
            used = Used(
                total=total,
                given=given_away,
                by_customer=by_customer[customer],
                today=by_day[customer, day],
            )
        facts = Facts(
            catalogue=CATALOGUE,
            customer=None if customer is None else CustomerFacts(),
            used={draft.code: used},
        )
        basket = basket_of(one)
        after = price(both, basket, facts, PROGRAMME)
        before = price(without, basket, facts, PROGRAMME)
        mine = [a.amount.amount for a in after.applied if a.promotion == draft.code]
        if not mine:
            assert after.net == before.net
            continue
        total += 1
        given_away += mine[0]
        if customer is not None:
            by_customer[customer] += 1
            by_day[customer, day] += 1
        found.append((one.id, mine[0], before.net.amount - after.net.amount))
    return found


class TestEveryBacktest:
    @settings(max_examples=80, deadline=None)
    @given(DRAFTS, BASKETS, OTHERS, st.integers(1, 4), st.integers(1, 4))
    def test_equals_pricing_one_basket_after_the_other(
        self,
        draft: Promotion,
        drawn: list[tuple[int | None, dict[str, tuple[int, int]], int]],
        others: list[Promotion],
        parts: int,
        size: int,
    ) -> None:
        baskets = in_time(drawn)
        expected = plainly(as_if_it_ran(draft), baskets, others)

        found = run(draft, baskets, *others, parts=parts, size=size)

        assert found.touched == len(expected)
        assert found.given == sum(given for _, given, _ in expected)
        assert found.cost == sum(cost for _, _, cost in expected)
        assert found.baskets == len(baskets)

    @settings(max_examples=30, deadline=None)
    @given(DRAFTS, BASKETS, OTHERS, st.integers(2, 5))
    def test_says_the_same_in_parts_as_alone(
        self,
        draft: Promotion,
        drawn: list[tuple[int | None, dict[str, tuple[int, int]], int]],
        others: list[Promotion],
        parts: int,
    ) -> None:
        baskets = in_time(drawn)

        assert run(draft, baskets, *others, parts=parts, size=3) == run(
            draft, baskets, *others
        )

    @settings(max_examples=30, deadline=None)
    @given(DRAFTS, BASKETS)
    def test_adds_up_by_day_by_store_and_by_card(
        self,
        draft: Promotion,
        drawn: list[tuple[int | None, dict[str, tuple[int, int]], int]],
    ) -> None:
        found = run(draft, in_time(drawn))

        assert sum(share.cost for share in found.by_day.values()) == found.cost
        assert sum(share.baskets for share in found.by_store.values()) == found.touched
        without = found.by_segment.get(NO_CARD)
        assert (without.baskets if without else 0) == found.without_card


class TestWhatADraftDoesNotReach:
    @settings(max_examples=100, deadline=None)
    @given(DRAFTS, LINES, OTHERS)
    def test_costs_the_same_with_it_as_without(
        self,
        draft: Promotion,
        lines: dict[str, tuple[int, int]],
        others: list[Promotion],
    ) -> None:
        if Reach(draft).concerns(lines, CATALOGUE):
            return
        basket = basket_of(bought(1, None, lines))
        facts = Facts(catalogue=CATALOGUE)

        after = price(compile_promotions([*others, draft]), basket, facts, PROGRAMME)

        assert after == price(compile_promotions(others), basket, facts, PROGRAMME)


class TestTheInterval:
    @given(st.lists(st.integers(0, 10_000), min_size=8, max_size=40))
    @settings(max_examples=30, deadline=None)
    def test_holds_the_sum_or_is_beside_it_by_little(self, costs: list[int]) -> None:
        found = interval(costs, shoppers=len(costs))

        assert found is not None
        assert 0 <= found.low <= found.high <= max(costs) * len(costs)

    def test_of_equal_shoppers_is_their_sum(self) -> None:
        found = interval([250] * 10, shoppers=10)

        assert found is not None
        assert (found.low, found.high) == (2_500, 2_500)

    def test_counts_those_who_got_nothing(self) -> None:
        found = interval([100], shoppers=20)

        # One of 20 is drawn 0 to 3 times, 19 times in 20.
        assert found is not None
        assert (found.low, found.high, found.shoppers) == (0, 300, 20)

    def test_needs_eight_shoppers(self) -> None:
        assert interval([100] * 7, shoppers=7) is None

    def test_is_as_wide_for_groups_as_for_shoppers(self) -> None:
        chance = Random(1)  # noqa: S311  # the same each time
        groups = [0] * MOST_GROUPS
        for shopper in range(20_000):
            groups[shopper % MOST_GROUPS] += 100 if chance.random() < 0.75 else 0

        found = interval(groups, shoppers=20_000)

        # Of 20,000 shoppers' sum the standard deviation is 100 times the root of
        # 20,000 x 3/16, that is 6,124; 3.92 of them lie between the ends.
        assert found is not None
        assert 22_000 < found.high - found.low < 26_000
