"""Taking goods back and selling others, both or neither."""

import json
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.cards.queries import get_active_card
from loyalty.core.money import parse_money
from loyalty.points.service import lock_account
from loyalty.purchases.queries import get_purchase
from loyalty.sharing.queries import purse_of
from loyalty.usecases.checkout.purchasing import record_purchase
from loyalty.usecases.checkout.requests import BasketRequest, Payment, Receipt
from loyalty.usecases.checkout.returning import return_goods
from loyalty.usecases.checkout.settling import ReturnRequest


def exchange_goods(
    session: Session,
    *,
    returned: ReturnRequest,
    bought: BasketRequest,
    payment: Payment,
    now: datetime,
) -> Receipt:
    """
    Record a return and a purchase in one transaction, once.

    What came back counts first: its points, uses and codes can serve what is bought.

    :raises LoyaltyError: as a return or a purchase would; then neither is recorded
    """
    _lock_customers(session, returned, bought)
    back = return_goods(session, request=returned, now=now)
    sold = record_purchase(session, request=bought, payment=payment, now=now)
    given, taken = json.loads(back.reply), json.loads(sold.reply)
    currency = taken["currency"]
    price = parse_money(taken["net"], currency) + parse_money(
        taken["delivery"]["net"], currency
    )
    to_pay = price - parse_money(given["refund"], given["currency"])
    reply = json.dumps(
        {"returned": given, "bought": taken, "to_pay": str(to_pay)},
        ensure_ascii=False,
    )
    return Receipt(reply=reply, replayed=back.replayed and sold.replayed)


def _lock_customers(
    session: Session, returned: ReturnRequest, bought: BasketRequest
) -> None:
    """Lock the accounts of both in one order, before anything else."""
    before = get_purchase(session, purchase_id=returned.purchase_id).customer_id
    now = (
        get_active_card(session, number=bought.card).customer_id
        if bought.card
        else None
    )
    people = {one for one in (before, now) if one is not None}
    purses = {purse_of(session, customer_id=one) for one in people}
    for customer_id in sorted(people | purses):
        lock_account(session, customer_id=customer_id)
