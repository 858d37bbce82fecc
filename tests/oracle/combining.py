"""The strategy "best for the customer": every permitted combination, the best of them.

One pruning, which is plainly safe: two ways to the same amounts left on the lines end
alike, so of those only the one with fewer and older applications is followed.
"""

from collections.abc import Iterator, Sequence

from tests.oracle.finishing import Answer, Ending, covered_by_budget
from tests.oracle.holding import Units, Use, takes_what_it_should, uses
from tests.oracle.reading import Basket, Document, Offer, read
from tests.oracle.taking import Amounts, is_amount, taken

Ages = tuple[int, ...]


def best(case: Document) -> list[Answer]:
    """Return the best answers: several where no rule tells them apart."""
    basket = read(case)
    together = [offer for offer in basket.offers if offer.mode != "alone"]
    choices = [together, *([o] for o in basket.offers if o.mode == "alone")]
    found: list[Answer] = []
    for offers in choices:
        for answer in _answers(basket, offers):
            if not found or answer.rank < found[0].rank:
                found = [answer]
            elif answer.rank == found[0].rank:
                found.append(answer)
    return found


def _answers(basket: Basket, offers: Sequence[Offer]) -> Iterator[Answer]:
    ending = Ending.of(basket, offers)
    items = [offer for offer in offers if offer.place == "item"]
    for left, ages in Items(basket, items).outcomes().items():
        yield from ending.answers(left, ages)


class Items:
    """The item rewards of a basket, in every permitted combination."""

    def __init__(self, basket: Basket, offers: Sequence[Offer]) -> None:
        self.basket = basket
        self.units = Units(basket)
        self.order = {
            offer.age: (is_amount(offer, basket), offer.age) for offer in offers
        }
        everything = (1 << len(self.units.line_of)) - 1
        self.choices = [list(uses(o, self.units, everything)) for o in offers]
        self.parts: dict[tuple[int, int, Amounts], Amounts] = {}

    def outcomes(self) -> dict[Amounts, Ages]:
        """Return what each combination leaves on the lines, and its applications."""
        found: dict[Amounts, Ages] = {}
        for chosen in self.combinations(0, 0, 0):
            settled = self.settled(chosen)
            if settled is None:
                continue
            left, ages = settled
            known = found.get(left)
            if known is None or (len(ages), ages) < (len(known), known):
                found[left] = ages
        return found

    def combinations(
        self, at: int, shared: int, apart: int
    ) -> Iterator[tuple[Use, ...]]:
        """
        Choose a use, or none, of each promotion from the one at this place on.

        ``shared`` and ``apart`` are the units that earlier ones hold, those that
        combine freely and the others.
        """
        if at == len(self.choices):
            yield ()
            return
        yield from self.combinations(at + 1, shared, apart)
        for use in self.choices[at]:
            held = use.held
            if held & apart:
                continue
            if use.offer.mode == "freely":
                rest = self.combinations(at + 1, shared | held, apart)
            elif held & shared:
                continue
            else:
                rest = self.combinations(at + 1, shared, apart | held)
            for more in rest:
                yield (use, *more)

    def settled(self, chosen: Sequence[Use]) -> tuple[Amounts, Ages] | None:
        """Return what is left and by which applications, if it is permitted."""
        held = 0
        for use in chosen:
            held |= use.held
        if not all(takes_what_it_should(use, held, self.units) for use in chosen):
            return None
        left = tuple(line.gross for line in self.basket.lines)
        ages: list[int] = []
        for use in sorted(chosen, key=lambda use: self.order[use.offer.age]):
            amount = 0
            for part in use.parts:
                parts = self.taken(use.offer, part.reduced, left)
                if not any(parts):
                    return None
                amount += sum(parts)
                left = tuple(a - b for a, b in zip(left, parts, strict=True))
                ages.append(use.offer.age)
            if not covered_by_budget(use.offer, amount):
                return None
        return left, tuple(sorted(ages))

    def taken(self, offer: Offer, reduced: int, left: Amounts) -> Amounts:
        key = offer.age, reduced, left
        parts = self.parts.get(key)
        if parts is None:
            counts = self.units.counts(reduced)
            parts = self.parts[key] = taken(offer, counts, left, self.basket)
        return parts
