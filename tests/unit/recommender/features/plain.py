"""The features of pairs, computed pair by pair as one would say them."""

from collections.abc import Sequence
from math import nan

Rows = Sequence[tuple[int, int, int]]
"""Customer, item, day."""


def deeds_of(rows: Rows, customer: int, items: set[int], day: int) -> dict[str, float]:
    """Say what a customer has done with what is for these items."""
    baskets = sorted({d for c, _, d in rows if c == customer})
    days = sorted({d for c, i, d in rows if c == customer and i in items})
    found: dict[str, float] = {
        "days": len(days),
        "share_of_baskets": len(days) / max(len(baskets), 1),
        "share_of_months": share_of_months(baskets, days, day),
        "since": day - days[-1] if days else 999,
        "baskets_since": sum(b > days[-1] for b in baskets) if days else 999,
    }
    found["baskets_due"] = (
        found["baskets_since"] * len(days) / len(baskets) if days else nan
    )
    for half_life in (14, 56, 112, 224):
        weights = [0.5 ** ((day - d) / half_life) for d in days]
        found[f"days_{half_life}"] = sum(weights)
    return found


def share_of_months(baskets: list[int], days: list[int], day: int) -> float:
    """Of the last ten months since a week into the first, later ones more."""
    if not baskets:
        return 0.0
    known = min((day - baskets[0] + 7) // 28, 10)
    weights = [0.8**month for month in range(10)]
    hit = {(day - 1 - d) // 28 for d in days}
    return sum(weights[m] for m in hit if m < 10) / max(sum(weights[:known]), 0.5)


def household_of(rows: Rows, customer: int, day: int) -> dict[str, float]:
    """Say what holds for a customer whatever the target."""
    mine = [(i, d) for c, i, d in set(rows) if c == customer]
    baskets = {d for _, d in mine}
    first = {i: min(d for j, d in mine if j == i) for i, _ in mine}
    return {
        "baskets": len(baskets),
        "baskets_28": sum(d >= day - 28 for d in baskets),
        "baskets_84": sum(d >= day - 84 for d in baskets),
        "since_basket": day - max(baskets) if baskets else 999,
        "items_28": sum(d >= day - 28 for _, d in mine),
        "items_a_basket": len(mine) / max(len(baskets), 1),
        "news_56": sum(d >= day - 56 for d in first.values()),
        "breadth": len(first),
    }


def buyers_of(rows: Rows, item: int, start: int, end: int) -> float:
    """Return the share of the customers active in a period who bought it."""
    active = {c for c, _, d in rows if start <= d < end}
    buyers = {c for c, i, d in rows if i == item and start <= d < end}
    return len(buyers) / max(len(active), 1)


def debut_of(rows: Rows, item: int, start: int, day: int) -> float:
    """Return the share of the active to whom it was new who have bought it."""
    active = {c for c, _, d in rows if d >= day - 28}
    first = {
        c: min(d for k, i, d in rows if k == c and i == item)
        for c in active
        if any(k == c and i == item for k, i, _ in rows)
    }
    new = sum(d >= start for d in first.values())
    return (new + 0.5) / (len(active) - (len(first) - new) + 5)


def repeat_of(rows: Rows, items: range, item: int, day: int) -> float:
    """Return the share of the buyers of the month before last who came back for it."""

    def buyers(of: int, end: int) -> set[int]:
        return {c for c, i, d in rows if i == of and end - 28 <= d < end}

    before = {i: buyers(i, day - 28) for i in items}
    again = {i: before[i] & buyers(i, day) for i in items}
    usual = (sum(map(len, again.values())) + 0.5) / (sum(map(len, before.values())) + 1)
    return (len(again[item]) + 5 * usual) / (len(before[item]) + 5)
