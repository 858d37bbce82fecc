"""Proof of a price: computing a kept quote again, and saying each step."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.promotions.queries import get_quote, quote_of_purchase
from loyalty.promotions.render.explaining import explain
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.rules.tracing import consider
from loyalty.promotions.schema import dump_quote
from loyalty.promotions.values import Quote
from loyalty.promotions.values.kept import ENGINE, KeptQuote, QuoteID
from loyalty.purchases.queries import get_purchase
from loyalty.purchases.values import PurchaseID


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """How a price came about, and where it differs from what was kept."""

    quote: KeptQuote
    steps: tuple[str, ...]
    differences: tuple[str, ...]
    """Each place with what was kept and what is computed; none is the proof."""


def explain_quote(session: Session, *, quote_id: QuoteID) -> Explanation:
    """
    Compute a quote again from what it kept.

    :raises QuoteNotFound: if there is none
    """
    return _explained(session, get_quote(session, quote_id=quote_id))


def explain_purchase(session: Session, *, purchase_id: PurchaseID) -> Explanation:
    """
    Compute the price of a purchase again, and compare what was recorded.

    :raises PurchaseNotFound: if there is no such purchase
    :raises QuoteNotFound: if it kept no quote, as one that was imported
    """
    get_purchase(session, purchase_id=purchase_id)
    return _explained(session, quote_of_purchase(session, purchase_id=purchase_id))


def _explained(session: Session, kept: KeptQuote) -> Explanation:
    pricing = kept.pricing
    compiled = compile_promotions(pricing.documents)
    considered = consider(compiled, pricing.basket, pricing.facts, pricing.programme)
    quote = price(compiled, pricing.basket, pricing.facts, pricing.programme)
    differences = list(_differences("", kept.result, dump_quote(quote)))
    if kept.purchase_id is not None:
        differences += _recorded(session, kept.purchase_id, quote)
    made_by = f"Priced by engine {kept.engine}; this is engine {ENGINE}."
    return Explanation(
        quote=kept,
        steps=(made_by, *explain(pricing, considered, quote)),
        differences=tuple(differences),
    )


def _recorded(session: Session, purchase_id: PurchaseID, quote: Quote) -> Iterator[str]:
    """Yield where the purchase says something else than its price."""
    purchase = get_purchase(session, purchase_id=purchase_id)
    for what, was, computed in (
        ("gross", purchase.gross, quote.gross),
        ("discount", purchase.discount, quote.discount),
        ("net", purchase.net, quote.net),
    ):
        yield from _differing(f"/purchase/{what}", was, computed)
    recorded = {line.line: line.net for line in purchase.lines}
    computed_lines = {line.line: line.net for line in quote.lines}
    for line in sorted(recorded.keys() | computed_lines.keys()):
        yield from _differing(
            f"/purchase/lines/{line}/net",
            recorded.get(line),
            computed_lines.get(line),
        )


def _differing(where: str, was: Money | None, computed: Money | None) -> Iterator[str]:
    if was != computed:
        yield f"{where}: recorded {was}, computed {computed}"


def _differences(where: str, kept: object, computed: object) -> Iterator[str]:
    """Yield each place at which two documents differ."""
    if isinstance(kept, dict) and isinstance(computed, dict):
        for key in sorted(kept.keys() | computed.keys()):
            yield from _differences(f"{where}/{key}", kept.get(key), computed.get(key))
    elif (
        isinstance(kept, list)
        and isinstance(computed, list)
        and len(kept) == len(computed)
    ):
        for place, (one, other) in enumerate(zip(kept, computed, strict=True)):
            yield from _differences(f"{where}/{place}", one, other)
    elif kept != computed:
        yield f"{where or '/'}: kept {kept}, computed {computed}"
