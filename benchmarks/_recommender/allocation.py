"""Allocation under caps and money budgets: how fast, how near the best possible."""

from typing import Final

from benchmarks._recommender.children import ours, say
from benchmarks._recommender.effort import Effort
from benchmarks._table import Table

CANDIDATES: Final = 40
SMALL: Final = (20_000, 200)
"""Customers and offers that peers are given."""

OFFERS: Final = 500
PEERS: Final = ("here", "greedy by value", "HiGHS, linear programme")
_MEBI: Final = 1_024 * 1_024


def tables(effort: Effort, *, with_peers: bool) -> list[Table]:
    """Allocate to ever more customers, and beside peers to a few."""
    found = [_growing(effort)]
    return [*found, _beside(effort)] if with_peers else found


def _growing(effort: Effort) -> Table:
    table = Table(title=f"Allocation: {OFFERS} offers with caps and money budgets")
    for customers in effort.allocated:
        say(f"allocation to {customers:,} customers")
        told = _told("here", customers, OFFERS, effort.threads)
        table.add(
            customers=customers,
            **{
                "wall s": round(told["wall"], 1),
                "CPU s": round(told["cpu"], 1),
                "CPU s a million": round(told["cpu"] * 1e6 / customers, 1),
                "gap %": round(100 * (1 - told["value"] / told["bound"]), 3),
                "budgets that bind %": round(100 * told["binding"], 1),
                "GiB": round(told["kilobytes"] / _MEBI, 2),
                "GiB before": round(told["before"] / _MEBI, 2),
            },
        )
    table.notes = [
        f"{CANDIDATES} candidates each; four offers, one a category, one new to them;",
        f"{effort.threads} threads. The gap is against the bound that the prices",
        "prove; “before” is the memory that it took to make the problem.",
        "Goal at 1,000,000: at most 300 s on two quiet cores, 1 %, 4 GiB.",
    ]
    return table


def _beside(effort: Effort) -> Table:
    customers = min(SMALL[0], effort.allocated[-1])
    table = Table(title=f"Allocation: {customers:,} customers, {SMALL[1]} offers")
    bound = None
    for way in PEERS:
        say(f"{way}, {customers:,} customers")
        told = _told(way, customers, SMALL[1], effort.threads)
        bound = told["bound"] if bound is None else bound
        missed = 100 * (1 - told["value"] / bound)
        table.add(
            way=way,
            **{
                "wall s": round(told["wall"], 1),
                "CPU s": round(told["cpu"], 1),
                "value": round(told["value"]),
                "below our bound %": round(missed, 3),
                "GiB": round(told["kilobytes"] / _MEBI, 2),
            },
        )
    table.notes = [
        "HiGHS solves the linear programme, which may cut offers into pieces, in ten",
        "minutes at most (else its value is 0): nothing is better, and what it leaves",
        "of our bound is how loose that is. Greedy takes the best left, in Python.",
    ]
    return table


def _told(way: str, customers: int, offers: int, threads: int) -> dict[str, float]:
    return ours(
        "sharing",
        {
            "way": way,
            "customers": customers,
            "offers": offers,
            "candidates": CANDIDATES,
            "threads": threads,
        },
    )
