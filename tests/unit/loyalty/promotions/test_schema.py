"""Promotion documents: what is read, what is refused and where."""

from copy import deepcopy
from typing import Any

import pytest

from loyalty.core.errors import Invalid
from loyalty.promotions.schema import dump_promotion, load_promotion

Document = dict[str, Any]

FULL: Document = {
    "code": "coffee-20",
    "name": {"en": "20% off coffee", "pl": "Kawa -20%"},
    "trigger": "automatic",
    "valid": {
        "from": "2026-11-01T00:00",
        "until": "2026-12-01T00:00",
        "weekly": [{"days": ["mon", "fri"], "from": "16:00", "until": "24:00"}],
        "stores": ["324"],
        "sales_channels": ["till"],
    },
    "audience": {
        "all": [
            {"any": [{"segment": "vip"}, {"tier": "gold"}]},
            {"not": {"language": "pl"}},
            {"member_for_days": {"at_least": 30, "below": None}},
            {"purchases": {"at_least": 2, "below": 9, "within_days": 60}},
            {"spent": {"at_least": "10.00", "below": None, "within_days": None}},
            {"days_since_purchase": {"at_least": None, "below": 30}},
            {"birthday_within_days": 7},
            {"interested_in": ["drinks/coffee"]},
            {"home_store": "324"},
            {"has_card": True},
        ]
    },
    "requires": [
        {
            "spend": {
                "on": {"categories": ["drinks"], "except": {"tags": ["sale"]}},
                "at_least": "30.00",
                "counting": "before_discounts",
            }
        },
        {"quantity": {"of": {"all": True}, "at_least": 3}},
        {"payment": ["card"]},
    ],
    "reward": {
        "percent_off": {
            "percent": "20",
            "on": {
                "skus": ["A"],
                "brands": ["Nova"],
                "unit_price": {"at_least": "1.00", "below": "9.00"},
            },
            "units": {"at_most": 2, "which": "cheapest"},
            "at_most": "5.00",
        }
    },
    "limits": {
        "per_purchase": 1,
        "per_customer": 2,
        "per_customer_per_day": 1,
        "total": 10000,
        "budget": "5000.00",
    },
    "combines": "freely",
    "priority": 3,
}
ON: Document = {"all": True}
REWARDS: list[Document] = [
    {"percent_off": {"percent": "10.5", "on": ON, "units": None, "at_most": None}},
    {"amount_off": {"amount": "1.00", "on": ON, "per": "unit", "units": None}},
    {"fixed_price": {"price": "0.00", "on": ON, "units": None}},
    {
        "buy_get": {
            "buy": {"skus": ["A"], "quantity": 2},
            "get": {"skus": ["B"], "quantity": 1, "percent": "100"},
        }
    },
    {"bundle": {"parts": [{"skus": ["A"], "quantity": 1}], "price": "5.00"}},
    {
        "steps": {
            "by": "spend",
            "on": ON,
            "steps": [{"at_least": "5.00", "percent": "5", "amount": None}],
        }
    },
    {
        "steps": {
            "by": "quantity",
            "on": ON,
            "steps": [{"at_least": 3, "percent": None, "amount": "5.00"}],
        }
    },
    {"free_item": {"sku": "MUG", "quantity": 1}},
    {"free_delivery": {"at_most": "4.90"}},
    {"points_times": {"factor": "1.5", "on": ON}},
    {"points_plus": {"points": 25}},
]


def changed(document: Document, pointer: str, value: object) -> Document:
    """Return a copy in which the value at a JSON pointer is another."""
    copy = deepcopy(document)
    *steps, last = pointer.removeprefix("/").split("/")
    inner: Any = copy
    for step in steps:
        inner = inner[int(step) if isinstance(inner, list) else step]
    inner[int(last) if isinstance(inner, list) else last] = value
    return copy


def pointers(document: object) -> list[str]:
    with pytest.raises(Invalid) as raised:
        load_promotion(document, currency="EUR")
    return sorted(problem.pointer for problem in raised.value.problems)


class TestLoadPromotion:
    @pytest.mark.parametrize("reward", REWARDS, ids=lambda r: next(iter(r)))
    def test_reads_every_reward_and_writes_it_back(self, reward: Document) -> None:
        document = {**FULL, "reward": reward}

        promotion = load_promotion(document, currency="EUR")

        assert dump_promotion(promotion) == document

    def test_reads_everything_and_writes_it_back(self) -> None:
        promotion = load_promotion(FULL, currency="EUR")

        assert dump_promotion(promotion) == FULL
        assert load_promotion(dump_promotion(promotion), currency="EUR") == promotion

    def test_keeps_the_joiners_with_which_persian_words_are_spelled(self) -> None:
        name = {"en": "Drinks", "fa": "نوشیدنی\u200cها"}
        promotion = load_promotion(changed(FULL, "/name", name), currency="EUR")
        assert dump_promotion(promotion)["name"] == name

    def test_refuses_a_name_of_joiners_alone(self) -> None:
        assert pointers(changed(FULL, "/name", {"en": "\u200c"})) == ["/name/en"]

    def test_fills_in_what_is_left_out(self) -> None:
        document = {"code": "a", "name": {"en": "A"}, "reward": REWARDS[0]}

        written = dump_promotion(load_promotion(document, currency="EUR"))

        assert written["trigger"] == "automatic"
        assert written["combines"] == "not_on_same_units"
        assert written["limits"]["total"] is None
        assert written["valid"]["weekly"] is None

    @pytest.mark.parametrize(
        ("pointer", "value"),
        [
            ("/code", "Coffee"),
            ("/code", ""),
            ("/name", {}),
            ("/name", {"pl": "Kawa"}),
            ("/name/en", " "),
            ("/name/en", "a\x00b"),
            ("/trigger", "always"),
            ("/valid/from", "2026-11-01T00:00+01:00"),
            ("/valid/from", "2026-13-01T00:00"),
            ("/valid/until", "2026-10-01T00:00"),
            ("/valid/weekly", []),
            ("/valid/weekly/0/days/0", "monday"),
            ("/valid/weekly/0/until", "24:30"),
            ("/valid/stores", []),
            ("/audience/all/0/any/1/tier", 5),
            ("/audience/all/3/purchases/below", 2),
            ("/audience/all/9/has_card", "yes"),
            ("/requires/0/spend/at_least", "30.001"),
            ("/requires/0/spend/at_least", 30),
            ("/requires/0/spend/at_least", "0.00"),
            ("/requires/0/spend/counting", "after_item_discounts"),
            ("/requires/1/quantity/at_least", 0),
            ("/requires/1/quantity/at_least", True),
            ("/requires/1/quantity/of", {}),
            ("/requires/2/payment", "card"),
            ("/reward/percent_off/percent", "0"),
            ("/reward/percent_off/percent", "100.5"),
            ("/reward/percent_off/percent", "10.555"),
            ("/reward/percent_off/percent", 10.5),
            ("/reward/percent_off/on/skus", ["A", "A"]),
            ("/reward/percent_off/on/unit_price/below", "1.00"),
            ("/reward/percent_off/units/which", "any"),
            ("/reward/percent_off/at_most", "-1.00"),
            ("/limits/total", 0),
            ("/limits/budget", "a lot"),
            ("/combines", None),
            ("/priority", 1.5),
        ],
    )
    def test_names_the_field_at_fault(self, pointer: str, value: object) -> None:
        found = pointers(changed(FULL, pointer, value))

        # A name in no known language, or a code, is a fault of the whole object.
        assert found in ([pointer], [pointer.rpartition("/")[0]])

    @pytest.mark.parametrize(
        ("document", "expected"),
        [
            (None, [""]),
            ([], [""]),
            ({}, ["/code", "/name", "/reward"]),
            ({**FULL, "colour": 1}, ["/colour"]),
            ({**FULL, "reward": {}}, ["/reward"]),
            ({**FULL, "reward": {**REWARDS[0], **REWARDS[1]}}, ["/reward"]),
            ({**FULL, "reward": {"half_price": {}}}, ["/reward/half_price"]),
            ({**FULL, "a/b~c": 1}, ["/a~1b~0c"]),
        ],
    )
    def test_refuses_what_is_no_promotion(
        self, document: object, expected: list[str]
    ) -> None:
        assert pointers(document) == expected

    def test_names_all_fields_at_fault_together(self) -> None:
        document = changed(changed(FULL, "/code", "X"), "/limits/total", -1)

        assert pointers(document) == ["/code", "/limits/total"]

    def test_refuses_steps_that_do_not_rise(self) -> None:
        steps = [{"at_least": 3, "percent": "5"}, {"at_least": 3, "percent": "9"}]
        reward = {"steps": {"by": "quantity", "on": ON, "steps": steps}}

        assert pointers({**FULL, "reward": reward, "requires": []}) == [
            "/reward/steps/steps/1/at_least"
        ]

    def test_refuses_a_tree_without_end(self) -> None:
        audience: Document = {"tier": "gold"}
        for _ in range(5000):
            audience = {"not": audience}

        assert pointers({**FULL, "audience": audience}) == [""]

    def test_reads_money_with_the_currencys_decimals(self) -> None:
        document = changed(FULL, "/limits/budget", "0.005")

        assert "/limits/budget" in pointers(document)
        promotion = load_promotion(
            {**FULL, "limits": {"budget": "0.005"}}, currency="KWD"
        )
        assert promotion.limits.budget is not None
        assert promotion.limits.budget.amount == 5
