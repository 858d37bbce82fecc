"""What follows the item rewards: rewards on the whole basket, delivery, points."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from tests.oracle.reading import Basket, Offer
from tests.oracle.taking import is_amount, taken


@dataclass(frozen=True)
class Answer:
    """A price, and what leads to it; ``lines`` is what is left to pay of each line."""

    goods: int
    delivery: int
    points: int
    ages: tuple[int, ...]
    lines: tuple[int, ...]

    @property
    def rank(self) -> tuple[int, int, int, tuple[int, ...]]:
        """Less is better: price, more points, fewer applications, the older."""
        return self.goods + self.delivery, -self.points, len(self.ages), self.ages


@dataclass(frozen=True)
class Ending:
    """What may follow the item rewards of a basket."""

    basket: Basket
    whole: tuple[Offer, ...]
    delivery: tuple[Offer, ...]
    points: tuple[Offer, ...]

    @classmethod
    def of(cls, basket: Basket, offers: Iterable[Offer]) -> "Ending":
        offers = list(offers)

        def at(place: str) -> tuple[Offer, ...]:
            return tuple(offer for offer in offers if offer.place == place)

        whole = sorted(at("whole"), key=lambda o: (is_amount(o, basket), o.age))
        return cls(basket, tuple(whole), at("delivery"), at("points"))

    def answers(self, left: tuple[int, ...], ages: tuple[int, ...]) -> Iterator[Answer]:
        """Every way to go on from what the item rewards left to pay."""
        deliveries = list(self.deliveries())
        for more, lines in self.wholes(left):
            giving = [o for o in self.points if gives_points(o, lines, self.basket)]
            ages_so_far = ages + more + tuple(offer.age for offer in giving)
            for off_delivery, fee in deliveries:
                yield Answer(
                    goods=sum(lines),
                    delivery=fee,
                    points=earned(lines, giving, self.basket),
                    ages=tuple(sorted(ages_so_far + off_delivery)),
                    lines=lines,
                )

    def wholes(
        self, left: tuple[int, ...]
    ) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Every choice of rewards on the whole basket, with what it leaves."""
        allowed = [offer for offer in self.whole if self.reached(offer, left)]
        for chosen in subsets(allowed):
            lines = left
            for offer in chosen:
                after = self.after(offer, lines)
                if after is None:
                    break
                lines = after
            else:
                yield tuple(offer.age for offer in chosen), lines

    def reached(self, offer: Offer, left: Sequence[int]) -> bool:
        """Test the spends that are measured after item discounts."""
        return all(
            sum(left[at] for at in self.basket.matching(spend["on"]))
            >= self.basket.money(spend["at_least"])
            for spend in offer.after_items
        )

    def after(self, offer: Offer, left: Sequence[int]) -> tuple[int, ...] | None:
        """Return what a reward on the whole basket leaves, if it does apply."""
        basket = self.basket
        counts = [
            line.units if basket.touchable(at) else 0
            for at, line in enumerate(basket.lines)
        ]
        parts = taken(offer, counts, left, basket)
        if not covered_by_budget(offer, sum(parts)):
            return None
        return tuple(a - b for a, b in zip(left, parts, strict=True))

    def deliveries(self) -> Iterator[tuple[tuple[int, ...], int]]:
        """Every choice of rewards on the delivery fee, with what it leaves."""
        for chosen in subsets(self.delivery):
            fee = self.basket.fee
            for offer in chosen:
                part = off_fee(offer, fee, self.basket)
                if not covered_by_budget(offer, part):
                    break
                fee -= part
            else:
                yield tuple(offer.age for offer in chosen), fee


def covered_by_budget(offer: Offer, amount: int) -> bool:
    """Test whether an amount is something, and the budget covers it whole."""
    return amount > 0 and (offer.budget is None or amount <= offer.budget)


def off_fee(offer: Offer, fee: int, basket: Basket) -> int:
    most = offer.fields.get("at_most")
    return min(fee, basket.money(most)) if most else fee


def gives_points(offer: Offer, lines: Sequence[int], basket: Basket) -> bool:
    """Test whether a reward in points has something to give points for."""
    if not basket.points_per_unit:
        return offer.kind == "points_plus"
    on = offer.fields.get("on")
    return on is None or any(lines[at] for at in basket.matching(on))


def earned(lines: Sequence[int], offers: Iterable[Offer], basket: Basket) -> int:
    """Return the points of a basket, rounded down once."""
    base, plus = Fraction(sum(lines)), 0
    for offer in offers:
        if offer.kind == "points_plus":
            plus += int(offer.fields["points"])
        else:
            times = Fraction(offer.fields["factor"]) - 1
            base += times * sum(lines[at] for at in basket.matching(offer.fields["on"]))
    return int(base * basket.points_per_unit) + plus


def subsets(offers: Sequence[Offer]) -> Iterator[tuple[Offer, ...]]:
    for size in range(len(offers) + 1):
        yield from combinations(offers, size)
