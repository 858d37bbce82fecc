"""Changes to gift cards and stored value: a module for each kind."""

from loyalty.giftcards.service.checking import (
    BalanceShort,
    GiftCardNotUsable,
    GiftCardUsed,
    RefundTooHigh,
)
from loyalty.giftcards.service.issuing import (
    issue_card,
    open_stored_value,
    save_policy,
)
from loyalty.giftcards.service.merging import (
    Following,
    Stored,
    follow_stored,
    give_stored_back,
)
from loyalty.giftcards.service.moving import RequestKeyReused, lock_account, move
from loyalty.giftcards.service.passing import keep_on_account
from loyalty.giftcards.service.selling import Sale, cancel_sale, sell, top_up
from loyalty.giftcards.service.states import block, expire_ended, unblock
from loyalty.giftcards.service.tendering import refund, spend

__all__ = [
    "BalanceShort",
    "Following",
    "GiftCardNotUsable",
    "GiftCardUsed",
    "RefundTooHigh",
    "RequestKeyReused",
    "Sale",
    "Stored",
    "block",
    "cancel_sale",
    "expire_ended",
    "follow_stored",
    "give_stored_back",
    "issue_card",
    "keep_on_account",
    "lock_account",
    "move",
    "open_stored_value",
    "refund",
    "save_policy",
    "sell",
    "spend",
    "top_up",
    "unblock",
]
