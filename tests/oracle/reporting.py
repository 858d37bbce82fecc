"""Prints how many baskets the test run compared with the oracle, and of what kind."""

from collections.abc import Mapping
from dataclasses import astuple

import pytest

from tests.oracle.comparing import Tally
from tests.oracle.situations import FLOORS, MODES, STRATEGIES, Focus

PROPERTY = "compared with the oracle"

Counts = Mapping[tuple[str, ...], Tally]


def row(focus: Focus, tally: Tally) -> list[str | int]:
    """Return a tally in a form that a worker of the test run can send."""
    return [*astuple(focus), *astuple(tally)]


def write_counts(reporter: pytest.TerminalReporter) -> None:
    """Print the counts of all tests that recorded some."""
    rows = [
        value
        for report in reporter.stats.get("passed", [])
        for name, value in getattr(report, "user_properties", [])
        if name == PROPERTY
    ]
    if not rows:
        return
    counts = {tuple(one[:4]): Tally(*one[4:]) for one in rows}
    reporter.section("baskets compared with the oracle of prices")
    for strategy in STRATEGIES:
        chosen = {key: tally for key, tally in counts.items() if key[3] == strategy}
        if chosen:
            _table(reporter, strategy, chosen)


def _table(reporter: pytest.TerminalReporter, strategy: str, counts: Counts) -> None:
    compared = sum(tally.compared for tally in counts.values())
    unproven = sum(tally.unproven for tally in counts.values())
    reporter.write_line(
        f"{strategy}: {compared:,} equal, all with overlapping promotions, "
        f"{unproven:,} of them by their bound."
    )
    reporter.write_line("By how they combine and by floors: compared (applied)")
    width = 10
    modes = "".join(f" {mode:<{width * len(FLOORS)}}" for mode in MODES)
    floors = "".join(f" {floor:<{width - 1}}" for _ in MODES for floor in FLOORS)
    reporter.write_line(f"{'':14}{modes}")
    reporter.write_line(f"{'':14}{floors}")
    for reward in dict.fromkeys(key[0] for key in counts):
        cells = [
            counts.get((reward, mode, floor, strategy), Tally())
            for mode in MODES
            for floor in FLOORS
        ]
        texts = "".join(
            f" {f'{cell.compared} ({cell.applied})':<{width - 1}}" for cell in cells
        )
        reporter.write_line(f"{reward:<14}{texts}")
