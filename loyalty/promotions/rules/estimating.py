"""The most that a branch of the search could still save.

Figures are minor units times ``WHOLE_PERCENTAGE`` unless named otherwise. Each unit
that is still open has a cap: the most that it saves in the hands of the claims that are
counted unit by unit. Each claim that is counted apart, by its total, adds at most what
it can save beyond the caps of the units that it takes.
"""

from collections.abc import Sequence

from loyalty.promotions.rules.bounds import Worth, gain
from loyalty.promotions.rules.claims import FREE, Claims, Held, UnitClass
from loyalty.promotions.rules.holdings import Holdings
from loyalty.promotions.rules.plans import (
    WHOLE_PERCENTAGE,
    Cover,
    Percentage,
    Plan,
)
from loyalty.promotions.rules.settling import (
    Ground,
    delivery_total,
    least_after_whole,
)


class Estimate:
    """
    Bounds for one search; ``worths`` are in the order in which claims are decided.

    Claims counted by totals stand first. ``rest`` holds, by position, what the claims
    from there on add beyond the caps.
    """

    def __init__(
        self,
        claims: Claims,
        ground: Ground,
        classes: Sequence[UnitClass],
        worths: Sequence[Worth],
        within: Sequence[int],
    ) -> None:
        self._claims = claims
        self._classes = classes
        self._worths = worths
        self._places = {w.claim.age: at for at, w in enumerate(worths)}
        self._caps: dict[tuple[int, Held, int], int] = {}
        self.by_total = sum(worth.by_total for worth in worths)
        self.value = sum(c.price * c.count for c in classes)
        self._floors = sum(c.floor * c.count for c in classes)
        items = ground.goods.items
        kept = sum(items[at].gross for at in within if not items[at].discountable)
        self._apart = kept + _least_fee(claims, ground.fee)
        sharing = [w for w in worths if w.claim.freely]
        self.adds = [self._added_by(worth, len(sharing)) for worth in worths]
        self.rest = [0]
        for added in reversed(self.adds):
            self.rest.insert(0, self.rest[0] + added)

    def price(self, saved: int) -> int:
        """Return the least price, in minor units, when at most so much is saved."""
        left = max(self._floors, self.value - saved // WHOLE_PERCENTAGE)
        if self._claims.on_whole:
            left = least_after_whole(self._claims.on_whole, left, left - self._floors)
        return left + self._apart

    def open(self, holdings: Holdings, position: int) -> int:
        """Return the most that all units save with the claims from a position on."""
        cap = self.cap
        return sum(
            count * cap(at, held, position) for at, held, count in holdings.piles()
        )

    def drop(self, holdings: Holdings, position: int) -> int:
        """Return how much less that is at the next position."""
        cap = self.cap
        return sum(
            count * (cap(at, held, position) - cap(at, held, position + 1))
            for at in self._worths[position].unit
            for held, count in holdings.counts[at].items()
        )

    def cap(self, at: int, held: Held, position: int) -> int:
        """Return the most that a unit saves with the claims from a position on."""
        key = (at, held, position)
        cap = self._caps.get(key)
        if cap is None:
            cap = self._caps[key] = self._work_out_cap(at, held, position)
        return cap

    def _work_out_cap(self, at: int, held: Held, position: int) -> int:
        holders = [self._worths[self._places[age]] for age, _, _ in held]
        if holders and not holders[0].claim.freely:
            return 0  # what the claim saves is known and counted apart
        coming = [w for w in self._worths[position:] if at in w.unit]
        sharing = {w.claim.age: w for w in (*holders, *coming) if w.claim.freely}
        cap = self._together(at, list(sharing.values()))
        if not held:
            apart = (w for w in coming if not (w.claim.freely or w.by_total))
            cap = max([cap, *(w.unit[at] for w in apart)])
        return cap

    def _together(self, at: int, worths: Sequence[Worth]) -> int:
        """
        Return the most that claims which share a unit can save on it.

        Percentages come first, each on what the others left; a unit that gives more
        because another one may not give its part has less left for the next.
        """
        price = left = self._classes[at].price * WHOLE_PERCENTAGE
        more = 0
        for worth in worths:
            if worth.by_total:
                continue
            if _plain(worth.claim.plan):
                rate = worth.rate() or 0
                left = left * (WHOLE_PERCENTAGE - rate) // WHOLE_PERCENTAGE
            else:
                more += worth.unit[at]
        return price - max(0, left - more)

    def _added_by(self, worth: Worth, sharing: int) -> int:
        """Return what a claim adds beyond the caps: its total, and rounding."""
        if worth.claim.freely:
            # The shares of earlier savings are rounded line by line.
            lines = sum(len(self._classes[at].items) for at in worth.unit)
            added = worth.slack + WHOLE_PERCENTAGE * lines * (sharing - 1)
            return added + (worth.total if worth.by_total else 0)
        if not worth.by_total:
            return worth.slack
        position = self.by_total
        units = [
            (own, self.cap(at, FREE, position), self._classes[at].count)
            for at, own in worth.unit.items()
            if own
        ]
        units.sort(key=lambda unit: unit[1] / unit[0])
        return worth.slack + max(0, gain(units, total=worth.total))


def _least_fee(claims: Claims, fee: int) -> int:
    if len(claims.on_delivery) > 1:
        return 0
    return fee - (delivery_total(claims.on_delivery, fee) or 0)


def _plain(plan: Plan) -> bool:
    """Test whether it takes a percentage off each unit that it covers."""
    return isinstance(plan, Cover) and isinstance(plan.saving, Percentage)
