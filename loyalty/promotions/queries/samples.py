"""Samples of customers and of what they bought, for estimates.

Customers' numbers are random, so the first so many of them are a fair sample. Baskets
are sampled by customer, all of one or none, because one customer's baskets resemble
each other; a basket without a card stands for itself.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import String, cast, func, select, true
from sqlalchemy.orm import Session

from loyalty.catalogue.models import ProductRow
from loyalty.core.money import Money
from loyalty.customers.models import CustomerRow, SegmentRow, TopicRow
from loyalty.customers.queries import member_vault
from loyalty.customers.values import CustomerID, CustomerStatus
from loyalty.promotions.values import (
    Basket,
    BasketLine,
    CustomerFacts,
    PastPurchase,
    Product,
)
from loyalty.purchases.models import PurchaseLineRow, PurchaseRow
from loyalty.purchases.queries import is_kept, kept_net
from loyalty.purchases.values import PurchaseID
from loyalty.stores.models import StoreRow
from loyalty.tiers.queries import members_of

_NEVER_CUT: Final = 1
"""At least one group is taken, however large it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """Which costly facts an estimate needs."""

    history: bool = True
    history_since: datetime | None = None
    """As far back as somebody looks; None is to the first purchase."""

    birthdays: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedBasket:
    """A basket as it was bought; ``group`` is what was sampled."""

    key: str
    group: int
    customer_id: CustomerID | None
    basket: Basket


@dataclass(frozen=True, kw_only=True, slots=True)
class BasketSample:
    """Some groups' baskets in the order of time, and how many baskets there are."""

    baskets: tuple[RecordedBasket, ...]
    groups: tuple[int, ...]
    """The groups in the sample, in no particular order."""

    baskets_in_all: int


def sample_members(session: Session, *, at_most: int) -> tuple[CustomerID, ...]:
    """Return a fair sample of customers: the same one each time."""
    return tuple(
        session.scalars(
            select(CustomerRow.id)
            .where(CustomerRow.status == CustomerStatus.ACTIVE)
            .order_by(CustomerRow.id)
            .limit(at_most)
        )
    )


def facts_of(
    session: Session,
    *,
    customer_ids: Collection[CustomerID],
    zone: ZoneInfo,
    details: Details,
) -> dict[CustomerID, CustomerFacts]:
    """Return what audiences read of these customers; nobody was offered anything."""
    ids = set(customer_ids)
    segments, topics = _lists(session, ids)
    history = _history(session, ids, details) if details.history else {}
    tiers = members_of(session, customer_ids=ids)
    rows = session.execute(
        select(CustomerRow, StoreRow.code)
        .outerjoin(StoreRow, StoreRow.id == CustomerRow.home_store_id)
        .where(CustomerRow.id.in_(ids))
        .order_by(CustomerRow.id)
    )
    return {
        row.id: CustomerFacts(
            tier=tiers.get(row.id),
            segments=tuple(segments.get(row.id, ())),
            member_since=row.enrolled_at.astimezone(zone).date(),
            birthday=_birthday(session, row) if details.birthdays else None,
            language=row.language,
            home_store=store,
            interests=tuple(topics.get(row.id, ())),
            purchases=tuple(history.get(row.id, ())),
        )
        for row, store in rows
    }


def products_of(session: Session, *, skus: Collection[str]) -> dict[str, Product]:
    """Return what pricing reads of many articles, by sku, without names."""
    rows = session.execute(
        select(
            ProductRow.sku,
            # PostgreSQL writes arrays faster as JSON than they are read otherwise.
            func.to_jsonb(ProductRow.categories),
            func.to_jsonb(ProductRow.tags),
            ProductRow.brand,
            ProductRow.discountable,
            ProductRow.floor_price,
            ProductRow.cost,
            ProductRow.currency,
            ProductRow.weighed,
        ).where(ProductRow.sku.in_(skus))
    )
    return {
        row.sku: Product(
            sku=row.sku,
            categories=tuple(row[1]),
            tags=tuple(row[2]),
            brand=row.brand,
            discountable=row.discountable,
            floor_price=_money(row.floor_price, row.currency),
            cost=_money(row.cost, row.currency),
            weighed=row.weighed,
        )
        for row in rows
    }


def _money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount=amount, currency=currency)


def sample_baskets(session: Session, *, since: datetime, at_most: int) -> BasketSample:
    """Return recorded baskets of whole groups, up to about ``at_most`` of them."""
    group = func.coalesce(PurchaseRow.customer_id, -PurchaseRow.id).label("grouped")
    counted = session.execute(
        select(group, func.count())
        .where(PurchaseRow.at >= since)
        .group_by(group)
        # Without a card the number is not random: its hash orders both alike.
        .order_by(func.md5(cast(group, String)))
    ).all()
    taken: list[int] = []
    baskets = 0
    for key, count in counted:
        if len(taken) >= _NEVER_CUT and baskets + count > at_most:
            break
        taken.append(key)
        baskets += count
    rows = session.execute(
        select(PurchaseRow, StoreRow.code, group)
        .join(StoreRow, StoreRow.id == PurchaseRow.store_id)
        .where(PurchaseRow.at >= since, group.in_(taken))
        .order_by(PurchaseRow.at, PurchaseRow.id)
    ).all()
    lines = _lines(session, {row.id: row.currency for row, _store, _key in rows})
    return BasketSample(
        baskets=tuple(
            RecordedBasket(
                key=f"{row.store_id}:{row.receipt}",
                group=key,
                customer_id=row.customer_id,
                basket=_basket(row, store, tuple(lines[row.id])),
            )
            for row, store, key in rows
            if lines[row.id]
        ),
        groups=tuple(taken),
        baskets_in_all=sum(count for _key, count in counted),
    )


def _basket(row: PurchaseRow, store: str, lines: tuple[BasketLine, ...]) -> Basket:
    return Basket(
        store=store,
        sales_channel=row.sales_channel,
        at=row.at,
        currency=row.currency,
        lines=lines,
        payment=row.payment,
    )


def _lines(
    session: Session, currencies: dict[PurchaseID, str]
) -> defaultdict[PurchaseID, list[BasketLine]]:
    found: defaultdict[PurchaseID, list[BasketLine]] = defaultdict(list)
    rows = session.execute(
        select(
            PurchaseLineRow.purchase_id,
            PurchaseLineRow.line,
            PurchaseLineRow.sku,
            PurchaseLineRow.quantity,
            PurchaseLineRow.unit_price,
        ).where(PurchaseLineRow.purchase_id.in_(currencies))
    )
    for purchase_id, line, sku, quantity, unit_price in rows:
        found[purchase_id].append(
            BasketLine(
                line=line,
                sku=sku,
                quantity=quantity,
                unit_price=Money(amount=unit_price, currency=currencies[purchase_id]),
            )
        )
    return found


def _lists(
    session: Session, ids: set[CustomerID]
) -> tuple[dict[CustomerID, list[str]], dict[CustomerID, list[str]]]:
    segments: defaultdict[CustomerID, list[str]] = defaultdict(list)
    topics: defaultdict[CustomerID, list[str]] = defaultdict(list)
    for customer_id, segment in session.execute(
        select(SegmentRow.customer_id, SegmentRow.segment).where(
            SegmentRow.customer_id.in_(ids)
        )
    ):
        segments[customer_id].append(segment)
    for customer_id, category in session.execute(
        select(TopicRow.customer_id, TopicRow.category).where(
            TopicRow.customer_id.in_(ids)
        )
    ):
        topics[customer_id].append(category)
    return segments, topics


def _history(
    session: Session, ids: set[CustomerID], details: Details
) -> dict[CustomerID, list[PastPurchase]]:
    found: defaultdict[CustomerID, list[PastPurchase]] = defaultdict(list)
    rows = session.execute(
        select(
            PurchaseRow.customer_id,
            PurchaseRow.at,
            kept_net(),
            PurchaseRow.currency,
        ).where(
            PurchaseRow.customer_id.in_(ids),
            is_kept(),
            true()
            if details.history_since is None
            else PurchaseRow.at >= details.history_since,
        )
    )
    for customer_id, at, net, currency in rows:
        if customer_id is not None:
            money = Money(amount=int(net), currency=currency)
            found[customer_id].append(PastPurchase(at=at, net=money))
    return found


def _birthday(session: Session, row: CustomerRow) -> date | None:
    vault = member_vault(session, row)
    if vault is None or row.birthday is None:
        return None
    return date.fromisoformat(vault.open("customer.birthday", row.birthday))
