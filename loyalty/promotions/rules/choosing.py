"""In which ways units of one class can take part in sets."""

from collections.abc import Sequence
from itertools import product

from loyalty.promotions.rules.holdings import Cell
from loyalty.promotions.rules.plans import Sets

MOST_UNITS_TRIED = 24
"""With more units of one class, only filling sets in turn and leaving is tried."""

Counts = tuple[int, ...]


def ways_to_fill(
    plan: Sets,
    *,
    can: Sequence[bool],
    cells: Sequence[Cell],
    taken: Sequence[int],
    fits: int,
) -> tuple[list[Counts], bool]:
    """
    Return how many units of the first cell may play each role, the likeliest first.

    :param can: the roles that its units can play
    :param taken: how many units play each role already
    :param fits: the most sets
    :returns: the ways, and whether these are all
    """
    sizes = [role.quantity for role in plan.roles]
    count = cells[0].count
    most = [
        min(count, fits * size - have) if able else 0
        for able, size, have in zip(can, sizes, taken, strict=True)
    ]
    if len(cells) == 1:
        return _to_complete(sizes, taken, most, count), True
    pattern = _in_turn(count, can, sizes, taken, fits)
    if count > MOST_UNITS_TRIED:
        return [pattern, (0,) * len(sizes)], False
    ways = [
        counts
        for counts in product(*(range(limit + 1) for limit in most))
        if sum(counts) <= count
    ]
    ways.sort(
        key=lambda counts: (
            sum(abs(a - b) for a, b in zip(counts, pattern, strict=True)),
            counts,
        )
    )
    return ways, True


def _to_complete(
    sizes: Sequence[int], taken: Sequence[int], most: Sequence[int], count: int
) -> list[Counts]:
    """Return the ways that make sets whole, as the last units must."""
    begun = max(-(-have // size) for have, size in zip(taken, sizes, strict=True))
    last = min(
        (have + limit) // size
        for have, limit, size in zip(taken, most, sizes, strict=True)
    )
    ways = []
    for sets in range(last, max(begun, 1) - 1, -1):
        counts = tuple(
            sets * size - have for size, have in zip(sizes, taken, strict=True)
        )
        if sum(counts) <= count:
            ways.append(counts)
    return ways


def _in_turn(
    count: int,
    can: Sequence[bool],
    sizes: Sequence[int],
    taken: Sequence[int],
    fits: int,
) -> Counts:
    """Return how units fill one set after the other: those that pay come first."""
    totals = list(taken)
    for _ in range(count):
        wanting = [
            role
            for role, able in enumerate(can)
            if able and totals[role] < fits * sizes[role]
        ]
        if not wanting:
            break
        totals[min(wanting, key=lambda role: (totals[role] // sizes[role], role))] += 1
    return tuple(total - have for total, have in zip(totals, taken, strict=True))
