"""The strategy "priority": one promotion after another, each on what is left."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from tests.oracle.finishing import (
    Answer,
    covered_by_budget,
    earned,
    gives_points,
    off_fee,
)
from tests.oracle.holding import (
    Held,
    Units,
    Use,
    bits,
    covered,
    covers,
    few,
    mask_of,
    uses,
)
from tests.oracle.reading import Basket, Document, Offer, read
from tests.oracle.taking import Amounts, taken


@dataclass(frozen=True)
class State:
    """A basket after some promotions had their turn."""

    left: Amounts
    fee: int
    shared: int = 0
    apart: int = 0
    applied: tuple[Offer, ...] = ()

    @property
    def is_closed(self) -> bool:
        return any(offer.mode == "alone" for offer in self.applied)


def in_turn(case: Document) -> list[Answer]:
    """
    Return every answer that the rules allow.

    There are several where either of two units that cost the same could be taken, or
    either of two choices of sets that save the same.
    """
    basket = read(case)
    units = Units(basket)
    left = tuple(line.gross for line in basket.lines)
    states = [State(left=left, fee=basket.fee)]
    for offer in sorted(basket.offers, key=lambda o: (-o.priority, o.age)):
        states = list(
            dict.fromkeys(
                after for before in states for after in _turn(offer, before, units)
            )
        )
    return [_answer(state, basket) for state in states]


def _answer(state: State, basket: Basket) -> Answer:
    offers = [offer for offer in state.applied if offer.place == "points"]
    return Answer(
        goods=sum(state.left),
        delivery=state.fee,
        points=earned(state.left, offers, basket),
        ages=tuple(sorted({offer.age for offer in state.applied})),
        lines=state.left,
    )


def _turn(offer: Offer, state: State, units: Units) -> Iterator[State]:
    skipped = offer.mode == "alone" and state.applied
    if skipped or state.is_closed:
        yield state
        return
    basket = units.basket
    if offer.place == "points":
        giving = gives_points(offer, state.left, basket)
        yield replace(state, applied=(*state.applied, offer)) if giving else state
    elif offer.place == "delivery":
        part = off_fee(offer, state.fee, basket)
        if covered_by_budget(offer, part):
            applied = (*state.applied, offer)
            yield replace(state, fee=state.fee - part, applied=applied)
        else:
            yield state
    else:
        found = [_applied(use, state, units) for use in _takes(offer, state, units)]
        if not covers(offer):
            # Sets take the units with which they save most.
            least = min((sum(one.left) for one in found if one), default=0)
            found = [one for one in found if one and sum(one.left) == least]
        yield from [one or state for one in found] or [state]


def _takes(offer: Offer, state: State, units: Units) -> Iterator[Use]:
    """Yield each way in which it could take the units that it can."""
    everything = (1 << len(units.line_of)) - 1
    if offer.place == "whole":
        yield Use(offer, (Held(0, everything),))
        return
    free = everything & ~state.apart
    if offer.mode != "freely":
        free &= ~state.shared
    if not covers(offer):
        yield from uses(offer, units.now(state.left), free)
        return
    matching = bits(covered(offer, units) & free)
    limit = few(offer)
    if limit is None or len(matching) <= limit[0]:
        masks = [mask_of(matching)]
    else:
        most, cheapest = limit
        prices = sorted((units.price[bit] for bit in matching), reverse=not cheapest)
        masks = [
            mask_of(chosen)
            for chosen in combinations(matching, most)
            if sorted(units.prices(mask_of(chosen)), reverse=not cheapest)
            == prices[:most]
        ]
    yield from (Use(offer, (Held(mask, mask),)) for mask in masks if mask)


def _applied(use: Use, state: State, units: Units) -> State | None:
    basket, offer = units.basket, use.offer
    left, amount = state.left, 0
    for part in use.parts:
        parts = taken(offer, units.counts(part.reduced), left, basket)
        if not any(parts):
            return None
        amount += sum(parts)
        left = tuple(a - b for a, b in zip(left, parts, strict=True))
    if not covered_by_budget(offer, amount):
        return None
    if offer.mode == "freely":
        held = {"shared": state.shared | use.held}
    else:
        held = {"apart": state.apart | use.held}
    applied = (*state.applied, offer)
    return replace(state, left=left, applied=applied, **held)
