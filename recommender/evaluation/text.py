"""The report as tables of plain text, within 100 columns."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from recommender.evaluation.report import Report
from recommender.evaluation.rows import Comparison, RankingRow


def as_text(report: Report) -> str:
    """Return the whole report."""
    parts = [_head(report), *_ranking(report), *_comparisons(report)]
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(report: Report) -> list[str]:
    data = report.data
    sizes = f"{data.customers} customers, {data.items} items, {data.events} events"
    return [f"{report.window_days} days after {', '.join(report.cutoffs)}; {sizes}"]


def _ranking(report: Report) -> Iterator[list[str]]:
    for segment, found in groupby(report.ranking, key=lambda row: row.segment):
        rows = list(found)
        yield ["", f"{segment}: {rows[0].households} households, first {report.k}"]
        yield _ranking_table(rows)


def _ranking_table(rows: Sequence[RankingRow]) -> list[str]:
    head = f"{'ranking':30}{'P':>8}{'R':>8}{'NDCG':>8}{'MAP':>8}   95 % of NDCG"
    lines = [
        f"{r.model:30}{r.precision:8.3f}{r.recall:8.3f}{r.ndcg:8.3f}{r.map:8.3f}"
        f"   {r.low:.3f} to {r.high:.3f}"
        for r in rows
    ]
    return [head, *lines]


def _comparisons(report: Report) -> Iterator[list[str]]:
    for (task, segment), found in groupby(
        report.comparisons, key=lambda row: (row.task, row.segment)
    ):
        rows = list(found)
        yield ["", f"{task}, {segment}: {rows[0].model} against"]
        yield [_compared(row) for row in rows]


def _compared(row: Comparison) -> str:
    return (
        f"{row.baseline:30}{row.difference:+8.4f}  {row.low:+.4f} to {row.high:+.4f}"
        f"  {row.relative:+7.1%}  {row.relative_low:+.1%} to {row.relative_high:+.1%}"
        f"  {row.outcome}"
    )
