"""That the benchmarks still run; what they find is no test's business."""

import json
from collections import Counter

import pytest

from benchmarks import checkout
from benchmarks.workload import LINES, UNITS, make_workload


class TestCheckoutBenchmark:
    def test_prices_in_process(self, capsys: pytest.CaptureFixture[str]) -> None:
        checkout.main(["--json", "--most=10", "--baskets=3", "--no-http", "--no-peer"])

        tables = json.loads(capsys.readouterr().out)
        (table,) = tables.values()
        assert [row["promotions"] for row in table["rows"]] == [1, 10]


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
