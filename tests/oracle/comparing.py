"""Compares the engine's quote of a case with the oracle's answers."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from random import Random
from typing import Any

from loyalty.promotions.schema.cases import quote_of_case
from loyalty.promotions.values import Quote
from tests.oracle import Answer, Document, best, in_turn
from tests.oracle.holding import Units, covered, covers
from tests.oracle.reading import Basket, Offer, read
from tests.oracle.situations import Focus, situation


@dataclass
class Tally:
    """
    How many baskets were compared.

    Of these: whose focus applied, and whose price the engine did not prove to be the
    lowest (then its bound is compared).
    """

    compared: int = 0
    applied: int = 0
    unproven: int = 0

    def add(self, case: Document, focus: Focus, quote: Quote) -> None:
        applied = {one.promotion for one in quote.applied}
        self.compared += 1
        self.unproven += not quote.optimal
        self.applied += any(
            one["code"] in applied
            and focus.reward in one["reward"]
            and focus.mode == one["combines"]
            for one in case["promotions"]
        )


def compare_many(focus: Focus, numbers: Iterable[int]) -> Tally:
    """Compare as many drawn baskets as there are numbers; each makes one basket."""
    tally = Tally()
    for number in numbers:
        case = drawn(focus, number)
        quote = quote_of_case(case).quote
        found = differences(case, quote)
        assert not found, f"{found}, basket {number} of {focus}:\n{json.dumps(case)}"
        tally.add(case, focus, quote)
    return tally


def drawn(focus: Focus, number: int) -> dict[str, Any]:
    """Return the first basket of a seed in which promotions overlap."""
    random = Random(key(focus, number))  # noqa: S311 - no secret
    while True:
        case = situation(random, focus)
        if overlaps(read(case)):
            return case


def key(focus: Focus, number: int) -> str:
    return " ".join([*astuple(focus), str(number)])


def differences(case: Document, quote: Quote) -> list[str]:
    """Say in what the quote differs from each of the oracle's answers."""
    in_order = case["programme"]["strategy"] == "priority"
    answers = in_turn(case) if in_order else best(case)
    if quote.bound is not None:
        least = _price(answers[0])
        between = quote.bound.amount <= least <= _to_pay(quote)
        return [] if between else [f"{least} is below the bound {quote.bound}"]
    checks = [
        ("price", _to_pay(quote), _price),
        ("points", quote.points_earned, lambda answer: answer.points),
        ("lines", tuple(line.net.amount for line in quote.lines), _lines),
        ("applied", _applied(case, quote), lambda answer: _codes(case, answer)),
    ]
    for name, got, of in checks:
        matching = [answer for answer in answers if of(answer) == got]
        if not matching:
            return [f"{name} is {got}, the oracle's {[of(one) for one in answers]}"]
        answers = matching
    return []


def _to_pay(quote: Quote) -> int:
    return quote.net.amount + quote.delivery.net.amount


def _price(answer: Answer) -> int:
    return answer.goods + answer.delivery


def _lines(answer: Answer) -> tuple[int, ...]:
    return answer.lines


def _applied(case: Document, quote: Quote) -> set[str]:
    return {one.promotion for one in quote.applied} - _multiples(case)


def _codes(case: Document, answer: Answer) -> set[str]:
    return {case["promotions"][age]["code"] for age in answer.ages} - _multiples(case)


def _multiples(case: Document) -> set[str]:
    """
    Return the promotions that multiply points.

    Points are rounded down once a purchase, so of two multiples that give a point
    only together there is no saying which one gave it.
    """
    return {
        one["code"] for one in case["promotions"] if "points_times" in one["reward"]
    }


def overlaps(basket: Basket) -> bool:
    """Test whether two promotions could reduce the same unit."""
    units = Units(basket)
    touched = Counter(
        bit
        for offer in basket.offers
        for bit in range(len(units.line_of))
        if _touches(offer, units) >> bit & 1
    )
    return any(count > 1 for count in touched.values())


def _touches(offer: Offer, units: Units) -> int:
    if offer.place not in ("item", "whole"):
        return 0
    if covers(offer):
        return covered(offer, units)
    fields = offer.fields
    parts = (
        fields["parts"] if offer.kind == "bundle" else [fields["buy"], fields["get"]]
    )
    mask = 0
    for part in parts:
        mask |= units.matching(part)
    return mask
