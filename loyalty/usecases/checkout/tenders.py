"""What a basket is paid with: one row a kind, in the order in which they are used.

Tenders come after all discounts and lower neither the price nor the points that are
earned. A return gives back to them in the same order, so what was paid by points comes
back as points before any money does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.giftcards.queries import get_account
from loyalty.giftcards.service import refund
from loyalty.giftcards.service import spend as spend_gift_money
from loyalty.giftcards.values import GiftAccountID
from loyalty.points.rules.worth import tendered
from loyalty.points.service import Spending, give_back, spend
from loyalty.points.values import Request
from loyalty.purchases.values import PurchaseID, TenderShare
from loyalty.stores.values import StoreID

POINTS: Final = "points"
GIFT_CARD: Final = "gift_card"
STORED_VALUE: Final = "stored_value"
PAYMENT: Final = "payment"
"""All that is left: cash, a bank card; the shop's own business."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GiftMoney:
    """What of a gift card, or of stored value, can be used; minor units."""

    account_id: GiftAccountID
    amount: int
    stored: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Paying:
    """What is to be used beside the payment."""

    purse: CustomerID | None = None
    """Whose points they are: the customer's, or those of a household's keeper."""

    points: int = 0
    gifts: tuple[GiftMoney, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """What the customer wants to pay with."""

    to_pay: Money
    points: int = 0
    gifts: tuple[GiftMoney, ...] = ()
    point_value: Decimal = Decimal(0)
    payment: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Taking:
    """For which purchase a tender is taken, or gives back."""

    purchase_id: PurchaseID
    purse: CustomerID | None
    """Whose points it is: the customer's, or those of their household's keeper."""

    store_id: StoreID
    actor: str
    key: str
    """Unique for the purchase or the return."""

    hold: str | None = None
    """The reserved quote that kept it, if one did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tender:
    """A kind of tender: how much of it is used, taking it, and giving it back."""

    plan: Callable[[Offered, Money], tuple[TenderShare, ...]]
    take: Callable[[Session, TenderShare, Taking, datetime], TenderShare]
    give_back: Callable[[Session, TenderShare, Taking, datetime], None]


def plan_tenders(offered: Offered) -> tuple[TenderShare, ...]:
    """Return how the price is paid, each tender as far as it reaches."""
    left = offered.to_pay
    shares = []
    for tender in TENDERS.values():
        for share in tender.plan(offered, left):
            if share.amount:
                shares.append(share)
                left -= Money(amount=share.amount, currency=left.currency)
    return tuple(shares)


def take_tenders(
    session: Session, shares: tuple[TenderShare, ...], taking: Taking, now: datetime
) -> tuple[TenderShare, ...]:
    """
    Take what was planned; return it with what it is known by.

    :raises Refused: if a tender has less than that
    """
    return tuple(
        TENDERS[share.tender].take(session, share, taking, now) for share in shares
    )


def give_tenders_back(
    session: Session, shares: tuple[TenderShare, ...], taking: Taking, now: datetime
) -> None:
    """Give back what these shares say, to what they came from."""
    for share in shares:
        if share.amount or share.points:
            TENDERS[share.tender].give_back(session, share, taking, now)


def _plan_points(offered: Offered, left: Money) -> tuple[TenderShare, ...]:
    if not offered.points:
        return ()
    points, worth = tendered(offered.points, to_pay=left, value=offered.point_value)
    return (TenderShare(tender=POINTS, amount=worth.amount, points=points),)


def _take_points(
    session: Session, share: TenderShare, taking: Taking, now: datetime
) -> TenderShare:
    purse = _purse(taking)
    spending = Spending(
        points=share.points,
        request=Request(
            key=f"{taking.key}:points", actor=taking.actor, store_id=taking.store_id
        ),
        purchase_id=taking.purchase_id,
        hold=taking.hold,
    )
    moved = spend(session, customer_id=purse, spending=spending, now=now)
    return replace(share, reference=f"{purse}:{moved.version}")


def _give_points_back(
    session: Session, share: TenderShare, taking: Taking, now: datetime
) -> None:
    if share.points and share.reference is not None:
        # To the balance that paid, wherever the customer's points are by now.
        purse, _colon, version = share.reference.rpartition(":")
        give_back(
            session,
            customer_id=CustomerID(int(purse)) if purse else _purse(taking),
            version=int(version),
            points=share.points,
            request=Request(
                key=f"{taking.key}:points", actor=taking.actor, store_id=taking.store_id
            ),
            now=now,
        )


def _plan_gifts(
    offered: Offered, left: Money, *, stored: bool
) -> tuple[TenderShare, ...]:
    shares, rest = [], left.amount
    for gift in offered.gifts:
        if gift.stored is stored:
            used = min(gift.amount, rest)
            name = STORED_VALUE if stored else GIFT_CARD
            reference = str(gift.account_id)
            shares.append(TenderShare(tender=name, amount=used, reference=reference))
            rest -= used
    return tuple(shares)


def _take_gift(
    session: Session, share: TenderShare, taking: Taking, now: datetime
) -> TenderShare:
    account_id = _account(share)
    currency = get_account(session, account_id=account_id).balance.currency
    spend_gift_money(
        session,
        account_id=account_id,
        amount=Money(amount=share.amount, currency=currency),
        purchase_id=taking.purchase_id,
        store_id=taking.store_id,
        actor=taking.actor,
        now=now,
    )
    return share


def _give_gift_back(
    session: Session, share: TenderShare, taking: Taking, now: datetime
) -> None:
    account_id = _account(share)
    if not share.amount:
        return
    currency = get_account(session, account_id=account_id).balance.currency
    refund(
        session,
        account_id=account_id,
        amount=Money(amount=share.amount, currency=currency),
        purchase_id=taking.purchase_id,
        request_key=taking.key,
        actor=taking.actor,
        now=now,
    )


def _account(share: TenderShare) -> GiftAccountID:
    return GiftAccountID(int(share.reference or 0))


def _plan_payment(offered: Offered, left: Money) -> tuple[TenderShare, ...]:
    rest = TenderShare(tender=PAYMENT, amount=left.amount, reference=offered.payment)
    return (rest,)


def _take_payment(
    _session: Session, share: TenderShare, _taking: Taking, _now: datetime
) -> TenderShare:
    """Return it as it is: the shop took the money."""
    return share


def _pay_out(
    _session: Session, _share: TenderShare, _taking: Taking, _now: datetime
) -> None:
    """Do nothing: the shop gives the money back."""


def _purse(taking: Taking) -> CustomerID:
    if taking.purse is None:
        message = "points of a basket without a card"
        raise AssertionError(message)
    return taking.purse


TENDERS: Mapping[str, Tender] = MappingProxyType(
    {
        POINTS: Tender(
            plan=_plan_points, take=_take_points, give_back=_give_points_back
        ),
        GIFT_CARD: Tender(
            plan=partial(_plan_gifts, stored=False),
            take=_take_gift,
            give_back=_give_gift_back,
        ),
        STORED_VALUE: Tender(
            plan=partial(_plan_gifts, stored=True),
            take=_take_gift,
            give_back=_give_gift_back,
        ),
        PAYMENT: Tender(plan=_plan_payment, take=_take_payment, give_back=_pay_out),
    }
)
"""Every kind of tender by its name; the last takes what is left."""
