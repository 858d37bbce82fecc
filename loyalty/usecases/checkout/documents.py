"""Quotes and tenders as the API's JSON."""

from collections.abc import Iterable

from loyalty.core.money import decimal_text
from loyalty.promotions.render import quote_document as priced_document
from loyalty.purchases.values import TenderShare
from loyalty.usecases.checkout.requests import Kept, Priced
from loyalty.usecases.checkout.tenders import PAYMENT


def quote_document(
    priced: Priced,
    *,
    language: str,
    kept: Kept | None = None,
    balance_after: int | None = None,
) -> dict[str, object]:
    """Return a quote as the API's JSON, its texts in the language asked for."""
    if balance_after is None:
        balance_after = priced.available_after
    document = priced_document(
        priced.quote,
        priced.pricing.documents,
        language,
        points=priced.pricing.programme.points,
        names=priced.names,
    )
    document["points"]["balance_after"] = balance_after
    until = kept and kept.reserved_until
    return {
        "quote": kept and kept.quote_id,
        "reserved_until": until and until.isoformat(),
        **document,
        "tenders": tenders_document(priced.tenders, priced.store.currency),
    }


def tenders_document(
    shares: Iterable[TenderShare], currency: str
) -> list[dict[str, object]]:
    """Return what is paid with, or paid back to, as the API's JSON."""
    return [
        {
            "tender": share.tender,
            "amount": decimal_text(share.amount, currency),
            "points": share.points,
            "payment": share.reference if share.tender == PAYMENT else None,
        }
        for share in shares
    ]
