"""Amounts: what a saving takes off which units, to the minor unit.

The basket is cut into pieces: units of one line that are treated alike. A saving
is computed once on the pieces that an application covers, capped by what their
floors allow, then shared over the lines and inside them over the pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from loyalty.core.money import share
from loyalty.promotions.rules.plans import (
    WHOLE_PERCENTAGE,
    EachAmount,
    EachDownTo,
    OneAmount,
    Percentage,
    Saving,
)
from loyalty.promotions.rules.selecting import Item, scaled

Mark = tuple[int, int, int]
"""The age of a promotion that holds units, their role in it, and in which set."""


@dataclass(kw_only=True, slots=True)
class Piece:
    """``count`` units of item ``at``; ``left`` is what they still cost together."""

    at: int
    item: Item
    count: int
    left: int
    marks: frozenset[Mark] = field(default_factory=frozenset)

    @property
    def room(self) -> int:
        """Return how much may still be taken off."""
        if not self.item.discountable:
            return 0
        return max(0, self.left - self.item.floor * self.count)

    def split(self, count: int) -> "Piece":
        """Cut ``count`` units off into a piece of their own, and return it."""
        rest = self.count - count
        off, self.left = share(self.left, [count, rest])
        self.count = rest
        return Piece(
            at=self.at, item=self.item, count=count, left=off, marks=self.marks
        )


def percentage_of(amount: int, saving: Percentage) -> int:
    """Return the percentage of an amount, rounded half up, at most what it says."""
    # Neither is negative, so whole numbers round a half up as they should.
    doubled = 2 * amount * saving.basis_points + WHOLE_PERCENTAGE
    result = doubled // (2 * WHOLE_PERCENTAGE)
    return result if saving.at_most is None else min(result, saving.at_most)


def common_amount(saving: Saving, base: int) -> int:
    """Return what a saving with one common amount takes off units worth ``base``."""
    if isinstance(saving, Percentage):
        return percentage_of(base, saving)
    if isinstance(saving, OneAmount):
        return min(base, saving.amount)
    if isinstance(saving, EachAmount | EachDownTo):
        message = "this saving has no common amount"
        raise TypeError(message)
    return max(0, base - saving.price)


def apply_saving(saving: Saving, pieces: Sequence[Piece]) -> dict[int, int]:
    """Take a saving off the pieces; return the amount by item."""
    if isinstance(saving, EachAmount | EachDownTo):
        amounts = [_each(saving, piece) for piece in pieces]
    else:
        base = sum(piece.left for piece in pieces)
        room = sum(piece.room for piece in pieces)
        amounts = _spread(min(room, common_amount(saving, base)), pieces)
    taken: dict[int, int] = {}
    for piece, amount in zip(pieces, amounts, strict=True):
        piece.left -= amount
        if amount:
            taken[piece.at] = taken.get(piece.at, 0) + amount
    return taken


def _each(saving: EachAmount | EachDownTo, piece: Piece) -> int:
    if isinstance(saving, EachAmount):
        return min(piece.room, saving.amount * piece.count)
    target = scaled(saving.price, piece.item.weight) * piece.count
    return max(0, min(piece.room, piece.left - target))


def _spread(amount: int, pieces: Sequence[Piece]) -> list[int]:
    """Share an amount over the items, and inside each over its pieces."""
    if not amount:
        return [0] * len(pieces)
    by_item: dict[int, list[int]] = {}
    for index, piece in enumerate(pieces):
        by_item.setdefault(piece.at, []).append(index)
    groups = [by_item[at] for at in sorted(by_item)]
    rooms = [piece.room for piece in pieces]
    shares = capped_share(
        amount,
        weights=[sum(pieces[i].left for i in group) for group in groups],
        caps=[sum(rooms[i] for i in group) for group in groups],
    )
    amounts = [0] * len(pieces)
    for group, part in zip(groups, shares, strict=True):
        if len(group) == 1:
            amounts[group[0]] = part
            continue
        inner = capped_share(
            part,
            weights=[pieces[i].left for i in group],
            caps=[rooms[i] for i in group],
        )
        for index, small in zip(group, inner, strict=True):
            amounts[index] = small
    return amounts


def capped_share(
    amount: int, *, weights: Sequence[int], caps: Sequence[int]
) -> list[int]:
    """
    Share by largest remainder, none above its cap.

    What a cap refuses goes to the others in the same proportions, again and again.
    A cap does not exceed its weight, and the amount not the sum of the caps.
    """
    first = share(amount, weights)
    if all(part <= cap for part, cap in zip(first, caps, strict=True)):
        return list(first)
    result = [0] * len(weights)
    open_ = list(range(len(weights)))
    left = amount
    while left:
        shares = share(left, [weights[i] for i in open_])
        full = [i for i, part in zip(open_, shares, strict=True) if part > caps[i]]
        if not full:
            for i, part in zip(open_, shares, strict=True):
                result[i] = part
            break
        for i in full:
            result[i] = caps[i]
            left -= caps[i]
        open_ = [i for i in open_ if i not in full]
    return result
