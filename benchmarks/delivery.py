"""
How fast messages are planned, claimed and sent.

``python -m benchmarks.delivery`` plans a million messages; sends 50,000 by SMTP to a
sink with one and two workers, beside a bare loop over the same bytes in the same run;
and claims due messages among 10,000 to 10 million planned rows.
"""

import argparse
import os
from collections.abc import Sequence
from typing import Final

from benchmarks._delivery import planning, sending
from benchmarks._delivery.effort import FULL, QUICK, TINY
from benchmarks._delivery.shop import empty, running_shop
from benchmarks._table import Table, show

PARTS: Final = {
    "planning": planning.tables,
    "sending": sending.tables,
    "claiming": planning.claiming,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="up to 100,000 messages")
    sizes.add_argument("--tiny", action="store_true", help="to see that it still runs")
    parser.add_argument("--only", choices=PARTS, help="just this part")
    asked = parser.parse_args(arguments)
    effort = QUICK if asked.quick else TINY if asked.tiny else FULL
    tables: list[Table] = []
    with running_shop() as shop:
        for name, measure in PARTS.items():
            if asked.only in (None, name):
                tables += measure(effort, shop)
                empty(shop)
    tables[-1].notes.append(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end."
    )
    show(tables, as_json=asked.json)


if __name__ == "__main__":
    main()
