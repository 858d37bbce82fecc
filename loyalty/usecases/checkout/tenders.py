"""What a basket is paid with: one row a kind, in the order in which they are used.

Tenders come after all discounts and lower neither the price nor the points that are
earned. A return gives back to them in the same order, so what was paid by points comes
back as points before any money does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.points.rules.worth import tendered
from loyalty.points.service import Spending, give_back, spend
from loyalty.points.values import Request
from loyalty.purchases.values import PurchaseID, TenderShare
from loyalty.stores.values import StoreID

POINTS: Final = "points"
PAYMENT: Final = "payment"
"""All that is left: cash, a bank card; the shop's own business."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """What the customer wants to pay with."""

    to_pay: Money
    points: int = 0
    point_value: Decimal = Decimal(0)
    payment: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Taking:
    """For which purchase a tender is taken, or gives back."""

    purchase_id: PurchaseID
    customer_id: CustomerID | None
    store_id: StoreID
    actor: str
    key: str
    """Unique for the purchase or the return."""

    hold: str | None = None
    """The reserved quote that kept it, if one did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tender:
    """A kind of tender: how much of it is used, taking it, and giving it back."""

    plan: Callable[[Offered, Money], TenderShare | None]
    take: Callable[[Session, TenderShare, Taking, datetime], TenderShare]
    give_back: Callable[[Session, TenderShare, Taking, datetime], None]


def plan_tenders(offered: Offered) -> tuple[TenderShare, ...]:
    """Return how the price is paid, each tender as far as it reaches."""
    left = offered.to_pay
    shares = []
    for tender in TENDERS.values():
        share = tender.plan(offered, left)
        if share is not None and share.amount:
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


def _plan_points(offered: Offered, left: Money) -> TenderShare | None:
    if not offered.points:
        return None
    points, worth = tendered(offered.points, to_pay=left, value=offered.point_value)
    return TenderShare(tender=POINTS, amount=worth.amount, points=points)


def _take_points(
    session: Session, share: TenderShare, taking: Taking, now: datetime
) -> TenderShare:
    customer_id = _member(taking)
    spending = Spending(
        points=share.points,
        request=Request(
            key=f"{taking.key}:points", actor=taking.actor, store_id=taking.store_id
        ),
        purchase_id=taking.purchase_id,
        hold=taking.hold,
    )
    moved = spend(session, customer_id=customer_id, spending=spending, now=now)
    return replace(share, reference=str(moved.version))


def _give_points_back(
    session: Session, share: TenderShare, taking: Taking, now: datetime
) -> None:
    if share.points and share.reference is not None:
        give_back(
            session,
            customer_id=_member(taking),
            version=int(share.reference),
            points=share.points,
            request=Request(
                key=f"{taking.key}:points", actor=taking.actor, store_id=taking.store_id
            ),
            now=now,
        )


def _plan_payment(offered: Offered, left: Money) -> TenderShare:
    return TenderShare(tender=PAYMENT, amount=left.amount, reference=offered.payment)


def _take_payment(
    _session: Session, share: TenderShare, _taking: Taking, _now: datetime
) -> TenderShare:
    """Return it as it is: the shop took the money."""
    return share


def _pay_out(
    _session: Session, _share: TenderShare, _taking: Taking, _now: datetime
) -> None:
    """Do nothing: the shop gives the money back."""


def _member(taking: Taking) -> CustomerID:
    if taking.customer_id is None:
        message = "points of a basket without a card"
        raise AssertionError(message)
    return taking.customer_id


TENDERS: Mapping[str, Tender] = MappingProxyType(
    {
        POINTS: Tender(
            plan=_plan_points, take=_take_points, give_back=_give_points_back
        ),
        PAYMENT: Tender(plan=_plan_payment, take=_take_payment, give_back=_pay_out),
    }
)
"""Every kind of tender by its name; the last takes what is left."""
