"""At the till: what a basket costs, and recording that it was paid.

Both ask the same engine with the same facts.
"""

from loyalty.usecases.checkout.documents import quote_document, tenders_document
from loyalty.usecases.checkout.exchanging import exchange_goods
from loyalty.usecases.checkout.keeping import NotAtThisPrice, ask_quote, give_up
from loyalty.usecases.checkout.purchasing import record_purchase
from loyalty.usecases.checkout.quoting import (
    DifferentCurrency,
    quote_basket,
)
from loyalty.usecases.checkout.requests import (
    Asking,
    BasketRequest,
    Kept,
    Payment,
    Priced,
    Receipt,
)
from loyalty.usecases.checkout.returning import return_goods
from loyalty.usecases.checkout.settling import AlreadyCancelled, ReturnRequest
from loyalty.usecases.checkout.tenders import GIFT_CARD, PAYMENT, POINTS, STORED_VALUE

__all__ = [
    "GIFT_CARD",
    "PAYMENT",
    "POINTS",
    "STORED_VALUE",
    "AlreadyCancelled",
    "Asking",
    "BasketRequest",
    "DifferentCurrency",
    "Kept",
    "NotAtThisPrice",
    "Payment",
    "Priced",
    "Receipt",
    "ReturnRequest",
    "ask_quote",
    "exchange_goods",
    "give_up",
    "quote_basket",
    "quote_document",
    "record_purchase",
    "return_goods",
    "tenders_document",
]
