"""Pricing from a file: one case a line, with everything that a price depends on.

No database and no server: a case holds the programme, catalogue, promotions, codes,
uses, customer and basket. Products that its catalogue leaves out are plain ones.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import InvalidOperation
from typing import Any

from loyalty.core.errors import Invalid
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.schema.promotions import load_promotion
from loyalty.promotions.schema.reading import (
    Case,
    read_basket,
    read_facts,
    read_programme,
)
from loyalty.promotions.values import (
    PointsRule,
    Promotion,
    Quote,
)

_WHOLE = ""


class CaseInvalid(Invalid):
    """The case lacks something, or something in it is not what it should be."""

    code = "case_invalid"


@dataclass(frozen=True, kw_only=True, slots=True)
class PricedCase:
    """The quote of a case, with the promotions it was priced by."""

    quote: Quote
    promotions: tuple[Promotion, ...]
    points: PointsRule | None


def quote_of_case(case: Case) -> PricedCase:
    """
    Price a case.

    :raises Invalid: when the case or a promotion in it is not well formed
    """
    try:
        at = datetime.fromisoformat(case["basket"]["at"])
        programme = read_programme(case["programme"], at)
        promotions = tuple(
            load_promotion(document, currency=programme.currency)
            for document in case["promotions"]
        )
        basket = read_basket(case["basket"], programme.currency, at)
        facts = read_facts(case, basket, promotions)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        message = f"Not a case: {type(error).__name__} {error}."
        raise CaseInvalid.field(_WHOLE, message) from error
    quote = price(compile_promotions(promotions), basket, facts, programme)
    return PricedCase(quote=quote, promotions=promotions, points=programme.points)


def check_case(case: Case, quote: Case) -> list[str]:
    """
    Compare a quote document with what the case expects; return the differences.

    Any part of a quote may be expected: ``applied`` as a set of codes, ``lines`` as
    discounts by line, ``points`` as what is earned, each of ``missed`` to be among
    those of the quote with at least these values.
    """
    found: dict[str, Any] = {
        **quote,
        "applied": sorted(applied["promotion"] for applied in quote["applied"]),
        "lines": {line["line"]: line["discount"] for line in quote["lines"]},
        "points": quote["points"]["earned"],
    }
    differences: list[str] = []
    for key, wanted in case.get("expected", {}).items():
        if key == "missed":
            differences += [
                f"missed: expected {one}, got {quote['missed']}"
                for one in wanted
                if not any(one.items() <= there.items() for there in quote["missed"])
            ]
            continue
        value, got = wanted, found.get(key)
        if key == "applied":
            value = sorted(wanted)
        elif key == "lines" and isinstance(got, dict):
            got = {line: got.get(line) for line in wanted}
        if value != got:
            differences.append(f"{key}: expected {wanted}, got {got}")
    return differences
