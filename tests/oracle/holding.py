"""Which units an application may hold. Units are bits of a mask, in order of lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from tests.oracle.reading import Basket, Document, Offer


@dataclass(frozen=True)
class Held:
    """One application: all units that it holds, and those of them it reduces."""

    held: int
    reduced: int


@dataclass(frozen=True)
class Use:
    """One promotion in a basket: its one application, or its sets."""

    offer: Offer
    parts: tuple[Held, ...]

    @cached_property
    def held(self) -> int:
        return sum(part.held for part in self.parts)


class Units:
    """The units of a basket that promotions may touch, one bit each."""

    def __init__(self, basket: Basket) -> None:
        self.basket = basket
        self.line_of = [
            at
            for at, line in enumerate(basket.lines)
            if basket.touchable(at)
            for _ in range(line.units)
        ]
        self.price = [basket.lines[at].price for at in self.line_of]

    def now(self, left: Sequence[int]) -> "Units":
        """Return the units at what they cost by now; lines are of one unit each."""
        units = Units(self.basket)
        units.price = [left[at] for at in self.line_of]
        return units

    def matching(self, selector: Document) -> int:
        lines = set(self.basket.matching(selector))
        return sum(1 << bit for bit, at in enumerate(self.line_of) if at in lines)

    def counts(self, mask: int) -> tuple[int, ...]:
        """How many units of each line are in a mask."""
        counts = [0] * len(self.basket.lines)
        for bit in bits(mask):
            counts[self.line_of[bit]] += 1
        return tuple(counts)

    def prices(self, mask: int) -> list[int]:
        return [self.price[bit] for bit in bits(mask)]


def bits(mask: int) -> list[int]:
    return [bit for bit in range(mask.bit_length()) if mask >> bit & 1]


def mask_of(some: Sequence[int]) -> int:
    return sum(1 << bit for bit in some)


def few(offer: Offer) -> tuple[int, bool] | None:
    """How many units a cover takes at most, and whether the cheapest first."""
    if offer.kind == "free_item":
        return int(offer.fields["quantity"]), True
    units = offer.fields.get("units")
    return (units["at_most"], units["which"] == "cheapest") if units else None


def covers(offer: Offer) -> bool:
    return offer.kind not in ("buy_get", "bundle")


def covered(offer: Offer, units: Units) -> int:
    """Return the units that a cover matches."""
    if offer.kind == "free_item":
        return units.matching({"skus": [offer.fields["sku"]]})
    return units.matching(offer.fields["on"])


def uses(offer: Offer, units: Units, free: int) -> Iterator[Use]:
    """Every way in which a promotion could hold some of the free units."""
    if covers(offer):
        matching = bits(covered(offer, units) & free)
        limit = few(offer)
        most = len(matching) if limit is None else min(limit[0], len(matching))
        for size in range(1, most + 1):
            for chosen in combinations(matching, size):
                mask = mask_of(chosen)
                yield Use(offer, (Held(mask, mask),))
        return
    most_sets = offer.most_sets or len(units.line_of)
    sets = sorted(_sets(offer, units, free), key=lambda one: (one.held, one.reduced))
    yield from (Use(offer, chosen) for chosen in _apart(sets, most_sets, 0))


def _apart(sets: Sequence[Held], most: int, taken: int) -> Iterator[tuple[Held, ...]]:
    """Every choice of up to so many sets that share no unit."""
    for at, one in enumerate(sets):
        if one.held & taken:
            continue
        yield (one,)
        if most > 1:
            for more in _apart(sets[at + 1 :], most - 1, taken | one.held):
                yield (one, *more)


def _sets(offer: Offer, units: Units, free: int) -> set[Held]:
    if offer.kind == "bundle":
        return {Held(mask, mask) for mask in _bundles(offer.fields, units, free)}
    buy, get = offer.fields["buy"], offer.fields["get"]
    to_buy, to_get = units.matching(buy) & free, units.matching(get) & free
    found = set()
    for pay in combinations(bits(to_buy), buy["quantity"]):
        paying = mask_of(pay)
        for got in combinations(bits(to_get & ~paying), get["quantity"]):
            dearest = max(units.price[bit] for bit in got)
            could = units.prices(paying & to_get)
            if all(price >= dearest for price in could):
                reduced = mask_of(got)
                found.add(Held(paying | reduced, reduced))
    return found


def _bundles(fields: Document, units: Units, free: int) -> set[int]:
    found = {0}
    for part in fields["parts"]:
        matching = units.matching(part) & free
        found = {
            mask | mask_of(chosen)
            for mask in found
            for chosen in combinations(bits(matching & ~mask), part["quantity"])
        }
    return found


def takes_what_it_should(use: Use, held: int, units: Units) -> bool:
    """
    Test whether a cover leaves no unit to nobody that it should take.

    A cover that applies holds each matching unit that no other application holds;
    one of a few units holds the cheapest (or dearest) of those.
    """
    offer = use.offer
    if not covers(offer):
        return True
    unheld = covered(offer, units) & ~held
    if not unheld:
        return True
    limit = few(offer)
    if limit is None or len(bits(use.held)) < limit[0]:
        return False
    mine, others = units.prices(use.held), units.prices(unheld)
    return max(mine) <= min(others) if limit[1] else min(mine) >= max(others)
