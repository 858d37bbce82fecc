"""What is asked of gift cards, and what is answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from marshmallow import Schema, fields

from loyalty.api.v1.answers import amount as money_text
from loyalty.api.v1.answers import moment, text, whole
from loyalty.api.v1.fields import LARGEST_ID, GiftCode, MoneyText, Request, Text
from loyalty.api.v1.operations import path_parameter
from loyalty.core.errors import Invalid
from loyalty.core.money import Money, NotMoney, parse_money
from loyalty.core.texts import gettext as _
from loyalty.giftcards.service import RequestKeyReused
from loyalty.giftcards.values import (
    GiftAccount,
    GiftKind,
    GiftState,
    GiftTransfer,
    Move,
)
from loyalty.stores.values import Store

ONE_CARD: Final = f"/gift-cards/<int(min=1, max={LARGEST_ID}):gift_card>"
CARD: Final = path_parameter(
    "gift_card",
    type="integer",
    minimum=1,
    maximum=LARGEST_ID,
    format="gift-card-id",
    description="The number that making or looking up the card answered with.",
    example=12,
)


class SaleRequest(Request):
    """Money that was paid at a store."""

    store = Text(longest=32, required=True, metadata={"format": "store-code"})
    amount = MoneyText(required=True, metadata={"example": "25.00"})


class CodeRequest(Request):
    """A card by its code, which never stands in an address."""

    code = GiftCode(required=True, metadata={"example": "K7QM-2XHV-9RPB-E4TW"})


class StoreRequest(Request):
    """Where it happens."""

    store = Text(longest=32, required=True, metadata={"format": "store-code"})


class ReasonRequest(Request):
    """Why it is done."""

    reason = Text(longest=200, required=True, metadata={"example": "Reported lost"})


class GiftTransferAnswer(Schema):
    """One movement of money; negative when it left the card."""

    gift_card = whole(metadata={"example": 12})
    version = whole()
    at = moment()
    what = text(metadata={"enum": [move.value for move in Move]})
    amount = money_text(example="25.00")
    balance_after = money_text(example="25.00")
    currency = text(metadata={"example": "EUR"})
    purchase = text(allow_none=True)


class GiftCardAnswer(Schema):
    """A card or stored value, without its code."""

    gift_card = whole(metadata={"example": 12})
    kind = text(metadata={"enum": [kind.value for kind in GiftKind]})
    state = text(metadata={"enum": [state.value for state in GiftState]})
    ending = text(metadata={"description": "The code's last characters."})
    currency = text(metadata={"example": "EUR"})
    balance = money_text(example="25.00")
    issued_at = moment()
    expires_at = moment(nullable=True)


class NewGiftCardAnswer(GiftCardAnswer):
    """A card just made: the only time that its code is told."""

    code = text(metadata={"example": "K7QM-2XHV-9RPB-E4TW"})
    costs = money_text(example="25.00")


class GiftCardWithTransfersAnswer(GiftCardAnswer):
    """A card with its latest movements, the newest first."""

    transfers = fields.List(fields.Nested(GiftTransferAnswer), required=True)


def card_document(account: GiftAccount) -> dict[str, object]:
    """Return what ``GiftCardAnswer`` shows of an account."""
    return {
        "gift_card": account.id,
        "kind": account.kind.value,
        "state": account.state.value,
        "ending": account.ending,
        "currency": account.balance.currency,
        "balance": str(account.balance),
        "issued_at": account.issued_at,
        "expires_at": account.expires_at,
    }


def transfer_document(transfer: GiftTransfer) -> dict[str, object]:
    """Return what ``GiftTransferAnswer`` shows of a movement."""
    return {
        "gift_card": transfer.account_id,
        "version": transfer.version,
        "at": transfer.at,
        "what": transfer.move.value,
        "amount": str(transfer.amount),
        "balance_after": str(transfer.balance_after),
        "currency": transfer.amount.currency,
        "purchase": None if transfer.purchase_id is None else str(transfer.purchase_id),
    }


def amount_of(given: str, store: Store) -> Money:
    """
    Return an amount in the store's currency.

    :raises Invalid: if it has more decimals than the currency
    """
    try:
        return parse_money(given, store.currency)
    except NotMoney as problem:
        raise Invalid.field(
            pointer="/amount", message=str(problem), code="too_many_decimals"
        ) from problem


@contextmanager
def keys_once() -> Iterator[None]:
    """
    Point at the header that holds a reused key.

    :raises Invalid: if the key stands for another request
    """
    try:
        yield
    except RequestKeyReused as reused:
        raise Invalid.field(
            pointer="/headers/Idempotency-Key",
            message=_("This key was used for another sale: send a new one."),
            code="request_key_reused",
        ) from reused
