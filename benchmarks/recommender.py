"""
How fast the recommender learns, scores and allocates, and with what memory.

``python -m benchmarks.recommender`` searches the best of 500 targets for up to a
million customers, beside implicit, faiss and LightFM's own ``predict``, results
compared; trains on a shop like the demo's; scores it here and on a Dask cluster; and
allocates offers.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from benchmarks._recommender import allocation, searching, shops
from benchmarks._recommender.effort import FULL, QUICK, TINY, Effort
from benchmarks._table import Table, show

PARTS: Final = ("search", "shop", "allocation")


def measure(effort: Effort, parts: Sequence[str], *, with_peers: bool) -> list[Table]:
    """Return the tables of the parts."""
    tables: list[Table] = []
    if "search" in parts:
        tables += searching.tables(effort, with_peers=with_peers)
    if "shop" in parts:
        tables += shops.tables(effort)
    if "allocation" in parts:
        tables += allocation.tables(effort, with_peers=with_peers)
    return tables


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="up to 100,000 customers")
    sizes.add_argument("--tiny", action="store_true", help="to see that it still runs")
    parser.add_argument("--no-peers", action="store_true", help="no implicit, no faiss")
    parser.add_argument("--threads", type=int, help="on so many; 1 where others work")
    parser.add_argument("--only", choices=PARTS, help="just this part")
    asked = parser.parse_args(arguments)
    effort = QUICK if asked.quick else TINY if asked.tiny else FULL
    if asked.threads is not None:
        effort = replace(effort, threads=asked.threads)
    parts = PARTS if asked.only is None else (asked.only,)
    tables = measure(effort, parts, with_peers=not asked.no_peers)
    tables[-1].notes.append(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end."
    )
    show(tables, as_json=asked.json)


if __name__ == "__main__":
    main()
