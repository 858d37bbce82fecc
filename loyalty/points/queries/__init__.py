"""Reading the ledger."""

from loyalty.points.queries.adjustments import AdjustmentNotFound, waiting_adjustments
from loyalty.points.queries.balances import (
    balance,
    coming,
    next_expiry,
    open_lots,
    spendable,
    standing,
)
from loyalty.points.queries.transfers import (
    TransferNotFound,
    get_transfer,
    list_transfers,
    points_of_purchase,
)

__all__ = [
    "AdjustmentNotFound",
    "TransferNotFound",
    "balance",
    "coming",
    "get_transfer",
    "list_transfers",
    "next_expiry",
    "open_lots",
    "points_of_purchase",
    "spendable",
    "standing",
    "waiting_adjustments",
]
