"""What holds for every basket."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.core.money import Money
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.values import (
    AmountOff,
    Basket,
    BasketLine,
    Bundle,
    BuyGet,
    Combines,
    Counted,
    CustomerFacts,
    Facts,
    FixedPrice,
    FreeItem,
    Limits,
    Per,
    PercentOff,
    PointsRule,
    PointsTimes,
    Product,
    Programme,
    Promotion,
    Quote,
    Reward,
    Selector,
    Step,
    Steps,
    StepsBy,
    Strategy,
    Units,
    Which,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def eur(amount: int) -> Money:
    return Money(amount=amount, currency="EUR")


CATALOGUE = {
    "A": Product(sku="A", categories=("food/a",), floor_price=eur(120)),
    "B": Product(sku="B", categories=("food/b",)),
    "C": Product(sku="C", categories=("drinks",), discountable=False),
    "D": Product(sku="D", categories=("drinks",), weighed=True),
}
EVERYTHING = Selector(everything=True)
SELECTORS = st.sampled_from(
    [
        EVERYTHING,
        Selector(categories=("food",)),
        Selector(categories=("food/b", "drinks")),
        Selector(skus=("A", "D")),
    ]
)
PERCENTS = st.sampled_from([Decimal(7), Decimal("12.5"), Decimal(30), Decimal(100)])
MONEY = st.integers(1, 900).map(eur)
UNITS = st.none() | st.builds(
    Units, at_most=st.integers(1, 3), which=st.sampled_from(Which)
)
COUNTED = st.builds(Counted, of=SELECTORS, quantity=st.integers(1, 2))


def two_steps(on: Selector, first: Decimal, second: Money) -> Steps:
    steps = (Step(at_least=2, percent=first), Step(at_least=4, amount=second))
    return Steps(by=StepsBy.QUANTITY, on=on, steps=steps)


REWARDS: st.SearchStrategy[Reward] = st.one_of(
    st.builds(
        PercentOff,
        percent=PERCENTS,
        on=SELECTORS,
        units=UNITS,
        at_most=st.none() | MONEY,
    ),
    st.builds(
        AmountOff, amount=MONEY, on=SELECTORS, per=st.sampled_from(Per), units=UNITS
    ),
    st.builds(FixedPrice, price=MONEY, on=SELECTORS, units=UNITS),
    st.builds(BuyGet, buy=COUNTED, get=COUNTED, percent=PERCENTS),
    st.builds(Bundle, parts=st.tuples(COUNTED, COUNTED), price=MONEY),
    st.builds(two_steps, SELECTORS, PERCENTS, MONEY),
    st.builds(FreeItem, sku=st.sampled_from("ABD"), quantity=st.integers(1, 2)),
    st.builds(PointsTimes, factor=st.just(Decimal(2)), on=SELECTORS),
)
PROMOTIONS = st.lists(
    st.builds(
        Promotion,
        code=st.just("p"),
        name=st.just({"en": "P"}),
        currency=st.just("EUR"),
        reward=REWARDS,
        combines=st.sampled_from(Combines),
        limits=st.builds(Limits, per_purchase=st.sampled_from([None, 1, 2])),
        priority=st.integers(0, 2),
    ),
    max_size=4,
)
LINES = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.integers(1, 3), st.integers(0, 999)),
    min_size=1,
    max_size=5,
)
STRATEGIES = st.sampled_from(Strategy)
Line = tuple[str, int, int]


def quote(
    lines: Sequence[Line],
    promotions: Sequence[Promotion],
    strategy: Strategy,
    *,
    backwards: bool = False,
) -> Quote:
    basket_lines = tuple(
        BasketLine(
            line=str(at),
            sku=sku,
            quantity=Decimal(quantity) + (Decimal("0.35") if sku == "D" else 0),
            unit_price=eur(amount),
        )
        for at, (sku, quantity, amount) in enumerate(lines)
    )
    return price(
        compile_promotions(numbered(promotions)),
        Basket(
            store="1",
            sales_channel="till",
            at=NOON,
            currency="EUR",
            lines=basket_lines[::-1] if backwards else basket_lines,
        ),
        Facts(catalogue=CATALOGUE, customer=CustomerFacts()),
        Programme(
            currency="EUR",
            time_zone=UTC,
            strategy=strategy,
            points=PointsRule(points=1, per=eur(100)),
        ),
        work_limit=1500,
    )


def numbered(promotions: Sequence[Promotion]) -> list[Promotion]:
    return [
        Promotion(
            code=f"p{at}",
            name=one.name,
            currency=one.currency,
            reward=one.reward,
            combines=one.combines,
            limits=one.limits,
            priority=one.priority,
        )
        for at, one in enumerate(promotions)
    ]


class TestPrice:
    @settings(max_examples=150, deadline=None)
    @given(LINES, PROMOTIONS, STRATEGIES)
    def test_adds_up(
        self, lines: list[Line], promotions: list[Promotion], strategy: Strategy
    ) -> None:
        priced = quote(lines, promotions, strategy)

        assert priced.gross == priced.net + priced.discount
        assert sum(line.discount.amount for line in priced.lines) == (
            priced.discount.amount
        )
        assert sum(a.amount.amount for a in priced.applied) == priced.discount.amount
        for line in priced.lines:
            applied = sum(one.amount.amount for one in line.applications)
            assert line.discount.amount == applied
            assert line.gross == line.net + line.discount
        for one in priced.applied:
            assert one.amount.amount > 0 or one.points > 0
        assert sum(earned.points for earned in priced.points) == priced.points_earned

    @settings(max_examples=150, deadline=None)
    @given(LINES, PROMOTIONS, STRATEGIES)
    def test_takes_nothing_below_zero_or_a_floor(
        self, lines: list[Line], promotions: list[Promotion], strategy: Strategy
    ) -> None:
        priced = quote(lines, promotions, strategy)

        for (sku, quantity, amount), line in zip(lines, priced.lines, strict=True):
            assert line.net.amount >= 0
            if sku == "A":
                assert line.net.amount >= quantity * min(amount, 120)
            if sku == "C":
                assert not line.discount

    @settings(max_examples=100, deadline=None)
    @given(LINES, PROMOTIONS, STRATEGIES)
    def test_does_not_depend_on_the_order_of_lines(
        self, lines: list[Line], promotions: list[Promotion], strategy: Strategy
    ) -> None:
        forwards = quote(lines, promotions, strategy)
        backwards = quote(lines, promotions, strategy, backwards=True)

        assert forwards.lines == backwards.lines[::-1]
        assert forwards.applied == backwards.applied
        assert forwards.missed == backwards.missed

    @settings(max_examples=100, deadline=None)
    @given(LINES, PROMOTIONS.filter(bool))
    def test_never_rises_with_one_more_promotion(
        self, lines: list[Line], promotions: list[Promotion]
    ) -> None:
        fewer = quote(lines, promotions[:-1], Strategy.BEST_FOR_CUSTOMER)
        more = quote(lines, promotions, Strategy.BEST_FOR_CUSTOMER)

        # Where the search stopped at its limit, its bound still holds.
        least = more.net if more.bound is None else more.bound
        assert least <= fewer.net
        assert more.net <= fewer.net or not more.optimal

    @settings(max_examples=100, deadline=None)
    @given(LINES, PROMOTIONS)
    def test_is_no_more_than_in_order_of_priority(
        self, lines: list[Line], promotions: list[Promotion]
    ) -> None:
        # Without sharing, what one strategy may combine the other may, too.
        apart = [one for one in promotions if one.combines is not Combines.FREELY]
        best = quote(lines, apart, Strategy.BEST_FOR_CUSTOMER)
        in_turn = quote(lines, apart, Strategy.PRIORITY)

        whole = any(getattr(one.reward, "on", None) == EVERYTHING for one in apart)
        assert whole or not best.optimal or best.net <= in_turn.net
