import json
from dataclasses import replace
from pathlib import Path

import pytest

from recommender.evaluation.gate import OWN_FREQUENCY, RUNNING, gate
from recommender.evaluation.report import Judgement, Report, Verdict
from recommender.evaluation.rows import ALL, Comparison, Task
from recommender.evaluation.scoreboard import outcome
from recommender.training import Trained

EXAMPLE = Path(__file__).parents[3] / "data" / "recommender-report.json"


def compared(baseline: str, low: float, high: float) -> Comparison:
    middle = (low + high) / 2
    return Comparison(
        task=Task.RANKING,
        segment=ALL,
        measure="ndcg",
        model="re-ranker",
        baseline=baseline,
        households=900,
        difference=middle,
        low=low,
        high=high,
        relative=middle,
        relative_low=low,
        relative_high=high,
        outcome=outcome(low, high),
    )


@pytest.fixture(scope="module")
def plain() -> Report:
    return replace(Report.from_dict(json.loads(EXAMPLE.read_bytes())), gate=None)


def kinds(verdict: Verdict) -> list[Judgement]:
    return [reason.kind for reason in verdict.reasons]


class TestGate:
    def test_knows_own_frequency_by_its_name(self, trained: Trained) -> None:
        assert trained.frequency.name == OWN_FREQUENCY

    def test_lets_the_first_model_through(self, plain: Report) -> None:
        report = replace(plain, comparisons=(compared(OWN_FREQUENCY, 0.01, 0.03),))
        verdict = gate(report)
        assert verdict.promoted
        assert kinds(verdict) == [Judgement.NOT_WORSE, Judgement.FIRST]
        assert verdict.running is None

    def test_refuses_what_is_worse_than_own_frequency(self, plain: Report) -> None:
        worse = compared(OWN_FREQUENCY, -0.03, -0.01)
        verdict = gate(replace(plain, comparisons=(worse,)))
        assert not verdict.promoted
        assert verdict.reasons[0].kind == Judgement.WORSE_THAN_OWN_FREQUENCY
        assert verdict.reasons[0].comparison == worse

    def test_lets_through_what_may_be_as_good(self, plain: Report) -> None:
        same = compared(OWN_FREQUENCY, -0.03, 0.01)
        assert gate(replace(plain, comparisons=(same,))).promoted

    def test_refuses_what_is_worse_than_the_running_model(self, plain: Report) -> None:
        pairs = (compared(OWN_FREQUENCY, 0.01, 0.03), compared(RUNNING, -0.02, -0.01))
        verdict = gate(replace(plain, comparisons=pairs), version="v1")
        assert not verdict.promoted
        assert kinds(verdict) == [Judgement.NOT_WORSE, Judgement.WORSE_THAN_RUNNING]
        assert verdict.running == "v1"

    @pytest.mark.parametrize(
        ("low", "high", "promoted"),
        [(0.05, 0.07, True), (0.01, 0.03, True), (-0.04, -0.02, False)],
    )
    def test_compares_gains_where_no_pair_can_be_had(
        self, plain: Report, low: float, high: float, *, promoted: bool
    ) -> None:
        """The running one gains 2 to 4 %; half a difference is within the bounds."""
        running = replace(plain, comparisons=(compared(OWN_FREQUENCY, 0.02, 0.04),))
        mine = compared(OWN_FREQUENCY, low, high)
        verdict = gate(replace(plain, comparisons=(mine,)), running, version="v1")
        found = verdict.reasons[1].comparison
        assert found is not None
        assert found.difference == pytest.approx((low + high) / 2 - 0.03)
        assert found.high - found.difference == pytest.approx(0.01 * 2**0.5)
        assert (verdict.reasons[1].kind == Judgement.NOT_WORSE) is promoted

    def test_lets_through_where_the_running_one_was_never_judged(
        self, plain: Report
    ) -> None:
        report = replace(plain, comparisons=(compared(OWN_FREQUENCY, 0.01, 0.03),))
        verdict = gate(report, None, version="v1")
        assert verdict.promoted
        assert verdict.reasons[1].comparison is None

    def test_says_so_where_too_few_bought_anything(self, plain: Report) -> None:
        few = tuple(replace(row, households=29) for row in plain.ranking)
        worse = compared(OWN_FREQUENCY, -0.03, -0.01)
        verdict = gate(replace(plain, ranking=few, comparisons=(worse,)))
        assert verdict.promoted
        assert kinds(verdict) == [Judgement.NOTHING_TO_JUDGE]
