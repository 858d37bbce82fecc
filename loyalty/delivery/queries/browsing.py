"""Looking through messages, of which there may be a hundred million."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.errors import QueryCanceled
from sqlalchemy import Select, select, text, tuple_
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.core.paging import Page, page_of
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.messages import Delivery, delivery_of
from loyalty.delivery.values import PENDING, MessageState, Reason

PATIENCE: Final = "3s"
"""How long the database may search, in PostgreSQL's words."""

_SIZE: Final = 50


class TooManyToSearch(Refused):
    """The filter finds its messages among too many others; a day narrows it."""

    code = "too_many_to_search"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """Which messages; None is any."""

    state: MessageState | None = None
    channel: Channel | None = None
    reason: Reason | None = None
    campaign_id: int | None = None
    customer_id: CustomerID | None = None
    since: datetime | None = None
    """With ``until``: those that ended in this time, or are due in it if they wait."""

    until: datetime | None = None

    @property
    def by_end(self) -> bool:
        """Whether they are read in the order in which they ended."""
        waits = self.state in PENDING
        return not waits and (self.since is not None or self.state is not None)


def browse(
    session: Session, *, sought: Sought, cursor: str | None = None
) -> Page[Delivery]:
    """
    Return messages, those that ended last first, or else the newest plan first.

    :param cursor: where the page before ended; one that is none begins anew
    :raises TooManyToSearch: if it takes more than ``PATIENCE``; the
        transaction can't be used any more then
    """
    rows = select(MessageRow)
    for column in ("state", "channel", "reason", "campaign_id", "customer_id"):
        value = getattr(sought, column)
        if value is not None:
            rows = rows.where(getattr(MessageRow, column) == value)
    rows = _placed(rows, sought, cursor).limit(_SIZE + 1)
    session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
    try:
        items = [delivery_of(row) for row in session.scalars(rows)]
    except OperationalError as problem:
        if not isinstance(problem.orig, QueryCanceled):
            raise
        message = "There are too many messages to search. Choose a day."
        raise TooManyToSearch(message) from problem
    session.execute(text("SET LOCAL statement_timeout = DEFAULT"))
    return page_of(
        items, size=_SIZE, cursor=_by_end if sought.by_end else lambda one: str(one.id)
    )


def _placed(
    rows: Select[MessageRow], sought: Sought, cursor: str | None
) -> Select[MessageRow]:
    """Put the rows in order, from the cursor on, within the time sought."""
    moment = MessageRow.finished_at if sought.by_end else MessageRow.due_at
    if sought.since is not None and sought.until is not None:
        rows = rows.where(moment >= sought.since, moment < sought.until)
    ended, _comma, number = (cursor or "").rpartition(",")
    last = int(number) if number.isascii() and number.isdigit() else None
    if not sought.by_end:
        if last is not None:
            rows = rows.where(MessageRow.id < last)
        return rows.order_by(MessageRow.id.desc())
    if last is not None and (at := _moment(ended)) is not None:
        place = tuple_(MessageRow.finished_at, MessageRow.id)
        rows = rows.where(place < tuple_(at, last))
    rows = rows.where(MessageRow.finished_at.is_not(None))
    return rows.order_by(MessageRow.finished_at.desc(), MessageRow.id.desc())


def _by_end(one: Delivery) -> str:
    return f"{one.finished_at.isoformat() if one.finished_at else ''},{one.id}"


def _moment(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
