"""At the till: what a basket costs, and recording that it was paid.

Both ask the same engine with the same facts.
"""

from loyalty.usecases.checkout.keeping import NotAtThisPrice, ask_quote, give_up
from loyalty.usecases.checkout.purchasing import record_purchase
from loyalty.usecases.checkout.quoting import (
    DifferentCurrency,
    quote_basket,
    quote_document,
)
from loyalty.usecases.checkout.requests import (
    Asking,
    BasketRequest,
    Kept,
    Payment,
    Priced,
    Receipt,
)

__all__ = [
    "Asking",
    "BasketRequest",
    "DifferentCurrency",
    "Kept",
    "NotAtThisPrice",
    "Payment",
    "Priced",
    "Receipt",
    "ask_quote",
    "give_up",
    "quote_basket",
    "quote_document",
    "record_purchase",
]
