from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.data import Ask, Customer, Offer, Purchase, Purchases, Suggestion
from recommender.explanation import VOICES, Reason
from recommender.features.pairs import GROUPS
from recommender.pipeline import recommend
from recommender.training import Trained
from tests.unit.recommender.explanation.led import in_company, led_by
from tests.unit.recommender.shop import TREE, Shop

CAT_FOOD = Offer(key="o", categories=("Cat food",))
CAT_TOYS = Offer(key="o", categories=("Cat toys",))
MILK = Offer(key="o", categories=("Milk",))


def bought(shop: Shop, category: str, days: Sequence[int]) -> list[Purchase]:
    """Return purchases of so many days ago."""
    return [
        Purchase(
            customer=500,
            product=f"{category}-1",
            day=shop.tomorrow - timedelta(days=ago),
            quantity=1,
            value=100,
        )
        for ago in days
    ]


def reason(
    trained: Trained, shop: Shop, *, days: Sequence[int], offer: Offer, **who: object
) -> Reason:
    """Return the reason for an offer; cat food was bought so many days ago."""
    customer = Customer(id=500, **who)  # type: ignore[arg-type]  # test data
    asked = Ask(day=shop.tomorrow, offers=[offer])
    rows = Purchases.of(bought(shop, "Cat food", days))
    (found,) = recommend(trained, rows, [customer], shop.products, asked)
    return dict(found.reason)


class TestOwnPurchases:
    @pytest.mark.parametrize("lead", ["habit", "rhythm"])
    def test_say_how_often(self, trained: Trained, shop: Shop, lead: str) -> None:
        model = led_by(trained, **{lead: 1.0})
        found = reason(model, shop, days=(3, 15, 27, 40), offer=CAT_FOOD)
        assert found == {
            "kind": "often_bought",
            "category": "Cat food",
            "times": 4,
            "every_days": 12,
            "last": (shop.tomorrow - timedelta(days=3)).isoformat(),
        }

    @pytest.mark.parametrize(("last", "kind"), [(9, "due_again"), (24, "due_again")])
    def test_say_that_it_is_time(
        self, trained: Trained, shop: Shop, last: int, kind: str
    ) -> None:
        days = [last + 12 * back for back in range(4)]
        model = led_by(trained, habit=1.0, rhythm=0.1)
        found = reason(model, shop, days=days, offer=CAT_FOOD)
        assert found == {
            "kind": kind,
            "category": "Cat food",
            "times": 4,
            "every_days": 12,
            "last": (shop.tomorrow - timedelta(days=last)).isoformat(),
        }

    @pytest.mark.parametrize("last", [8, 25])
    def test_say_so_only_about_when_it_is(
        self, trained: Trained, shop: Shop, last: int
    ) -> None:
        days = [last + 12 * back for back in range(4)]
        model = led_by(trained, habit=1.0, rhythm=0.1)
        found = reason(model, shop, days=days, offer=CAT_FOOD)
        assert found["kind"] == "often_bought"

    def test_say_so_only_if_it_counted(self, trained: Trained, shop: Shop) -> None:
        model = led_by(trained, habit=1.0, rhythm=-0.1)
        found = reason(model, shop, days=(12, 24, 36), offer=CAT_FOOD)
        assert found["kind"] == "often_bought"

    def test_claim_no_rhythm_from_two(self, trained: Trained, shop: Shop) -> None:
        model = led_by(trained, habit=1.0, rhythm=0.5)
        assert reason(model, shop, days=(3, 15), offer=CAT_FOOD) == {
            "kind": "bought_before",
            "category": "Cat food",
            "times": 2,
            "last": (shop.tomorrow - timedelta(days=3)).isoformat(),
        }

    def test_are_told_together(self, trained: Trained, shop: Shop) -> None:
        model = led_by(trained, habit=0.4, rhythm=0.4, popular=0.7)
        found = reason(model, shop, days=(3, 15, 27), offer=CAT_FOOD)
        assert found["kind"] == "often_bought"

    def test_are_not_invented(self, trained: Trained, shop: Shop) -> None:
        model = led_by(trained, habit=1.0, popular=0.1)
        found = reason(model, shop, days=(3, 15, 27), offer=MILK)
        assert found == {"kind": "popular"}


class TestWishes:
    def test_name_the_interest(self, trained: Trained, shop: Shop) -> None:
        model = led_by(trained, wishes=1.0)
        interests = ("Bakery", "Cat food")
        found = reason(model, shop, days=(), offer=CAT_FOOD, interests=interests)
        assert found == {"kind": "interest", "category": "Cat food"}

    def test_name_the_department(self, trained: Trained, shop: Shop) -> None:
        model = led_by(trained, wishes=1.0)
        found = reason(model, shop, days=(), offer=CAT_TOYS, interests=("Pets",))
        assert found == {"kind": "interest", "category": "Pets"}

    def test_give_way_to_deeds_that_weigh_more(
        self, trained: Trained, shop: Shop
    ) -> None:
        model = led_by(trained, wishes=0.3, habit=0.4)
        found = reason(
            model, shop, days=(1, 3, 5), offer=CAT_FOOD, interests=("Cat food",)
        )
        assert found["kind"] == "often_bought"


class TestTaste:
    def test_names_what_it_goes_with(self, trained: Trained, shop: Shop) -> None:
        model = led_by(trained, taste=1.0)
        found = reason(model, shop, days=(3, 15, 27), offer=CAT_TOYS)
        assert found == {"kind": "similar_to", "category": "Cat food"}

    def test_names_the_interest_it_goes_with(
        self, trained: Trained, shop: Shop
    ) -> None:
        model = led_by(trained, taste=1.0)
        found = reason(model, shop, days=(), offer=CAT_TOYS, interests=("Cat food",))
        assert found == {"kind": "interest", "category": "Cat food"}

    def test_admits_that_it_is_popular(self, trained: Trained, shop: Shop) -> None:
        model = led_by(trained, taste=1.0)
        found = reason(model, shop, days=(), offer=MILK, store="S1")
        assert found == {"kind": "popular"}


class TestNeighbours:
    def test_are_named_by_what_joins_them(self, trained: Trained, shop: Shop) -> None:
        model = in_company(trained, "Cat food", "Milk")
        found = reason(model, shop, days=(3, 15, 27), offer=MILK)
        assert found == {"kind": "others_like_you", "category": "Cat food"}

    def test_who_buy_the_same_again_are_the_customer(
        self, trained: Trained, shop: Shop
    ) -> None:
        model = in_company(trained, "Cat food", "Cat food")
        found = reason(model, shop, days=(3, 15, 27), offer=CAT_FOOD)
        assert found["kind"] == "often_bought"

    def test_are_not_named_for_what_joins_nobody(
        self, trained: Trained, shop: Shop
    ) -> None:
        for bought, wanted in (("Bread", "Milk"), ("Cat food", "Juice")):
            model = in_company(trained, bought, wanted)
            found = reason(model, shop, days=(3, 15, 27), offer=MILK)
            assert found == {"kind": "chosen"}


class TestNothing:
    def test_is_claimed_of_what_nothing_speaks_for(
        self, trained: Trained, shop: Shop
    ) -> None:
        model = led_by(trained, habit=-0.2, taste=-0.1, popular=-1.0, household=2.0)
        found = reason(model, shop, days=(3, 15, 27), offer=CAT_FOOD)
        assert found == {"kind": "chosen"}

    def test_is_made_up_where_there_is_no_re_ranker(
        self, trained: Trained, shop: Shop
    ) -> None:
        little = replace(trained, ranker=None)
        found = reason(little, shop, days=(3, 15, 27), offer=CAT_TOYS)
        assert found == {"kind": "similar_to", "category": "Cat food"}
        found = reason(little, shop, days=(3, 15, 27), offer=CAT_FOOD)
        assert found["kind"] == "often_bought"
        found = reason(little, shop, days=(), offer=CAT_FOOD, interests=("Cat food",))
        assert found == {"kind": "interest", "category": "Cat food"}


CATEGORIES = [name for names in TREE.values() for name in names]
HISTORIES = st.dictionaries(
    st.sampled_from(CATEGORIES),
    st.lists(st.integers(1, 150), min_size=1, max_size=6, unique=True),
    max_size=5,
)
INTERESTS = st.lists(
    st.sampled_from([*CATEGORIES, *TREE, "Nothing of ours"]), max_size=3, unique=True
)
OUT = st.sampled_from([(), ("Milk",), ("Pets",), ("Cat food", "Baby")])
PART = st.integers(-100, 100).map(lambda part: part / 100)
PARTS = st.fixed_dictionaries(dict.fromkeys(GROUPS, PART))
SOMEBODY = Customer(
    id=500, language="fa", store="S1", tier="gold", facts=(("age", "18"),)
)
History = dict[str, list[int]]
FACTS = {
    "due_again": {"kind", "category", "times", "every_days", "last"},
    "often_bought": {"kind", "category", "times", "every_days", "last"},
    "bought_before": {"kind", "category", "times", "last"},
    "similar_to": {"kind", "category"},
    "others_like_you": {"kind", "category"},
    "interest": {"kind", "category"},
    "popular": {"kind"},
    "chosen": {"kind"},
}
SPEAKS = {
    "due_again": ("own", "taste", "neighbours"),
    "often_bought": ("own", "taste", "neighbours"),
    "bought_before": ("own", "taste", "neighbours"),
    "similar_to": ("taste",),
    "others_like_you": ("neighbours",),
    "interest": ("wishes", "taste"),
    "popular": ("popular", "taste"),
}
"""Of which voice each kind may speak: taste finds words of all kinds."""


def departments(category: str) -> list[str]:
    return [name for name, found in TREE.items() if category in found]


def facts_hold(found: Suggestion, history: History, today: date) -> None:
    """Compute anew what a reason says was bought."""
    told = found.reason
    days = sorted(history[str(told["category"])])
    assert told["times"] == len(days)
    assert told["last"] == (today - timedelta(days=days[0])).isoformat()
    if "every_days" in told:
        between = (days[-1] - days[0]) / (len(days) - 1)
        assert told["every_days"] == max(round(between), 1)
        if told["kind"] == "due_again":
            assert 0.75 * between <= days[0] <= 2 * between
    else:
        assert len(days) < 3


def voice_leads(found: Suggestion) -> None:
    """No voice but the ones that could not be said weighs more than the reason's."""
    weights = {
        voice: sum(found.parts[name] for name in groups)
        for voice, groups in VOICES.items()
    }
    kind = found.reason["kind"]
    if kind == "chosen":
        return
    mine = max(weights[voice] for voice in SPEAKS[str(kind)])
    assert mine >= 0  # parts are told rounded
    assert mine >= max(weights["taste"], weights["popular"]) - 1e-3


def check_all(model: Trained, shop: Shop, customer: Customer, history: History) -> None:
    """Recommend everything that is left, and hold each reason against the rows."""
    rows = [row for name in history for row in bought(shop, name, history[name])]
    ask = Ask(day=shop.tomorrow)
    found = list(recommend(model, Purchases.of(rows), [customer], shop.products, ask))
    out = model.config.excluded_categories
    hidden = {*out, "Beer", *(c for d in out for c in TREE.get(d, ()))}
    assert found
    for one in found:
        told = one.reason
        assert one.offer not in hidden
        assert set(told) == FACTS[str(told["kind"])]
        voice_leads(one)
        if "times" in told:
            facts_hold(one, history, shop.tomorrow)
        if "category" in told:
            name = str(told["category"])
            assert name not in hidden
            assert name in history or name in customer.interests
            if told["kind"] in {"similar_to", "others_like_you"}:
                assert name in history


class TestEveryReason:
    def test_is_true(self, trained: Trained, shop: Shop) -> None:
        @settings(max_examples=60, deadline=None)
        @given(HISTORIES, INTERESTS, OUT, PARTS)
        def holds(
            history: History,
            interests: list[str],
            out: tuple[str, ...],
            parts: dict[str, float],
        ) -> None:
            config = replace(trained.config, excluded_categories=out, top=100)
            together = in_company(trained, "Cat food", "Milk")
            model = replace(led_by(together, **parts), config=config)
            customer = replace(SOMEBODY, interests=tuple(interests))
            check_all(model, shop, customer, history)

        holds()

    def test_speaks_of_the_greatest_part(self, trained: Trained, shop: Shop) -> None:
        for one in recommend(
            trained,
            shop.purchases,
            shop.customers,
            shop.products,
            Ask(day=shop.tomorrow),
        ):
            voice_leads(one)
