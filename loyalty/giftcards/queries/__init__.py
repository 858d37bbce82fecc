"""Reading gift cards and stored value."""

from loyalty.giftcards.queries.accounts import (
    GiftCardNotFound,
    get_account,
    get_by_code,
    get_policy,
    list_ended,
    list_transfers,
    spent_in_purchase,
    stored_value,
    to_account,
    to_transfer,
)
from loyalty.giftcards.queries.verifying import verify

__all__ = [
    "GiftCardNotFound",
    "get_account",
    "get_by_code",
    "get_policy",
    "list_ended",
    "list_transfers",
    "spent_in_purchase",
    "stored_value",
    "to_account",
    "to_transfer",
    "verify",
]
