"""The operations on what members have stored."""

from http import HTTPStatus
from typing import Final

from marshmallow import Schema, fields

from loyalty.api.auth import caller, check_store
from loyalty.api.v1.answers import amount, text
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.checkout import RequestHeaders
from loyalty.api.v1.customers.views import CUSTOMER, ONE
from loyalty.api.v1.giftcards.cards import CONFLICTS, MISSING, resource
from loyalty.api.v1.giftcards.schemas import (
    CodeRequest,
    GiftTransferAnswer,
    SaleRequest,
    amount_of,
    keys_once,
    transfer_document,
)
from loyalty.api.v1.guessing import guessed_codes
from loyalty.api.v1.operations import Operation, get, post
from loyalty.core.clock import utc_now
from loyalty.core.money import zero
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.giftcards.queries import get_by_code, list_transfers, stored_value
from loyalty.giftcards.service import Sale, keep_on_account, top_up
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_programme, get_store
from loyalty.web.context import database

_STORED: Final = f"{ONE}/stored-value"


class StoredValueAnswer(Schema):
    """What a member has stored, with the latest movements, the newest first."""

    balance = amount(example="25.00")
    currency = text(metadata={"example": "EUR"})
    transfers = fields.List(fields.Nested(GiftTransferAnswer), required=True)


@get(
    resource,
    Operation(
        path=_STORED,
        scope=ApiScope.GIFT_CARDS_READ,
        answer=StoredValueAnswer,
        problems=MISSING,
        parameters=[CUSTOMER],
    ),
)
def show_the_stored_value(customer: int) -> dict[str, object]:
    """Return what a member has stored.

    In the programme's currency.
    """
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        currency = get_programme(session).currency
        found = stored_value(session, customer_id=customer_id, currency=currency)
        transfers = list_transfers(session, account_id=found.id) if found else ()
    return {
        "balance": str(found.balance if found else zero(currency)),
        "currency": currency,
        "transfers": [transfer_document(one) for one in transfers],
    }


@post(
    resource,
    Operation(
        path=f"{_STORED}/sales",
        scope=ApiScope.GIFT_CARDS_WRITE,
        body=SaleRequest,
        example={"store": "324", "amount": "25.00"},
        headers=RequestHeaders,
        answer=GiftTransferAnswer,
        status=HTTPStatus.CREATED,
        problems=CONFLICTS,
        parameters=[CUSTOMER],
    ),
)
def top_the_stored_value_up(
    body: Body, headers: dict[str, str], customer: int
) -> dict[str, object]:
    """Put what was paid onto a member's stored value.

    The same request with the same key changes nothing and answers the same.
    """
    customer_id = CustomerID(customer)
    with keys_once(), database().transaction() as session:
        store = get_store(session, code=body["store"])
        check_store(store.id)
        get_profile(session, customer_id=customer_id)
        paid = top_up(
            session,
            customer_id=customer_id,
            sale=Sale(
                amount=amount_of(body["amount"], store),
                store_id=store.id,
                request_key=f"{caller().actor}:{headers['request_key']}",
                actor=caller().actor,
            ),
            now=utc_now(),
        )
    return transfer_document(paid)


@post(
    resource,
    Operation(
        path=f"{_STORED}/gift-cards",
        scope=ApiScope.GIFT_CARDS_WRITE,
        body=CodeRequest,
        example={"code": "K7QM-2XHV-9RPB-E4TW"},
        answer=GiftTransferAnswer,
        problems=CONFLICTS,
        parameters=[CUSTOMER],
    ),
)
@guessed_codes
def keep_a_gift_card(body: Body, customer: int) -> dict[str, object]:
    """Put all that is on a gift card onto a member's stored value.

    Doing it again answers the same.
    """
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        card = get_by_code(session, code=body["code"], pointer="/code")
        kept = keep_on_account(
            session,
            card_id=card.id,
            customer_id=customer_id,
            actor=caller().actor,
            now=utc_now(),
        )
    return transfer_document(kept)
