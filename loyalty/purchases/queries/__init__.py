"""Reading purchases, and what of them came back."""

from loyalty.purchases.queries.counter import find_receipt, latest_of_store
from loyalty.purchases.queries.kept import is_kept, kept_net, kept_purchases
from loyalty.purchases.queries.recorded import (
    PurchaseNotFound,
    Takings,
    bought_lines,
    find_by_request,
    get_purchase,
    largest_purchase,
    line_counts,
    list_purchases,
    net_by_day,
    recorded_receipts,
    saved_since,
    takings,
)
from loyalty.purchases.queries.returns import (
    find_return,
    get_sale,
    list_returns,
    returned_so_far,
    tenders_of,
)
from loyalty.purchases.queries.usual import UsualLine, usual_lines
from loyalty.purchases.queries.weeks import source_weeks

__all__ = [
    "PurchaseNotFound",
    "Takings",
    "UsualLine",
    "bought_lines",
    "find_by_request",
    "find_receipt",
    "find_return",
    "get_purchase",
    "get_sale",
    "is_kept",
    "kept_net",
    "kept_purchases",
    "largest_purchase",
    "latest_of_store",
    "line_counts",
    "list_purchases",
    "list_returns",
    "net_by_day",
    "recorded_receipts",
    "returned_so_far",
    "saved_since",
    "source_weeks",
    "takings",
    "tenders_of",
    "usual_lines",
]
