"""Short ways to move points in tests, and to look at what is there."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.points import service
from loyalty.points.models import LotRow, TransferRow
from loyalty.points.queries import standing
from loyalty.points.service import Spending
from loyalty.points.values import Earning, Moved, Request
from loyalty.purchases.models import PurchaseRow
from loyalty.purchases.values import PurchaseID
from loyalty.stores.queries import get_programme, get_store
from loyalty.stores.service import save_programme
from tests.factories import NOW, STORE

_numbers = count(1)


def asks(key: str | None = None, actor: str = "staff:1") -> Request:
    return Request(key=key or f"key-{next(_numbers)}", actor=actor)


def bought(session: Session, customer_id: CustomerID, cents: int = 5_000) -> PurchaseID:
    """Record a purchase as a row alone."""
    number = str(next(_numbers))
    row = PurchaseRow(
        customer_id=customer_id,
        store_id=get_store(session, code=STORE).id,
        sales_channel="till",
        receipt=f"r{number}",
        at=NOW,
        currency="EUR",
        gross=cents,
        discount=0,
        net=cents,
        delivery=0,
        simulated=False,
        recorded_at=NOW,
        recorded_by="key:1",
        request_key=f"purchase-{number}",
    )
    session.add(row)
    session.flush()
    return row.id


def earned(
    database: Database,
    customer_id: CustomerID,
    points: int,
    *,
    purchase_id: int | None = None,
    key: str | None = None,
    now: datetime = NOW,
) -> Moved:
    with database.transaction() as session:
        return service.earn(
            session,
            customer_id=customer_id,
            earning=Earning(points=points, request=asks(key), purchase_id=purchase_id),
            now=now,
        )


def spent(
    database: Database,
    customer_id: CustomerID,
    points: int,
    *,
    key: str | None = None,
    hold: str | None = None,
    now: datetime = NOW,
) -> Moved:
    with database.transaction() as session:
        return service.spend(
            session,
            customer_id=customer_id,
            spending=Spending(points=points, request=asks(key), hold=hold),
            now=now,
        )


def with_rule(database: Database, **changes: object) -> None:
    """Change the programme's points rule."""
    with database.transaction() as session:
        programme = get_programme(session)
        rule = replace(programme.points_rule, **changes)  # type: ignore[arg-type]  # fields by name
        save_programme(
            session,
            programme=replace(programme, points_rule=rule),
            actor="system",
            now=NOW,
        )


def points_of(
    database: Database, customer_id: CustomerID, now: datetime = NOW
) -> tuple[int, int, int]:
    """Return what is available, pending and held."""
    with database.transaction() as session:
        found = standing(session, customer_id=customer_id, now=now)
    return found.available, found.pending, found.held


def lots(database: Database, customer_id: CustomerID) -> list[tuple[int, int]]:
    """Return points and what remains of each lot, in the order they came."""
    with database.transaction() as session:
        rows = session.execute(
            select(LotRow.points, LotRow.remaining)
            .where(LotRow.customer_id == customer_id)
            .order_by(LotRow.transfer_version, LotRow.place)
        )
        return [(points, remaining) for points, remaining in rows]


def transfers(database: Database, customer_id: CustomerID) -> int:
    with database.transaction() as session:
        found = session.scalar(
            select(func.count()).where(TransferRow.customer_id == customer_id)
        )
    return found or 0


def days(number: int) -> timedelta:
    return timedelta(days=number)
