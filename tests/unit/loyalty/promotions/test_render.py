"""Promotions in words: nothing may limit a promotion without being said."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.money import Money
from loyalty.promotions.render import (
    Names,
    distinct_names,
    house_rules,
    missed_message,
    sentence,
    terms,
)
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.values import Missed, MissedReason, Selector, Strategy

Document = dict[str, Any]
ON: Document = {"categories": ["drinks/coffee"]}
BASE: Document = {"code": "p", "name": {"en": "P"}}
REWARDS: dict[str, Document] = {
    "percent_off": {"percent": "20", "on": ON, "units": None, "at_most": None},
    "amount_off": {"amount": "1.00", "on": ON, "per": "unit", "units": None},
    "fixed_price": {"price": "2.00", "on": ON, "units": None},
    "buy_get": {
        "buy": {**ON, "quantity": 2},
        "get": {**ON, "quantity": 1, "percent": "50"},
    },
    "bundle": {"parts": [{**ON, "quantity": 2}], "price": "5.00"},
    "steps": {
        "by": "quantity",
        "on": ON,
        "steps": [{"at_least": 3, "percent": "5"}],
    },
    "free_item": {"sku": "MUG", "quantity": 1},
    "free_delivery": {"at_most": "4.90"},
    "points_times": {"factor": "2", "on": ON},
    "points_plus": {"points": 25},
}
SELECTORS: list[Document] = [
    {"all": True},
    {"all": True, "except": {"tags": ["sale"]}},
    {"skus": ["A"]},
    {"categories": ["food/coffee"]},
    {"categories": ["drinks/coffee", "drinks/tea"]},
    {"brands": ["Nova"]},
    {"tags": ["bio"]},
    {"unit_price": {"at_least": "2.00"}},
    {"unit_price": {"below": "2.00"}},
    {"skus": ["A"], "categories": ["drinks/coffee"]},
]
UNITS: list[Document] = [
    {"at_most": 1, "which": "cheapest"},
    {"at_most": 2, "which": "cheapest"},
    {"at_most": 1, "which": "dearest"},
]
OTHERS: dict[str, list[object]] = {
    "percent": ["20.25", "100"],
    "amount": ["1.01"],
    "price": ["4.99"],
    "per": ["basket"],
    "quantity": [3],
    "at_most": ["3.00"],
    "units": [*UNITS],
    "on": [*SELECTORS],
    "sku": ["CUP"],
    "factor": ["2.5"],
    "points": [26],
    "at_least": [4],
}
"""Other values for each field of a reward."""
AUDIENCES: list[Document] = [
    {"tier": "gold"},
    {"segment": "gold"},
    {"not": {"tier": "gold"}},
    {"any": [{"tier": "gold"}, {"segment": "vip"}]},
    {"all": [{"tier": "gold"}, {"segment": "vip"}]},
    {"member_for_days": {"at_least": 30}},
    {"member_for_days": {"below": 30}},
    {"purchases": {"at_least": 2}},
    {"purchases": {"at_least": 2, "within_days": 30}},
    {"spent": {"at_least": "2.00"}},
    {"days_since_purchase": {"at_least": 2}},
    {"birthday_within_days": 0},
    {"birthday_within_days": 7},
    {"interested_in": ["coffee"]},
    {"language": "pl"},
    {"home_store": "324"},
    {"has_card": True},
    {"has_card": False},
]
FIELDS: list[Document] = [
    *({"audience": audience} for audience in AUDIENCES),
    {"trigger": "code"},
    {"trigger": "personal"},
    {"combines": "freely"},
    {"combines": "alone"},
    {"priority": 1},
    {"valid": {"from": "2026-11-01T00:00"}},
    {"valid": {"from": "2026-11-01T00:01"}},
    {"valid": {"until": "2026-11-01T00:00"}},
    {"valid": {"until": "2027-11-01T00:00"}},
    {"valid": {"stores": ["1"]}},
    {"valid": {"sales_channels": ["web"]}},
    {"valid": {"weekly": [{"days": ["mon"], "from": "16:00", "until": "18:00"}]}},
    {"valid": {"weekly": [{"days": ["mon"], "from": "16:00", "until": "10:00"}]}},
    {"valid": {"weekly": [{"days": ["tue"], "from": "16:00", "until": "18:00"}]}},
    {"limits": {"per_purchase": 1}},
    {"limits": {"per_customer": 1}},
    {"limits": {"per_customer": 2}},
    {"limits": {"per_customer_per_day": 1}},
    {"limits": {"total": 1}},
    {"limits": {"budget": "1.00"}},
    {"requires": [{"payment": ["card"]}]},
    {"requires": [{"quantity": {"of": ON, "at_least": 2}}]},
    {"requires": [{"quantity": {"of": ON, "at_least": 3}}]},
    *({"requires": [{"spend": {"on": on, "at_least": "9.00"}}]} for on in SELECTORS),
]
AFTER: Document = {
    "requires": [
        {
            "spend": {
                "on": {"all": True},
                "at_least": "9.00",
                "counting": "after_item_discounts",
            }
        }
    ]
}


SHOP = Names(
    products={"A": "Oat biscuits", "MUG": "Blue mug", "CUP": "Blue cup"},
    categories=distinct_names(
        {
            "drinks": "Drinks",
            "drinks/coffee": "Coffee",
            "drinks/tea": "Tea",
            "food": "Food",
            "food/coffee": "Coffee",
        }
    ),
    stores={"324": "Lab market Centre"},
)


def written(document: Document, names: Names = SHOP) -> str:
    return terms(load_promotion(document, currency="EUR"), "en", names=names)


def variations(value: object, key: str = "") -> Iterator[object]:
    """Give copies of a reward's fields in which one of them is another."""
    for other in OTHERS.get(key, []):
        if type(other) is type(value) or value is None:
            yield other
    if isinstance(value, dict):
        for name, inner in value.items():
            for other in variations(inner, name):
                yield {**value, name: other}
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            for other in variations(inner):
                yield [*value[:at], other, *value[at + 1 :]]


class TestTerms:
    @pytest.mark.parametrize("names", [Names(), SHOP], ids=["keys", "names"])
    @pytest.mark.parametrize("reward", REWARDS)
    def test_change_with_every_field_of_a_reward(
        self, reward: str, names: Names
    ) -> None:
        fields = REWARDS[reward]
        texts = [written({**BASE, "reward": {reward: fields}}, names)]
        for other in variations(fields):
            assert isinstance(other, dict)
            if not (reward == "buy_get" and "percent" in other):
                texts.append(written({**BASE, "reward": {reward: other}}, names))

        assert len(texts) > 1
        assert len(set(texts)) == len(texts)

    @pytest.mark.parametrize("names", [Names(), SHOP], ids=["keys", "names"])
    def test_change_with_every_other_field(self, names: Names) -> None:
        reward = {"percent_off": {"percent": "20", "on": {"all": True}}}
        documents = [{}, *FIELDS, AFTER]

        texts = [written({**BASE, **d, "reward": reward}, names) for d in documents]

        assert len(set(texts)) == len(texts)

    def test_are_plain_sentences(self) -> None:
        document = {
            **BASE,
            "reward": {"percent_off": {"percent": "20", "on": ON}},
            "valid": {"until": "2026-12-01T00:00"},
            "limits": {"per_customer": 1},
        }

        assert written(document, Names()) == (
            "You get 20% off coffee (drinks). It applies by itself. Valid until "
            "1 December 2026, 00:00 (excluded), by the store's clock. Once for each "
            "customer. It may be combined with other offers, but not on the same "
            "units."
        )

    def test_write_names_where_there_are_some(self) -> None:
        document = {
            **BASE,
            "audience": {"interested_in": ["drinks/tea"]},
            "reward": {
                "percent_off": {
                    "percent": "20",
                    "on": {
                        "categories": ["frozen/pizza", "drinks/tea"],
                        "except": {"skus": ["A"]},
                    },
                }
            },
        }

        text = written(document)

        assert "20% off pizza (frozen) or Tea except Oat biscuits." in text
        assert "are interested in Tea" in text


class TestDistinctNames:
    def test_leave_a_name_alone_that_one_category_has(self) -> None:
        names = {"grocery": "Grocery", "grocery/frozen-pizza": "Frozen pizza"}

        assert distinct_names(names) == names

    def test_say_what_a_shared_name_belongs_to(self) -> None:
        names = {"a": "Dairy", "a/x": "Other", "b/x": "Other"}

        assert distinct_names(names) == {
            "a": "Dairy",
            "a/x": "Other (Dairy)",
            "b/x": "Other (b)",
        }

    def test_fall_back_on_the_path(self) -> None:
        names = {"a": "Dairy", "a/x": "Other", "a/y": "Other"}

        assert distinct_names(names) == {
            "a": "Dairy",
            "a/x": "Other (a/x)",
            "a/y": "Other (a/y)",
        }

    @given(
        st.dictionaries(
            st.from_regex(r"[ab]{1,2}(/[ab]{1,2}){0,2}", fullmatch=True),
            st.sampled_from(["Other", "Dairy", "Other (Dairy)", "Other (Other)"]),
        )
    )
    def test_are_never_the_same(self, names: dict[str, str]) -> None:
        found = distinct_names(names)

        assert found.keys() == names.keys()
        assert len(set(found.values())) == len(names)


class TestHouseRules:
    def test_say_how_the_programme_chooses(self) -> None:
        best = house_rules("en", strategy=Strategy.BEST_FOR_CUSTOMER)

        assert best != house_rules("en", strategy=Strategy.PRIORITY)


class TestSentence:
    def test_marks_what_comes_from_the_promotion(self) -> None:
        document = {
            **BASE,
            "audience": {"tier": "gold"},
            "reward": {"percent_off": {"percent": "20", "on": ON}},
            "valid": {"from": "2026-12-01T00:00", "until": "2026-12-15T00:00"},
            "limits": {"per_customer": 1, "budget": "400.00"},
        }

        parts = sentence(load_promotion(document, currency="EUR"), "en")

        assert "".join(f"[{p.text}]" if p.marked else p.text for p in parts) == (
            "From [1 Dec] until [15 Dec], [customers who have the tier gold] get "
            "[20% off coffee (drinks)], once each, until [€400.00] is spent."
        )

    def test_begins_with_a_capital(self) -> None:
        document = {**BASE, "reward": {"points_plus": {"points": 25}}}

        parts = sentence(load_promotion(document, currency="EUR"), "en")

        assert parts[0].text == "All customers"


class TestMissedMessage:
    @pytest.mark.parametrize("reason", MissedReason)
    def test_says_something_for_every_reason(self, reason: MissedReason) -> None:
        missed = Missed(promotion="p", reason=reason)

        assert missed_message(missed, "en").endswith(".")

    def test_says_how_much_of_what_is_missing(self) -> None:
        reward = load_promotion(
            {**BASE, "reward": {"percent_off": {"percent": "20", "on": ON}}},
            currency="EUR",
        ).reward
        missed = Missed(
            promotion="p",
            reason=MissedReason.SPEND_SHORT,
            short_by=Money(amount=230, currency="EUR"),
            of=Selector(categories=("drinks/coffee",)),
            reward=reward,
        )

        assert missed_message(missed, "en") == (
            "Add €2.30 of coffee (drinks) to get 20% off coffee (drinks)."
        )

    def test_names_the_code(self) -> None:
        missed = Missed(promotion=None, reason=MissedReason.CODE_USED, code="X1")

        assert missed_message(missed, "en") == "The code X1 has been used."


class TestManyProducts:
    """A coupon for many articles reads as words; its terms name every one."""

    FOUR = ("A", "B", "C", "D")

    def _texts(
        self, skus: tuple[str, ...], products: dict[str, str], language: str = "en"
    ) -> tuple[str, str]:
        on: Document = {"skus": list(skus)}
        reward: Document = {"percent_off": {"percent": "20", "on": on}}
        document = {**BASE, "reward": reward}
        promotion = load_promotion(document, currency="EUR")
        names = Names(products=products)
        told = sentence(promotion, language, names=names)
        written = terms(promotion, language, names=names)
        return "".join(part.text for part in told), written

    def test_are_told_by_three_and_a_number(self) -> None:
        products = {"A": "Tea", "B": "Mate", "C": "Cocoa", "D": "Milk"}
        told, written = self._texts(self.FOUR, products)
        assert told == (
            "All customers get 20% off 4 chosen products (Tea, Mate, Cocoa and 1 more)."
        )
        assert "20% off Tea, Mate, Cocoa or Milk." in written

    def test_of_one_name_are_called_by_it(self) -> None:
        products = dict.fromkeys(self.FOUR, "Fairtrade coffee")
        told, _ = self._texts(self.FOUR, products)
        assert told == "All customers get 20% off Fairtrade coffee."

    def test_without_names_are_counted(self) -> None:
        told, written = self._texts(self.FOUR, {})
        assert told == "All customers get 20% off 4 chosen products."
        assert "20% off A, B, C or D." in written

    def test_up_to_three_are_all_named(self) -> None:
        told, _ = self._texts(("A", "B", "C"), {"A": "Tea"})
        assert told == "All customers get 20% off Tea, B or C."

    @pytest.mark.parametrize("language", ["pl", "ru", "sl", "fa"])
    def test_are_counted_in_every_language(self, language: str) -> None:
        products = {"A": "Tea", "B": "Mate", "C": "Cocoa", "D": "Milk"}
        told, written = self._texts(self.FOUR, products, language)
        assert "chosen" not in told
        assert "Milk" not in told
        assert "Milk" in written
