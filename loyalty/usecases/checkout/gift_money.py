"""Gift cards and stored value that a customer wants to pay with."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.customers.values import CustomerID
from loyalty.giftcards.queries import get_account, get_by_code, stored_value
from loyalty.giftcards.rules import usable
from loyalty.giftcards.service import BalanceShort, GiftCardNotUsable
from loyalty.giftcards.values import GiftAccount
from loyalty.usecases.checkout.requests import BasketRequest
from loyalty.usecases.checkout.tenders import GiftMoney


def gift_money(
    session: Session,
    *,
    request: BasketRequest,
    currency: str,
    customer_id: CustomerID | None,
    now: datetime,
) -> tuple[GiftMoney, ...]:
    """
    Return how much each gift card, and then what is stored, can pay.

    :raises Invalid: if a code can't be one, stands twice or is in another currency, or
        there is no card of a member for stored value
    :raises GiftCardNotFound: if a code is nobody's
    :raises GiftCardNotUsable: if a card is not paid, blocked or over
    :raises BalanceShort: if there is less stored than is to be spent
    """
    found = _cards(session, request, currency, now)
    if request.stored_value_to_spend is None:
        return found
    stored = None
    if customer_id is not None:
        stored = stored_value(session, customer_id=customer_id, currency=currency)
    wanted = request.stored_value_to_spend
    if stored is None or usable(stored, now=now) < wanted:
        message = _("There is less stored than that.")
        left = usable(stored, now=now) if stored else wanted - wanted
        raise BalanceShort(message, balance=left)
    return (*found, GiftMoney(account_id=stored.id, amount=wanted.amount, stored=True))


def _cards(
    session: Session, request: BasketRequest, currency: str, now: datetime
) -> tuple[GiftMoney, ...]:
    cards: dict[int, GiftAccount] = {}
    for pointer, card in _found(session, request):
        if card.id in cards:
            message = _("This card stands here twice.")
            raise Invalid.field(
                pointer=pointer, message=message, code="gift_card_twice"
            )
        if card.balance.currency != currency:
            message = _("The store's prices are in %(currency)s.", currency=currency)
            raise Invalid.field(
                pointer=pointer, message=message, code="currency_mismatch"
            )
        if not usable(card, now=now):
            raise GiftCardNotUsable(_("There is nothing to spend on a gift card."))
        cards[card.id] = card
    return tuple(
        GiftMoney(account_id=card.id, amount=card.balance.amount)
        for _number, card in sorted(cards.items())
    )


def _found(
    session: Session, request: BasketRequest
) -> Iterator[tuple[str, GiftAccount]]:
    for place, code in enumerate(request.gift_cards):
        pointer = f"/gift_cards/{place}"
        yield pointer, get_by_code(session, code=code, pointer=pointer)
    for number in request.gift_accounts:
        yield "/gift_cards", get_account(session, account_id=number)
