"""Quotes with their texts: the document that the API, the till and files give."""

from collections.abc import Iterable, Mapping
from typing import Any

from loyalty.core.texts import pick, use_language
from loyalty.promotions import values as v
from loyalty.promotions.render.house import points_words
from loyalty.promotions.render.messages import missed_message
from loyalty.promotions.render.terms import terms
from loyalty.promotions.render.words import NO_NAMES, Names
from loyalty.promotions.schema.cases import quote_of_case
from loyalty.promotions.schema.quotes import dump_quote
from loyalty.promotions.schema.reading import Case

Document = dict[str, Any]


def quote_document(
    quote: v.Quote,
    promotions: Iterable[v.Promotion],
    language: str,
    *,
    points: v.PointsRule | None,
    names: Names = NO_NAMES,
) -> Document:
    """
    Return the quote's document with names, terms and messages in the language.

    :param promotions: at least those that the quote speaks of
    """
    by_code = {promotion.code: promotion for promotion in promotions}
    document = dump_quote(quote)
    for entry in document["applied"]:
        promotion = by_code[entry["promotion"]]
        entry["name"] = _name(promotion.name, language)
        entry["terms"] = terms(promotion, language, names=names)
    for entry, missed in zip(document["missed"], quote.missed, strict=True):
        entry["message"] = missed_message(missed, language, names=names)
    for entry in document["points"]["why"]:
        code = entry["promotion"]
        entry["rule"] = (
            _name(by_code[code].name, language)
            if code is not None
            else _rule(points, language)
        )
    return document


def price_case(case: Case, language: str = "en") -> Document:
    """
    Price one case of a file; return its quote with the case's name.

    :raises Invalid: when the case is not well formed
    """
    priced = quote_of_case(case)
    document = quote_document(
        priced.quote, priced.promotions, language, points=priced.points
    )
    return {"case": case.get("case"), **document}


def _name(texts: Mapping[str, str], language: str) -> str:
    return pick(dict(texts), language=language)


def _rule(points: v.PointsRule | None, language: str) -> str:
    if points is None:
        return ""
    with use_language(language):
        return points_words(points)
