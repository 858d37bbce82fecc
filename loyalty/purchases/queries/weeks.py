"""The weeks that imported purchases had where they came from."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from loyalty.purchases.models import PurchaseRow


def source_weeks(session: Session, *, zone: str) -> Mapping[int, date]:
    """
    Return the first day with a purchase of each week that the source numbered.

    :param zone: where a purchase's day is counted
    """
    day = cast(func.timezone(zone, func.min(PurchaseRow.at)), Date)
    rows = session.execute(
        select(PurchaseRow.source_week, day)
        .where(PurchaseRow.source_week.is_not(None))
        .group_by(PurchaseRow.source_week)
    )
    return {week: first for week, first in rows if week is not None}
