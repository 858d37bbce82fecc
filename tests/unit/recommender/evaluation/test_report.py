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

    def test_tells_every_section(self, example: dict[str, Any]) -> None:
        lines = as_text(Report.from_dict(example)).splitlines()
        table = lines.index("What is bought next: all households, 1,894 households")
        assert lines[table + 2].split() == [
            *("popularity", "0.492", "0.212", "0.552", "0.422"),
            *("0.542", "to", "0.562"),
        ]
        for title in (
            "Settings were chosen before 2026-08-24.",
            "How widely it is recommended",
            "Probabilities of the re-ranker: 565,320 pairs, 9.2% bought",
            "Who redeems anything: 9 campaigns",
            "New customers, baskets left: 1-3; 350 households",
            "Beside 20261123T020005Z-5c1d2e3f: may take its place",
        ):
            assert title in lines
        found = next(line for line in lines if line.startswith("  own purchases"))
        assert found.split()[-1] == "0.780"

    def test_leaves_out_what_was_not_judged(self, example: dict[str, Any]) -> None:
        for section in ("campaigns", "calibration", "gate"):
            example[section] = None
        for section in ("coverage", "cold_start", "comparisons"):
            example[section] = []
        text = as_text(Report.from_dict(example))
        titles = {line.partition(":")[0] for line in text.splitlines() if ":" in line}
        assert titles == {"What is bought next", "Intervals of 95 %"}

    def test_writes_a_dash_where_nothing_can_be_said(
        self, example: dict[str, Any]
    ) -> None:
        example["campaigns"]["rows"][0]["auc"] = None
        text = as_text(Report.from_dict(example))
        row = next(line for line in text.splitlines() if line.startswith("  random"))
        assert row.split()[-1] == "-"
