import json
from pathlib import Path
from typing import Any

import pytest

from recommender.evaluation import Report, as_text
from recommender.evaluation.rows import HISTORIES, Outcome, Task

EXAMPLE = Path(__file__).parents[3] / "data" / "recommender-report.json"


@pytest.fixture
def example() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(EXAMPLE.read_bytes())
    return found


class TestReport:
    def test_is_read_back_as_it_was_written(self, example: dict[str, Any]) -> None:
        report = Report.from_dict(example)
        assert json.loads(json.dumps(report.as_dict())) == example

    def test_has_every_section_in_the_example(self, example: dict[str, Any]) -> None:
        report = Report.from_dict(example)
        assert report.calibration is not None
        assert report.campaigns is not None
        assert report.gate is not None
        assert {row.history for row in report.cold_start} == set(HISTORIES)
        assert {row.task for row in report.comparisons} == set(Task)
        assert {row.outcome for row in report.comparisons} == set(Outcome)

    def test_of_earlier_days_may_lack_sections(self, example: dict[str, Any]) -> None:
        del example["cold_start"], example["calibration"]
        report = Report.from_dict(example)
        assert report.cold_start == ()
        assert report.calibration is None

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"wished": 1}, "wished"),
            ({"k": "ten"}, "k cannot be 'ten'"),
            ({"k": True}, "k cannot be True"),
            ({"kind": "monthly"}, "monthly"),
            ({"data": 3}, "Data"),
            ({"cutoffs": "2026-09-01"}, "cutoffs"),
            ({"gate": {"reasons": []}}, "promoted"),
        ],
    )
    def test_refuses_what_is_no_report(
        self, example: dict[str, Any], change: dict[str, Any], named: str
    ) -> None:
        with pytest.raises(ValueError, match=named):
            Report.from_dict({**example, **change})


class TestText:
    def test_fits_into_a_hundred_columns(self, example: dict[str, Any]) -> None:
        text = as_text(Report.from_dict(example))
        assert max(len(line) for line in text.splitlines()) <= 100
