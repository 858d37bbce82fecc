"""Back-tests of a few purchases, with answers worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal

from loyalty.promotions.values import (
    BuyGet,
    Counted,
    CustomerFacts,
    FreeDelivery,
    HasCard,
    PastPurchase,
    PurchaseCount,
    Range,
    Selector,
    Spend,
    Spent,
    Trigger,
    Validity,
)
from loyalty.promotions.values.backtests import Share
from tests.unit.loyalty.promotions.backtesting.shop import (
    COFFEE,
    NOON,
    bought,
    coffee,
    eur,
    limited,
    off,
    run,
)

TEA = Selector(categories=("drinks/tea",))


class TestABacktest:
    def test_adds_up_what_a_draft_gives(self) -> None:
        found = run(
            off(),
            [
                bought(1, 7, {"COFFEE": (2, 499), "BREAD": (1, 220)}),
                bought(2, 8, {"TEA": (1, 350)}),
                coffee(3, None, 1_000),
            ],
        )

        # 20 % of 9.98 is 1.996; of 10.00, 2.00.
        assert (found.baskets, found.touched, found.times) == (3, 2, 2)
        assert (found.given, found.cost) == (400, 400)
        assert (found.customers, found.without_card) == (1, 1)
        assert found.limit_reached is None
        assert found.unproven == 0

    def test_counts_what_it_takes_from_others_apart(self) -> None:
        running = off("10", code="running")

        found = run(off(), [coffee(1, 7, 1_000)], running)

        # It gives 2.00 in the place of 1.00.
        assert (found.given, found.cost) == (200, 100)

    def test_finds_nothing_where_another_is_better(self) -> None:
        found = run(off(), [coffee(1, 7, 1_000)], off("30", code="running"))

        assert (found.touched, found.given, found.cost) == (0, 0, 0)
        assert found.worst is None
        assert found.interval is None
        assert found.margin is None

    def test_names_the_basket_on_which_most_is_given(self) -> None:
        found = run(off(), [coffee(1, 7, 500), coffee(2, 8, 900), coffee(3, 9, 900)])

        assert found.worst is not None
        assert (found.worst.purchase, found.worst.cost) == (2, 180)
        assert found.worst.before == 900

    def test_tells_days_stores_and_segments_apart(self) -> None:
        found = run(
            off(),
            [
                coffee(1, 7, 1_000),
                coffee(2, 8, 500, store="5"),
                coffee(30, 7, 500),
                coffee(31, None, 500),
            ],
            customers={
                7: CustomerFacts(segments=("loyal", "families")),
                8: CustomerFacts(),
            },
        )

        assert found.by_day == {
            date(2026, 11, 20): Share(baskets=2, cost=300),
            date(2026, 11, 21): Share(baskets=2, cost=200),
        }
        assert found.by_store == {
            "324": Share(baskets=3, cost=400),
            "5": Share(baskets=1, cost=100),
        }
        assert found.by_segment == {
            "": Share(baskets=1, cost=100),
            "-": Share(baskets=1, cost=100),
            "families": Share(baskets=2, cost=300),
            "loyal": Share(baskets=2, cost=300),
        }

    def test_says_the_margin_where_costs_are_known(self) -> None:
        found = run(
            off(),
            [
                bought(1, 7, {"COFFEE": (1, 600), "BREAD": (1, 400)}),
                coffee(2, 8, 450),
                coffee(3, 9, 390),
            ],
        )

        assert found.margin is not None
        # 6.00 + 4.50 + 3.90, and four fifths of it; each coffee costs 4.00.
        assert (found.margin.before, found.margin.after) == (1_440, 1_152)
        assert found.margin.cost == 1_200
        assert found.margin.share == 1_440 / 1_840
        # The third was sold below its cost before.
        assert found.margin.below_cost == 1

    def test_counts_delivery(self) -> None:
        draft = off(reward=FreeDelivery(at_most=None))

        found = run(draft, [coffee(1, 7, 1_000, delivery=490), coffee(2, 8, 1_000)])

        assert (found.touched, found.cost) == (1, 490)

    def test_leaves_out_money_of_another_kind(self) -> None:
        assert run(off(), [coffee(1, 7, 1_000, currency="PLN")]).touched == 0

    def test_takes_a_draft_as_if_it_had_run(self) -> None:
        later = Validity(start=(NOON + timedelta(days=9)).replace(tzinfo=None))

        found = run(off(trigger=Trigger.CODE, valid=later), [coffee(1, 7, 1_000)])

        assert found.cost == 200

    def test_of_nothing_finds_nothing(self) -> None:
        found = run(off(), [])

        assert (found.baskets, found.touched, found.by_day) == (0, 0, {})


class TestTheFactsOfABacktest:
    def test_are_those_of_its_time(self) -> None:
        draft = off(audience=PurchaseCount(count=Range(below=2), within_days=None))
        history = tuple(
            PastPurchase(at=NOON + timedelta(hours=hour), net=eur(1_000))
            for hour in (1, 2, 3)
        )

        found = run(
            draft,
            [coffee(number, 7, 1_000) for number in (1, 2, 3)],
            customers={7: CustomerFacts(purchases=history)},
        )

        # Before the third there were two.
        assert found.touched == 2

    def test_know_what_was_spent_until_then(self) -> None:
        draft = off(audience=Spent(at_least=eur(1_500)))
        history = tuple(
            PastPurchase(at=NOON + timedelta(hours=hour), net=eur(1_000))
            for hour in (1, 2, 3)
        )

        found = run(
            draft,
            [coffee(number, 7, 1_000) for number in (1, 2, 3)],
            customers={7: CustomerFacts(purchases=history)},
        )

        assert found.worst is not None
        assert (found.touched, found.worst.purchase) == (1, 3)

    def test_say_who_has_a_card(self) -> None:
        draft = off(audience=HasCard(has_card=False))

        found = run(draft, [coffee(1, 7, 1_000), coffee(2, None, 1_000)])

        assert (found.customers, found.without_card) == (0, 1)


class TestLimits:
    def test_of_each_customer_hold_in_the_order_of_time(self) -> None:
        found = run(
            off(limits=limited(per_customer=1)),
            [coffee(1, 7, 500), coffee(2, 8, 1_000), coffee(3, 7, 9_000)],
        )

        assert (found.touched, found.cost) == (2, 300)
        assert found.limit_reached is None

    def test_of_a_day_begin_anew_at_midnight(self) -> None:
        found = run(
            off(limits=limited(per_customer_per_day=1)),
            [coffee(1, 7, 500), coffee(2, 7, 500), coffee(13, 7, 500)],
            size=1,
        )

        assert found.touched == 2

    def test_in_all_end_it_for_everybody(self) -> None:
        found = run(
            off(limits=limited(total=2)),
            [coffee(1, 7, 500), coffee(2, 8, 500), coffee(3, 9, 5_000)],
            parts=3,
        )

        assert (found.touched, found.cost) == (2, 200)
        assert found.limit_reached == NOON + timedelta(hours=2)
        assert found.interval is None

    def test_of_money_leave_out_what_they_do_not_cover_whole(self) -> None:
        found = run(
            off(limits=limited(budget=500)),
            [coffee(1, 7, 1_500), coffee(2, 8, 1_500), coffee(3, 9, 1_000)],
            parts=3,
        )

        # 3.00, then 3.00 too many, then the 2.00 that are left.
        assert (found.touched, found.given) == (2, 500)
        assert found.limit_reached == NOON + timedelta(hours=2)

    def test_of_money_refuse_a_use_that_its_customer_then_still_has(self) -> None:
        draft = off(limits=limited(budget=500, per_customer=1))

        found = run(
            draft,
            [coffee(1, 7, 1_500), coffee(2, 8, 1_500), coffee(3, 8, 500)],
            parts=2,
        )

        assert (found.touched, found.given) == (2, 400)

    def test_of_money_pay_for_fewer_sets_when_these_fit(self) -> None:
        draft = off(
            reward=BuyGet(
                buy=Counted(of=COFFEE, quantity=1),
                get=Counted(of=COFFEE, quantity=1),
                percent=Decimal(100),
            ),
            limits=limited(budget=1_200),
        )

        found = run(
            draft,
            [
                bought(1, 7, {"COFFEE": (2, 500)}),
                bought(2, 8, {"COFFEE": (4, 500)}),
            ],
            parts=2,
        )

        # 5.00 of 12.00 are gone: of the second basket's two sets one is paid.
        assert (found.touched, found.times, found.given) == (2, 2, 1_000)


class TestABasketThatIsShort:
    def test_is_not_touched(self) -> None:
        draft = off(requires=(Spend(on=Selector(everything=True), at_least=eur(800)),))

        found = run(draft, [coffee(1, 7, 799), coffee(2, 8, 800)])

        assert (found.touched, found.cost) == (1, 160)
