"""An oracle that tries everything, and shares no code with the engine.

It enumerates every permitted combination of a small basket unit by unit, so it is slow
and plainly right; it knows percent_off, amount_off and buy_get.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Unit:
    sku: str
    line: str
    price: int
    floor: int


@dataclass(frozen=True)
class Use:
    """One promotion on the units it holds: covered ones, or sets of two kinds."""

    age: int
    covered: frozenset[int]
    sets: tuple[tuple[frozenset[int], frozenset[int]], ...] = ()

    @property
    def held(self) -> frozenset[int]:
        return self.covered.union(*(pay | get for pay, get in self.sets))


def cents(text: str) -> int:
    return int(text.replace(".", ""))


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def hits(selector: Document, unit: Unit) -> bool:
    return bool(selector.get("all")) or unit.sku in selector.get("skus", ())


def subsets(of: Iterable[int]) -> Iterator[frozenset[int]]:
    items = list(of)
    for size in range(1, len(items) + 1):
        for chosen in combinations(items, size):
            yield frozenset(chosen)


class Oracle:
    def __init__(self, units: list[Unit], promotions: list[Document]) -> None:
        self.units = units
        self.promotions = promotions

    def least(self) -> int:
        ages = range(len(self.promotions))
        return min(
            [
                sum(unit.price for unit in self.units),
                self.least_of([a for a in ages if not self.is_alone(a)]),
                *(self.least_of([a]) for a in ages if self.is_alone(a)),
            ]
        )

    def is_alone(self, age: int) -> bool:
        return bool(self.promotions[age]["combines"] == "alone")

    def reward(self, age: int) -> tuple[str, Document]:
        ((kind, fields),) = self.promotions[age]["reward"].items()
        return kind, fields

    def is_whole(self, age: int) -> bool:
        kind, fields = self.reward(age)
        if kind == "buy_get" or fields.get("units"):
            return False
        return bool(fields["on"].get("all")) and fields.get("per", "basket") == "basket"

    def least_of(self, ages: list[int]) -> int:
        whole = [age for age in ages if self.is_whole(age)]
        choices = [[None, *self.uses(age)] for age in ages if not self.is_whole(age)]
        return min(
            self.pay([use for use in uses if use], whole)
            for uses in product(*choices)
            if self.permitted([use for use in uses if use])
        )

    def uses(self, age: int) -> Iterator[Use]:
        kind, fields = self.reward(age)
        if kind == "buy_get":
            free = frozenset(range(len(self.units)))
            most = self.promotions[age]["limits"]["per_purchase"] or len(self.units)
            for sets in self.set_systems(fields, free, most, floor=()):
                yield Use(age, frozenset(), sets)
            return
        matching = [i for i, u in enumerate(self.units) if hits(fields["on"], u)]
        for covered in subsets(matching):
            units = fields.get("units")
            if not units or len(covered) <= units["at_most"]:
                yield Use(age, covered)

    def set_systems(
        self,
        fields: Document,
        free: frozenset[int],
        most: int,
        floor: tuple[int, ...],
    ) -> Iterator[tuple[tuple[frozenset[int], frozenset[int]], ...]]:
        buy, get = fields["buy"], fields["get"]
        if not most:
            return
        for pay in combinations(sorted(free), buy["quantity"]):
            if not all(hits(buy, self.units[i]) for i in pay):
                continue
            for got in combinations(sorted(free - set(pay)), get["quantity"]):
                key = tuple(sorted(pay + got))
                if key <= floor or not all(hits(get, self.units[i]) for i in got):
                    continue
                dearest = max(self.units[i].price for i in got)
                if any(
                    hits(get, self.units[i]) and self.units[i].price < dearest
                    for i in pay
                ):
                    continue
                one = (frozenset(pay), frozenset(got))
                yield (one,)
                for more in self.set_systems(fields, free - set(key), most - 1, key):
                    yield (one, *more)

    def permitted(self, uses: list[Use]) -> bool:
        for at in range(len(self.units)):
            ages = [use.age for use in uses if at in use.held]
            if len(ages) > 1 and any(
                self.promotions[age]["combines"] != "freely" for age in ages
            ):
                return False
        held = frozenset().union(*(use.held for use in uses))
        return all(self.takes_what_it_should(use, held) for use in uses)

    def takes_what_it_should(self, use: Use, held: frozenset[int]) -> bool:
        kind, fields = self.reward(use.age)
        if kind == "buy_get":
            return True
        free = [
            unit.price
            for i, unit in enumerate(self.units)
            if i not in held and hits(fields["on"], unit)
        ]
        units = fields.get("units")
        if not free:
            return True
        if not units or len(use.covered) < units["at_most"]:
            return False
        mine = [self.units[i].price for i in use.covered]
        if units["which"] == "cheapest":
            return min(free) >= max(mine)
        return max(free) <= min(mine)

    def pay(self, uses: list[Use], whole: list[int]) -> int:
        left = [unit.price for unit in self.units]
        for use in sorted(uses, key=lambda u: (self.is_amount(u.age), u.age)):
            groups = [sorted(use.covered)] if use.covered else []
            groups += [sorted(get) for _, get in use.sets]
            parts = [self.take(use.age, group, left) for group in groups]
            if not all(parts) or self.exceeds_budget(use.age, sum(parts)):
                return 10**9
        return min(
            self.pay_whole(chosen, left)
            for size in range(len(whole) + 1)
            for chosen in combinations(whole, size)
        )

    def is_amount(self, age: int) -> bool:
        return self.reward(age)[0] == "amount_off"

    def pay_whole(self, ages: Iterable[int], before: list[int]) -> int:
        left = list(before)
        for age in sorted(ages, key=lambda a: (self.is_amount(a), a)):
            part = self.take(age, list(range(len(left))), left)
            if not part or self.exceeds_budget(age, part):
                return 10**9
        return sum(left)

    def take(self, age: int, group: list[int], left: list[int]) -> int:
        kind, fields = self.reward(age)
        room = {i: max(0, left[i] - self.units[i].floor) for i in group}
        if kind == "amount_off" and fields["per"] == "unit":
            parts = {i: min(room[i], cents(fields["amount"])) for i in group}
        else:
            base = sum(left[i] for i in group)
            if kind == "amount_off":
                amount = cents(fields["amount"])
            else:
                percent = fields.get("percent") or fields["get"]["percent"]
                amount = half_up(Fraction(percent) * base / 100)
                if fields.get("at_most"):
                    amount = min(amount, cents(fields["at_most"]))
            parts = self.shared(min(amount, sum(room.values())), group, left, room)
        for i, part in parts.items():
            left[i] -= part
        return sum(parts.values())

    def exceeds_budget(self, age: int, amount: int) -> bool:
        budget = self.promotions[age]["limits"]["budget"]
        return bool(budget) and amount > cents(budget)

    def shared(
        self, amount: int, group: list[int], left: list[int], room: dict[int, int]
    ) -> dict[int, int]:
        parts = dict.fromkeys(group, 0)
        open_ = [i for i in group if left[i]]
        while amount:
            whole = sum(left[i] for i in open_)
            exact = {i: Fraction(amount * left[i], whole) for i in open_}
            rounded = {i: int(exact[i]) for i in open_}
            by_rest = sorted(
                open_,
                key=lambda i: (
                    -(exact[i] - rounded[i]),
                    -left[i],
                    self.units[i].sku,
                    self.units[i].line,
                ),
            )
            for i in by_rest[: amount - sum(rounded.values())]:
                rounded[i] += 1
            full = [i for i in open_ if rounded[i] > room[i]]
            for i in full or open_:
                parts[i] = min(rounded[i], room[i])
                amount -= parts[i]
            open_ = [i for i in open_ if i not in full]
        return parts
