import pytest

from loyalty.offers.render import reason_sentence
from loyalty.offers.values import Reason

NAMES = {"drinks/coffee": "Coffee"}
COFFEE = "drinks/coffee"


class TestAReason:
    @pytest.mark.parametrize(
        ("reason", "expected"),
        [
            (
                {"kind": "often_bought", "category": COFFEE, "every_days": 14},
                "You buy from Coffee about every 2 weeks.",
            ),
            (
                {"kind": "often_bought", "category": COFFEE, "every_days": 7},
                "You buy from Coffee about every week.",
            ),
            (
                {"kind": "often_bought", "category": COFFEE, "every_days": 1},
                "You buy from Coffee about every day.",
            ),
            (
                {"kind": "often_bought", "category": COFFEE, "every_days": 10},
                "You buy from Coffee about every 10 days.",
            ),
            (
                {"kind": "often_bought", "category": COFFEE, "every_days": 90},
                "You often buy from Coffee.",
            ),
            (
                {"kind": "bought_before", "category": COFFEE, "last": "2026-11-02"},
                "You have bought from Coffee, last on 2 November 2026.",
            ),
            (
                {"kind": "bought_before", "category": COFFEE},
                "You have bought from Coffee before.",
            ),
            (
                {"kind": "similar_to", "category": COFFEE},
                "It goes well with what you buy from Coffee.",
            ),
            (
                {"kind": "interest", "category": COFFEE},
                "You told us that you like Coffee.",
            ),
            ({"kind": "popular"}, "Many of our customers like it."),
            (
                {"kind": "interest", "category": "fruit/soft-fruit"},
                "You told us that you like soft fruit.",
            ),
            ({"kind": "interest"}, "Chosen for you by the shop."),
            ({"kind": "of tomorrow"}, "Chosen for you by the shop."),
            ({}, "Chosen for you by the shop."),
        ],
    )
    def test_is_a_sentence(self, reason: Reason, expected: str) -> None:
        assert reason_sentence(reason, NAMES, "en") == expected
