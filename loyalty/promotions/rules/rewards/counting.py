"""How many units are lacking for the parts of a set."""

from collections.abc import Sequence
from itertools import combinations

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import Lacking
from loyalty.promotions.values import Counted, MissedReason


def units_lacking(parts: Sequence[Counted], goods: Goods) -> Lacking | None:
    """
    Return how many units of which part are lacking for one set, the first that are.

    Parts that take the same units are counted together: by Hall's theorem a set can be
    made when for each choice of parts there are enough units that fit one of them.
    """
    places = [set(goods.usable(part.of)) for part in parts]
    for pool in _pools(parts, places):
        missing, part = max(
            _missing(chosen, parts, places, goods)
            for size in range(1, len(pool) + 1)
            for chosen in combinations(pool, size)
        )
        if missing > 0:
            return Lacking(
                reason=MissedReason.QUANTITY_SHORT, of=parts[part].of, missing=missing
            )
    return None


def _missing(
    chosen: Sequence[int],
    parts: Sequence[Counted],
    places: Sequence[set[int]],
    goods: Goods,
) -> tuple[int, int]:
    """Return how many units some parts lack together, and the last of them."""
    there = {at for part in chosen for at in places[part]}
    wanted = sum(parts[part].quantity for part in chosen)
    return wanted - sum(goods.items[at].count for at in there), chosen[-1]


def _pools(
    parts: Sequence[Counted], places: Sequence[set[int]]
) -> list[tuple[int, ...]]:
    """Put parts together of which one takes what another could take."""
    pools: list[tuple[int, ...]] = []
    for part, own in enumerate(places):
        joined = [
            pool
            for pool in pools
            if any(parts[one].of == parts[part].of or own & places[one] for one in pool)
        ]
        pools = [pool for pool in pools if pool not in joined]
        pools.append(tuple(sorted({part, *(one for pool in joined for one in pool)})))
    return sorted(pools)
