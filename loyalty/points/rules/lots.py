"""
Which lots a movement takes from, and into which ones it gives back.

What expires first is taken first. What comes back goes where it came from, into the
lots that last longest first. Points that fill a debt never reach a lot.
"""

from collections.abc import Iterable

from loyalty.points.values import Lot, LotUse


def by_expiry(lots: Iterable[Lot]) -> list[Lot]:
    """Return lots in the order in which they are spent."""
    return sorted(lots, key=lambda lot: (lot.expires_at, lot.version, lot.place))


def take(lots: Iterable[Lot], points: int) -> tuple[tuple[LotUse, ...], int]:
    """
    Take points from lots in the order given.

    :returns: what is taken from each, and how many points no lot could give
    """
    uses = []
    for lot in lots:
        taken = min(lot.remaining, points)
        if taken:
            uses.append(LotUse(version=lot.version, place=lot.place, points=taken))
            points -= taken
    return tuple(uses), points


def put_back(lots: Iterable[Lot], points: int) -> tuple[tuple[LotUse, ...], int]:
    """
    Give points back to the lots given, each up to its capacity.

    :returns: what each gets (negative uses), and how many points found no room
    """
    uses = []
    latest_first = reversed(by_expiry(lots))
    for lot in latest_first:
        given = min(lot.capacity, points)
        if given:
            uses.append(LotUse(version=lot.version, place=lot.place, points=-given))
            points -= given
    return tuple(uses), points


def fills(available: int, points: int) -> int:
    """Return how many of the points to come are swallowed by what is owing."""
    return min(points, max(0, -available))
