"""Training and scoring a whole shop: what each step takes, and where it is done."""

from typing import Any, Final

from benchmarks._recommender.children import ours, say
from benchmarks._recommender.effort import Effort
from benchmarks._table import Table

_KILO: Final = 1_024


def tables(effort: Effort) -> list[Table]:
    """Train on a shop like the demo's, and score all of its customers."""
    say(f"a shop of {effort.shop:,} customers")
    told = ours("whole", {"customers": effort.shop, "threads": effort.threads})
    return [_training(told, effort), _scoring(told, effort)]


def _training(told: dict[str, Any], effort: Effort) -> Table:
    table = Table(
        title=f"Training: {effort.shop:,} customers, {told['lines']:,} lines,"
        f" {told['items']} categories"
    )
    for step in told["steps"]:
        each = step["seconds"] / max(step["parts"], 1)
        table.add(
            step=step["step"],
            **{
                "CPU s": round(step["seconds"], 1),
                "parts": step["parts"],
                "CPU s each": round(each, 2),
            },
        )
    table.add(
        step="all",
        **{"CPU s": round(told["cpu"], 1), "parts": 1, "CPU s each": told["cpu"]},
    )
    clock, peak = told["wall"], told["kilobytes"] / _KILO
    table.notes = [
        f"{clock:.0f} s by the clock, {effort.threads} threads, {peak:,.0f} MiB.",
        f"{told['events']:,} events: a category on a day. A part is an epoch of",
        "LightFM, one of the re-ranker's trees, or a past campaign.",
        "Goal, on the full demo shop and two quiet cores: at most 300 s.",
    ]
    return table


def _scoring(told: dict[str, Any], effort: Effort) -> Table:
    first = told["scoring"][0]
    table = Table(title=f"Scoring in two stages: {effort.shop:,} customers")
    for one in told["scoring"]:
        table.add(
            where=one["where"],
            **{
                "wall s": round(one["wall"], 2),
                "CPU s here": round(one["cpu"], 2),
                "customers/s": round(effort.shop / one["wall"]),
                "wall, times": round(one["wall"] / first["wall"], 2),
                "same to the bit": one["same"],
            },
        )
    cluster = told["scoring"][-1]
    here = cluster["cpu"] / effort.shop * 1_000
    beyond = cluster["wall"] - first["wall"] / 2
    table.notes = [
        "Candidates by vectors, what was bought and declared; then the re-ranker.",
        "Dask: a local cluster of two worker processes, warm. What this process still",
        f"computes for it: {here:.2f} ms a customer; beyond half of the time that this",
        f"thread takes alone: {beyond:.1f} s.",
    ]
    return table
