"""Reading purchases."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    Text,
    any_,
    cast,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.money import Money
from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import STANDING, records_of
from loyalty.customers.values import CustomerID
from loyalty.purchases.models import PurchaseLineRow, PurchaseRow
from loyalty.purchases.values import (
    LineShares,
    Purchase,
    PurchaseID,
    PurchaseLine,
    Run,
)
from loyalty.stores.values import StoreID


@dataclass(frozen=True, kw_only=True, slots=True)
class Takings:
    """What was bought in a period; money in minor units of the programme."""

    purchases: int
    net: int
    discount: int
    simulated: int
    """How many of the purchases were made by simulated shoppers."""


_BATCH = 50_000
_IDS = ARRAY(BigInteger)
_TEXTS = ARRAY(Text)


class PurchaseNotFound(NotFound):
    """There is no such purchase."""

    code = "purchase_not_found"


def find_by_request(
    session: Session, *, recorded_by: str, request_key: str
) -> PurchaseRow | None:
    """Return the purchase that this request recorded before, for services."""
    return session.scalar(
        select(PurchaseRow).where(
            PurchaseRow.recorded_by == recorded_by,
            PurchaseRow.request_key == request_key,
        )
    )


def recorded_receipts(
    session: Session, *, receipts: Collection[str]
) -> set[tuple[StoreID, str]]:
    """Return which of these receipt numbers are recorded, and in which stores."""
    rows = session.execute(
        select(PurchaseRow.store_id, PurchaseRow.receipt).where(
            PurchaseRow.receipt == any_(literal(list(receipts), _TEXTS))
        )
    )
    return {(store_id, receipt) for store_id, receipt in rows}


def get_purchase(session: Session, *, purchase_id: PurchaseID) -> Purchase:
    """
    Return one purchase with its lines.

    :raises PurchaseNotFound: if there is none
    """
    row = session.get(PurchaseRow, purchase_id)
    if row is None:
        message = f"There is no purchase {purchase_id}."
        raise PurchaseNotFound(message)
    lines = session.scalars(
        select(PurchaseLineRow)
        .where(PurchaseLineRow.purchase_id == purchase_id)
        .order_by(PurchaseLineRow.line)
    )
    return to_value(row, tuple(_line(line, row.currency) for line in lines))


def list_purchases(
    session: Session,
    *,
    customer_id: CustomerID,
    since: datetime | None = None,
    limit: int = 50,
) -> tuple[Purchase, ...]:
    """Return the customer's latest purchases without their lines, newest first."""
    records = records_of(session, customer_id=customer_id)
    statement = (
        select(PurchaseRow)
        .where(PurchaseRow.customer_id.in_(records))
        .order_by(PurchaseRow.at.desc(), PurchaseRow.id.desc())
        .limit(limit)
    )
    if since is not None:
        statement = statement.where(PurchaseRow.at >= since)
    return tuple(to_value(row, ()) for row in session.scalars(statement))


def line_counts(
    session: Session, *, purchase_ids: Collection[PurchaseID]
) -> dict[PurchaseID, int]:
    """Return how many lines each of these purchases has."""
    rows = session.execute(
        select(PurchaseLineRow.purchase_id, func.count())
        .where(PurchaseLineRow.purchase_id.in_(purchase_ids))
        .group_by(PurchaseLineRow.purchase_id)
    )
    return {purchase_id: count for purchase_id, count in rows}  # noqa: C416  # no pairs


def saved_since(session: Session, *, customer_id: CustomerID, since: datetime) -> int:
    """Return the discounts that the customer got, in minor units."""
    records = records_of(session, customer_id=customer_id)
    total = session.scalar(
        select(func.coalesce(func.sum(PurchaseRow.discount), 0)).where(
            PurchaseRow.customer_id.in_(records), PurchaseRow.at >= since
        )
    )
    return int(total or 0)


def takings(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    stores: Collection[int] | None = None,
) -> Takings:
    """Return what was bought from one moment until another; no stores means all."""
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(PurchaseRow.net), 0),
            func.coalesce(func.sum(PurchaseRow.discount), 0),
            func.count().filter(PurchaseRow.simulated),
        ).where(
            PurchaseRow.at >= since,
            PurchaseRow.at < until,
            true() if stores is None else PurchaseRow.store_id.in_(stores),
        )
    ).one()
    return Takings(
        purchases=row[0], net=int(row[1]), discount=int(row[2]), simulated=row[3]
    )


def net_by_day(
    session: Session,
    *,
    since: datetime,
    zone: ZoneInfo,
    stores: Collection[int] | None = None,
) -> dict[date, int]:
    """Return what was paid on each day of the zone; days without sales are absent."""
    day = cast(func.timezone(zone.key, PurchaseRow.at), Date).label("day")
    rows = session.execute(
        select(day, func.sum(PurchaseRow.net))
        .where(
            PurchaseRow.at >= since,
            true() if stores is None else PurchaseRow.store_id.in_(stores),
        )
        .group_by(day)
    )
    return {bought_on: int(net) for bought_on, net in rows}


def to_value(row: PurchaseRow, lines: tuple[PurchaseLine, ...]) -> Purchase:
    """Turn a row into what the rest of the service sees."""

    def money(amount: int) -> Money:
        return Money(amount=amount, currency=row.currency)

    return Purchase(
        id=row.id,
        customer_id=row.customer_id,
        store_id=row.store_id,
        receipt=row.receipt,
        at=row.at,
        gross=money(row.gross),
        discount=money(row.discount),
        net=money(row.net),
        lines=lines,
        delivery=money(row.delivery),
        payment=row.payment,
        simulated=row.simulated,
    )


def _line(row: PurchaseLineRow, currency: str) -> PurchaseLine:
    def money(amount: int) -> Money:
        return Money(amount=amount, currency=currency)

    return PurchaseLine(
        line=row.line,
        sku=row.sku,
        quantity=row.quantity,
        unit_price=money(row.unit_price),
        gross=money(row.gross),
        discount=money(row.discount),
        net=money(row.net),
        shares=read_shares(row.shares),
    )


def read_shares(given: Mapping[str, Any] | None) -> LineShares | None:
    """Read what each unit of a line costs, as it was frozen."""
    if given is None:
        return None
    return LineShares(
        units=given["units"],
        net=_runs(given["net"]),
        applications={
            code: _runs(runs) for code, runs in given["applications"].items()
        },
    )


def _runs(given: Sequence[Sequence[int]]) -> tuple[Run, ...]:
    return tuple((amount, count) for amount, count in given)


def bought_lines(
    session: Session, *, zone: str, customer_ids: Collection[CustomerID]
) -> Iterator[tuple[CustomerID, str, int, int, int]]:
    """
    Yield every line that these customers bought, in no order.

    :param zone: where a purchase's day is counted
    :returns: customer, sku, days since 1970-01-01, whole units (at least 1) and
        minor units paid, for each line
    """
    day = cast(func.timezone(zone, PurchaseRow.at), Date) - date(1970, 1, 1)
    statement = (
        select(
            STANDING,
            PurchaseLineRow.sku,
            cast(day, Integer),
            cast(func.greatest(func.ceil(PurchaseLineRow.quantity), 1), Integer),
            PurchaseLineRow.net,
        )
        .join(PurchaseLineRow, PurchaseLineRow.purchase_id == PurchaseRow.id)
        .join(CustomerRow, CustomerRow.id == PurchaseRow.customer_id)
        .where(any_(literal(list(customer_ids), _IDS)) == STANDING)
        .execution_options(yield_per=_BATCH)
    )
    for customer_id, sku, day_number, quantity, net in session.execute(statement):
        yield CustomerID(customer_id), sku, day_number, quantity, net


def largest_purchase(session: Session, *, since: datetime) -> int | None:
    """Return the most that was bought at once, before discounts, in minor units."""
    return session.scalar(
        select(func.max(PurchaseRow.gross)).where(PurchaseRow.at >= since)
    )
