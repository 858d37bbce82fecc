"""The operations on gift cards."""

from http import HTTPStatus
from typing import Final

from loyalty.api.auth import caller, check_store
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.checkout import RequestHeaders
from loyalty.api.v1.giftcards.schemas import (
    CARD,
    ONE_CARD,
    CodeRequest,
    GiftCardAnswer,
    GiftCardWithTransfersAnswer,
    GiftTransferAnswer,
    NewGiftCardAnswer,
    ReasonRequest,
    SaleRequest,
    StoreRequest,
    amount_of,
    card_document,
    keys_once,
    transfer_document,
)
from loyalty.api.v1.guessing import guessed_codes
from loyalty.api.v1.operations import Operation, Resource, get, post
from loyalty.core.clock import utc_now
from loyalty.core.codes import grouped
from loyalty.giftcards.queries import get_account, get_by_code, list_transfers
from loyalty.giftcards.service import (
    Sale,
    block,
    cancel_sale,
    issue_card,
    sell,
    unblock,
)
from loyalty.giftcards.values import GiftAccountID
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_store
from loyalty.web.context import database

resource = Resource("Gift cards", "Money paid in advance: cards and stored value.")

MISSING: Final = (HTTPStatus.NOT_FOUND,)
CONFLICTS: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_SALE: Final = {"store": "324", "amount": "25.00"}


@post(
    resource,
    Operation(
        path="/gift-cards",
        scope=ApiScope.GIFT_CARDS_WRITE,
        body=SaleRequest,
        example=_SALE,
        answer=NewGiftCardAnswer,
        status=HTTPStatus.CREATED,
        problems=MISSING,
    ),
)
def make_a_gift_card(body: Body) -> dict[str, object]:
    """Make a gift card.

    It waits to be paid, and nothing is on it. Its code is told here and never again;
    when the answer is lost, make another card.
    """
    with database().transaction() as session:
        store = get_store(session, code=body["store"])
        check_store(store.id)
        made = issue_card(
            session,
            face=amount_of(body["amount"], store),
            actor=caller().actor,
            now=utc_now(),
        )
    return {
        **card_document(made.account),
        "code": grouped(made.code),
        "costs": str(made.account.face),
    }


@post(
    resource,
    Operation(
        path="/gift-cards/lookup",
        scope=ApiScope.GIFT_CARDS_READ,
        body=CodeRequest,
        example={"code": "K7QM-2XHV-9RPB-E4TW"},
        answer=GiftCardAnswer,
        problems=MISSING,
    ),
)
@guessed_codes
def look_a_gift_card_up(body: Body) -> dict[str, object]:
    """Find a gift card by its code.

    A code whose check character does not fit is refused (422). Codes that nobody has
    are counted: after 20 in a quarter of an hour the key must wait (429).
    """
    with database().transaction() as session:
        found = get_by_code(session, code=body["code"], pointer="/code")
    return card_document(found)


@get(
    resource,
    Operation(
        path=ONE_CARD,
        scope=ApiScope.GIFT_CARDS_READ,
        answer=GiftCardWithTransfersAnswer,
        problems=MISSING,
        parameters=[CARD],
    ),
)
def show_a_gift_card(gift_card: int) -> dict[str, object]:
    """Return a gift card.

    With its latest movements, the newest first.
    """
    account_id = GiftAccountID(gift_card)
    with database().transaction() as session:
        found = get_account(session, account_id=account_id)
        transfers = list_transfers(session, account_id=account_id)
    return {
        **card_document(found),
        "transfers": [transfer_document(one) for one in transfers],
    }


@post(
    resource,
    Operation(
        path=f"{ONE_CARD}/sales",
        scope=ApiScope.GIFT_CARDS_WRITE,
        body=SaleRequest,
        headers=RequestHeaders,
        example=_SALE,
        answer=GiftTransferAnswer,
        status=HTTPStatus.CREATED,
        problems=CONFLICTS,
        parameters=[CARD],
    ),
)
def sell_a_gift_card(
    body: Body, headers: dict[str, str], gift_card: int
) -> dict[str, object]:
    """Put what was paid onto a gift card.

    A waiting card costs what it was made for and is active then; an active one is
    topped up. The same request with the same key changes nothing and answers the same.
    """
    with keys_once(), database().transaction() as session:
        store = get_store(session, code=body["store"])
        check_store(store.id)
        sold = sell(
            session,
            account_id=GiftAccountID(gift_card),
            sale=Sale(
                amount=amount_of(body["amount"], store),
                store_id=store.id,
                request_key=f"{caller().actor}:{headers['request_key']}",
                actor=caller().actor,
            ),
            now=utc_now(),
        )
    return transfer_document(sold)


@post(
    resource,
    Operation(
        path=f"{ONE_CARD}/cancel",
        scope=ApiScope.GIFT_CARDS_WRITE,
        body=StoreRequest,
        example={"store": "324"},
        answer=GiftTransferAnswer,
        problems=CONFLICTS,
        parameters=[CARD],
    ),
)
def cancel_a_gift_card(body: Body, gift_card: int) -> dict[str, object]:
    """Undo the sale of a gift card.

    As long as nothing was spent or topped up since (409 otherwise).
    """
    with database().transaction() as session:
        store = get_store(session, code=body["store"])
        check_store(store.id)
        undone = cancel_sale(
            session,
            account_id=GiftAccountID(gift_card),
            store_id=store.id,
            actor=caller().actor,
            now=utc_now(),
        )
    return transfer_document(undone)


@post(
    resource,
    Operation(
        path=f"{ONE_CARD}/block",
        scope=ApiScope.GIFT_CARDS_WRITE,
        body=ReasonRequest,
        example={"reason": "Reported lost"},
        answer=GiftCardAnswer,
        problems=CONFLICTS,
        parameters=[CARD],
    ),
)
def block_a_gift_card(body: Body, gift_card: int) -> dict[str, object]:
    """Let nothing be spent from a gift card.

    What is on it stays, and blocking it twice is as once.
    """
    with database().transaction() as session:
        blocked = block(
            session,
            account_id=GiftAccountID(gift_card),
            reason=body["reason"],
            actor=caller().actor,
            now=utc_now(),
        )
    return card_document(blocked)


@post(
    resource,
    Operation(
        path=f"{ONE_CARD}/unblock",
        scope=ApiScope.GIFT_CARDS_WRITE,
        body=ReasonRequest,
        example={"reason": "Found again"},
        answer=GiftCardAnswer,
        problems=CONFLICTS,
        parameters=[CARD],
    ),
)
def unblock_a_gift_card(body: Body, gift_card: int) -> dict[str, object]:
    """Let a gift card be spent again.

    It is worth what it was when it was blocked.
    """
    with database().transaction() as session:
        unblocked = unblock(
            session,
            account_id=GiftAccountID(gift_card),
            reason=body["reason"],
            actor=caller().actor,
            now=utc_now(),
        )
    return card_document(unblocked)
