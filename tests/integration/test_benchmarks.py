"""That the benchmarks still run; what they find is no test's business."""

import json
from collections import Counter

import pytest

from benchmarks import checkout, delivery, recommender
from benchmarks._recommender.shop import LINES as LINES_IN_BASKET
from benchmarks._recommender.shop import WEEKS, make_shop
from benchmarks.workload import LINES, UNITS, make_workload


class TestCheckoutBenchmark:
    def test_prices_in_process(self, capsys: pytest.CaptureFixture[str]) -> None:
        checkout.main(["--json", "--most=10", "--baskets=3", "--no-http", "--no-peer"])

        tables = json.loads(capsys.readouterr().out)
        (table,) = tables.values()
        assert [row["promotions"] for row in table["rows"]] == [1, 10]


class TestRecommenderBenchmark:
    def test_finds_the_same_in_every_way(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        recommender.main(["--json", "--tiny", "--no-peers", "--only=search"])

        beside, growth = json.loads(capsys.readouterr().out).values()
        same = {row["contender"]: row["same result"] for row in beside["rows"]}
        assert same == {
            "here": "yes",
            "the product alone": "-",
            "sgemm": "-",
            "numpy, argpartition": "yes",
            "lightfm.predict, batched": "yes",
            "lightfm.predict, one by one": "yes",
        }
        assert [row["customers"] for row in growth["rows"]] == [3_000]

    def test_makes_a_shop_to_learn_from(self) -> None:
        made = make_shop(30)

        assert len(made.purchases) == 30 * WEEKS * LINES_IN_BASKET
        assert len(made.customers) == 30
        assert (make_shop(30).purchases.products == made.purchases.products).all()


class TestDeliveryBenchmark:
    def test_sends_in_every_way_and_believes_the_sink(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        delivery.main(["--json", "--tiny"])

        planning, sending, claiming = json.loads(capsys.readouterr().out).values()
        assert [row["messages"] for row in planning["rows"]] == [40]
        assert [row["mails"] for row in sending["rows"]] == [30, 30, 60, 60, 3]
        assert sending["notes"][0].endswith("it counted 303 mails of 303.")
        assert sending["notes"][1] == "Messages: 123 sent"
        assert [row["planned rows"] for row in claiming["rows"]] == [500, 1_000]


class TestMakeWorkload:
    def test_makes_all_rewards_in_equal_shares(self) -> None:
        made = make_workload(30, baskets=0).promotions

        rewards = Counter(next(iter(one["reward"])) for one in made)
        assert set(rewards.values()) == {3}
        assert len(rewards) == 10

    def test_fills_baskets(self) -> None:
        (lines,) = make_workload(1, baskets=1).baskets

        assert len(lines) == LINES
        assert sum(int(line["quantity"]) for line in lines) == UNITS

    def test_makes_the_same_again(self) -> None:
        assert make_workload(10, baskets=2) == make_workload(10, baskets=2)
