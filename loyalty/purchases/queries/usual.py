"""What a line of a purchase usually is."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.purchases.models import PurchaseLineRow, PurchaseRow


class UsualLine(NamedTuple):
    """How often an article was bought, and what its lines came to together."""

    lines: int
    gross: int
    """In minor units, before discounts."""


def usual_lines(session: Session, *, since: datetime) -> dict[str, UsualLine]:
    """Return by sku what was bought from this moment on."""
    rows = session.execute(
        select(PurchaseLineRow.sku, func.count(), func.sum(PurchaseLineRow.gross))
        .join(PurchaseRow, PurchaseRow.id == PurchaseLineRow.purchase_id)
        .where(PurchaseRow.at >= since)
        .group_by(PurchaseLineRow.sku)
    )
    return {sku: UsualLine(lines, int(gross)) for sku, lines, gross in rows}
