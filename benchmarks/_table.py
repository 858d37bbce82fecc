"""What a benchmark prints: one table, or with ``--json`` one object."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(kw_only=True, slots=True)
class Table:
    """Rows of figures under one title; every row has the same columns."""

    title: str
    notes: list[str] = field(default_factory=list)
    rows: list[Mapping[str, object]] = field(default_factory=list)

    def add(self, **figures: object) -> None:
        """Add a row."""
        self.rows.append(figures)


def show(tables: Sequence[Table], *, as_json: bool) -> None:
    """Print the tables for people, or all of them as one JSON object."""
    if as_json:
        found = {
            table.title: {"notes": table.notes, "rows": table.rows} for table in tables
        }
        sys.stdout.write(json.dumps(found, indent=2, default=str) + "\n")
        return
    for table in tables:
        sys.stdout.write("\n".join(_lines(table)) + "\n\n")


def _lines(table: Table) -> list[str]:
    heads = list(table.rows[0]) if table.rows else []
    cells = [[_text(row[head]) for head in heads] for row in table.rows]
    widths = [
        max(len(head), *(len(row[at]) for row in cells)) if cells else len(head)
        for at, head in enumerate(heads)
    ]
    numeric = [
        all(isinstance(row[head], int | float) for row in table.rows) for head in heads
    ]
    lines = [table.title, "=" * len(table.title)]
    for row in ([heads] if heads else []) + cells:
        padded = [
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, numeric, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return [*lines, *table.notes]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return str(value)
