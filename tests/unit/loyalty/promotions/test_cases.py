"""The cases with known answers, and pricing from a file."""

import json
from pathlib import Path
from typing import Any

import pytest

from loyalty.core.errors import Invalid
from loyalty.promotions.render import price_case
from loyalty.promotions.schema import check_case

DATA = Path(__file__).parents[3] / "data"
CASES = [
    json.loads(line)
    for name in ("promotions.jsonl", "own-promotions.jsonl")
    for line in (DATA / name).read_text(encoding="utf-8").splitlines()
]


class TestPriceCase:
    @pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
    def test_gives_what_is_known(self, case: dict[str, Any]) -> None:
        quote = price_case(case)

        assert check_case(case, quote) == []
        assert quote["case"] == case["case"]
        assert quote["optimal"] is True

    def test_says_what_is_missed_in_a_sentence(self) -> None:
        case = next(c for c in CASES if c["case"] == "threshold-one-cent-short")

        (missed,) = price_case(case)["missed"]

        assert missed["message"] == (
            "Add €0.01 of coffee (drinks) to get 20% off coffee (drinks)."
        )

    def test_names_the_points_rule(self) -> None:
        case = next(c for c in CASES if c["case"] == "points-plus")

        assert price_case(case)["points"] == {
            "earned": 35,
            "why": [
                {"promotion": None, "points": 10, "rule": "1 point per €1.00"},
                {"promotion": "plus-25", "points": 25, "rule": "Plus 25"},
            ],
        }

    def test_refuses_what_is_no_case(self) -> None:
        with pytest.raises(Invalid):
            price_case({"case": "empty"})

    def test_names_the_line_at_fault(self) -> None:
        case = json.loads(json.dumps(CASES[0]))
        case["basket"]["lines"][0]["quantity"] = "-1"

        with pytest.raises(Invalid) as raised:
            price_case(case)

        assert [p.pointer for p in raised.value.problems] == ["/lines/0/quantity"]


class TestCheckCase:
    def test_names_each_difference(self) -> None:
        case = json.loads(json.dumps(CASES[0]))
        quote = price_case(case)
        case["expected"] = {
            "net": "1.00",
            "discount": "10.00",
            "applied": [],
            "lines": {"1": "0.00"},
            "missed": [{"reason": "used_up"}],
        }

        differences = check_case(case, quote)

        assert [difference.split(":")[0] for difference in differences] == [
            "net",
            "applied",
            "lines",
            "missed",
        ]
