"""Quotes as documents, without texts: what the API and files have in common."""

from typing import Any

from loyalty.promotions.values import Applied, Missed, Quote, QuoteLine

Document = dict[str, Any]


def dump_quote(quote: Quote) -> Document:
    """Return the quote's document, all money as decimal strings."""
    return {
        "currency": quote.currency,
        "gross": str(quote.gross),
        "discount": str(quote.discount),
        "net": str(quote.net),
        "delivery": {
            "gross": str(quote.delivery.gross),
            "discount": str(quote.delivery.discount),
            "net": str(quote.delivery.net),
        },
        "lines": [_line(line) for line in quote.lines],
        "applied": [_applied(applied) for applied in quote.applied],
        "missed": [_missed(missed) for missed in quote.missed],
        "points": {
            "earned": quote.points_earned,
            "why": [
                {"promotion": earned.promotion, "points": earned.points}
                for earned in quote.points
            ],
        },
        "unknown_skus": list(quote.unknown_skus),
        "optimal": quote.optimal,
        **({} if quote.bound is None else {"bound": str(quote.bound)}),
    }


def _line(line: QuoteLine) -> Document:
    return {
        "line": line.line,
        "gross": str(line.gross),
        "discount": str(line.discount),
        "net": str(line.net),
        "applications": [
            {"promotion": one.promotion, "amount": str(one.amount)}
            for one in line.applications
        ],
    }


def _applied(applied: Applied) -> Document:
    return {
        "promotion": applied.promotion,
        "amount": str(applied.amount),
        "points": applied.points,
        "times": applied.times,
        "code": applied.code,
    }


def _missed(missed: Missed) -> Document:
    document: Document = {
        "promotion": missed.promotion,
        "reason": missed.reason.value,
        "code": missed.code,
        "retry_after": missed.retry_after,
        "short_by": None if missed.short_by is None else str(missed.short_by),
        "missing": missed.missing,
    }
    return {
        key: value
        for key, value in document.items()
        if value is not None or key == "promotion"
    }
