"""Members with points, for tests of what they share."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.points.service import earn
from loyalty.points.values import Earning, Request
from tests.factories import NOW, enrol


def member(session: Session, contact: str, points: int = 0) -> CustomerID:
    """Enrol somebody with so many points."""
    customer_id = enrol(session, contact).profile.id
    if points:
        add_points(session, customer_id, points)
    return customer_id


def add_points(
    session: Session, customer_id: CustomerID, points: int, *, now: datetime = NOW
) -> None:
    """Credit points that can be spent at once."""
    request = Request(key=f"start:{now.isoformat()}:{points}", actor="system")
    earning = Earning(points=points, request=request, immediately=True)
    earn(session, customer_id=customer_id, earning=earning, now=now)


def asked(key: str) -> Request:
    """Return a request of a customer's."""
    return Request(key=key, actor="customer:1")


LATER = NOW + timedelta(days=1)
