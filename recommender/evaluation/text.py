"""The report as tables of plain text, within 100 columns."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from recommender.evaluation.report import Reason, Report
from recommender.evaluation.rows import (
    ALL,
    FRESH,
    HEAVY,
    LIGHT,
    NEW_CUSTOMERS,
    Calibration,
    Campaigns,
    Comparison,
    Task,
)

Row = TypeVar("Row")

_SEGMENTS = {
    ALL: "all households",
    FRESH: "new to the household",
    HEAVY: "the third that shops most",
    LIGHT: "the third that shops least",
    NEW_CUSTOMERS: "new customers, three baskets or fewer",
}
_TASKS = {
    Task.RANKING: "What is bought next",
    Task.CAMPAIGNS: "Which offer of a campaign is redeemed",
    Task.REDEEMERS: "Who redeems anything",
    Task.COLD_START: "New customers, baskets left",
}


def as_text(report: Report) -> str:
    """Return the whole report."""
    parts = [
        _head(report),
        *_ranking(report),
        _coverage(report),
        *([] if report.calibration is None else [_calibration(report.calibration)]),
        *([] if report.campaigns is None else _campaigns(report.campaigns, report.k)),
        *_cold_start(report),
        *_comparisons(report),
        _gate(report),
    ]
    return "\n".join("\n".join(part) + "\n" for part in parts if part)


def _head(report: Report) -> list[str]:
    data, tuned = report.data, report.tuned_before
    sizes = f"{data.customers:,} customers, {data.items} categories"
    days = f"{data.events:,} days with purchases of one"
    return [
        f"{report.window_days} days from each of {', '.join(report.cutoffs)} on.",
        f"{sizes}, {days}, {data.first_day} to {data.last_day}.",
        f"Intervals of 95 %: households drawn again, {report.resamples:,} times.",
        *([] if tuned is None else [f"Settings were chosen before {tuned}."]),
    ]


def _grouped(
    rows: Iterable[Row], key: Callable[[Row], object]
) -> Iterator[tuple[object, list[Row]]]:
    for value, found in groupby(rows, key=key):
        yield value, list(found)


def _ranking(report: Report) -> Iterator[list[str]]:
    for segment, rows in _grouped(report.ranking, lambda row: row.segment):
        name = _SEGMENTS.get(str(segment), str(segment))
        title = f"What is bought next: {name}, {rows[0].households:,} households"
        yield [
            title,
            (
                f"  {f'the first {report.k}':34}{'P':>8}{'R':>8}{'NDCG':>8}{'MAP':>8}"
                f"   {'95 % of NDCG':>14}"
            ),
            *(
                f"  {r.model:34}{r.precision:8.3f}{r.recall:8.3f}{r.ndcg:8.3f}"
                f"{r.map:8.3f}   {r.low:6.3f} to {r.high:.3f}"
                for r in rows
            ),
        ]


def _coverage(report: Report) -> list[str]:
    if not report.coverage:
        return []
    return [
        "How widely it is recommended",
        (
            f"  {f'the first {report.k}':34}{'items':>8}{'served':>8}{'fresh':>8}"
            f"{'bits':>8}"
        ),
        *(
            f"  {r.model:34}{r.items:8.1%}{r.customers:8.1%}{r.fresh:8.1%}"
            f"{r.novelty:8.2f}"
            for r in report.coverage
        ),
    ]


def _calibration(found: Calibration) -> list[str]:
    return [
        (
            f"Probabilities of the {found.model}: {found.pairs:,} pairs, "
            f"{found.rate:.1%} bought"
        ),
        (
            f"  Brier score {found.brier:.4f} (saying the mean for all: "
            f"{found.brier_of_rate:.4f}), log loss {found.log_loss:.4f} "
            f"({found.log_loss_of_rate:.4f})"
        ),
        f"  {'said':>12}{'pairs':>12}{'mean said':>12}{'bought':>10}",
        *(
            f"  {f'{b.low:.0%} to {b.high:.0%}':>12}{b.pairs:12,}{b.predicted:12.1%}"
            f"{b.observed:10.1%}"
            for b in found.bins
        ),
    ]


def _campaigns(found: Campaigns, k: int) -> Iterator[list[str]]:
    for segment, rows in _grouped(found.rows, lambda row: row.segment):
        kinds = "all" if segment == ALL else f"of type {segment}"
        yield [
            (
                f"Which offer is redeemed: campaigns, {kinds}, "
                f"{rows[0].households:,} redeeming households"
            ),
            f"  {f'the first {k}':36}{'NDCG':>8}   {'95 %':>14}   AUC within",
            *(
                f"  {r.model:36}{r.ndcg:8.3f}   {r.low:6.3f} to {r.high:.3f}"
                f"{_number(r.auc):>13}"
                for r in rows
            ),
        ]
    yield [
        f"Pairs of household and offer: {_pairs(found)}",
        f"  {'':36}{'AUC':>8}{'AP':>8}{'lift':>8}",
        *(
            f"  {r.model:36}{_number(r.auc):>8}{_number(r.average_precision):>8}"
            f"{_number(r.lift, 1):>8}"
            for r in found.pairs
        ),
    ]
    yield [
        f"Who redeems anything: {found.campaigns} campaigns",
        f"  {'':36}{'AUC':>8}   {'95 %':>14}{'AP':>8}",
        *(
            f"  {r.model:36}{_number(r.auc):>8}   {r.low:6.3f} to {r.high:.3f}"
            f"{_number(r.average_precision):>8}   {r.redeemers} of {r.households:,}"
            for r in found.redeemers
        ),
    ]


def _pairs(found: Campaigns) -> str:
    row = next(iter(found.pairs), None)
    return "none" if row is None else f"{row.redeemed:,} of {row.pairs:,} redeemed"


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _cold_start(report: Report) -> Iterator[list[str]]:
    for history, rows in _grouped(report.cold_start, lambda row: row.history):
        yield [
            f"New customers, baskets left: {history}; {rows[0].households} households",
            f"  {f'the first {report.k}':34}{'NDCG':>8}   {'95 %':>14}",
            *(
                f"  {r.model:34}{r.ndcg:8.3f}   {r.low:6.3f} to {r.high:.3f}"
                for r in rows
            ),
        ]


def _comparisons(report: Report) -> Iterator[list[str]]:
    for key, rows in _grouped(report.comparisons, lambda row: (row.task, row.segment)):
        yield _compared(rows, _title(key))


def _title(key: object) -> str:
    task, segment = key if isinstance(key, tuple) else (key, ALL)
    name = _SEGMENTS.get(segment, segment) if task is Task.RANKING else segment
    return f"{_TASKS[task]}: {name}"


def _compared(rows: Sequence[Comparison], title: str) -> list[str]:
    measure = rows[0].measure.upper()
    return [
        f"{title}; {rows[0].model}, paired, {rows[0].households:,} households",
        f"  {'against':32}{measure:>8}   {'95 %':>16}{'gain':>9}   {'95 %':>16}",
        *(
            f"  {r.baseline:32}{r.difference:+8.4f}   {r.low:+7.4f} to {r.high:+.4f}"
            f"{r.relative:+9.1%}   {r.relative_low:+6.1%} to {r.relative_high:+.1%}"
            f"  {r.outcome}"
            for r in rows
        ),
    ]


def _gate(report: Report) -> list[str]:
    gate = report.gate
    if gate is None:
        return []
    said = "may take its place" if gate.promoted else "may not take its place"
    return [
        f"Beside {gate.running or 'no running model'}: {said}",
        *(f"  {_reason(reason)}" for reason in gate.reasons),
    ]


def _reason(reason: Reason) -> str:
    words = str(reason.kind).replace("_", " ")
    found = reason.comparison
    if found is None:
        return words
    figures = f"{found.difference:+.4f}, {found.low:+.4f} to {found.high:+.4f}"
    return f"{words}: against {found.baseline} {figures}"
