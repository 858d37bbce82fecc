"""What the customer wants: channels in order, hours, topics, how often."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import delete
from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.core.periods import WeeklyWindow
from loyalty.core.texts import gettext as _
from loyalty.customers import queries
from loyalty.customers.models import ChannelRow, ContactWindowRow, TopicRow
from loyalty.customers.service.changes import note_changes
from loyalty.customers.values import Channel, CustomerID

MOST_A_WEEK = 14


def set_channels(
    session: Session, *, customer_id: CustomerID, channels: Sequence[Channel]
) -> None:
    """
    Replace the order of channels; the first is tried first.

    :raises Invalid: if one stands twice
    """
    if len(set(channels)) != len(channels):
        message = "Each channel may stand once."
        raise Invalid.field(pointer="/channels", message=message, code="channel_twice")
    session.execute(delete(ChannelRow).where(ChannelRow.customer_id == customer_id))
    session.add_all(
        ChannelRow(customer_id=customer_id, position=position, channel=channel)
        for position, channel in enumerate(channels)
    )
    session.flush()


def set_time_zone(session: Session, *, customer_id: CustomerID, time_zone: str) -> None:
    """
    Change on whose clock the customer's hours are.

    :raises Invalid: if there is no such zone
    """
    if time_zone not in available_timezones():
        message = _("Choose a time zone, such as Europe/Warsaw.")
        raise Invalid.field(pointer="/time_zone", message=message, code="unknown")
    queries.get_row(session, customer_id=customer_id).time_zone = time_zone


def set_windows(
    session: Session, *, customer_id: CustomerID, windows: Sequence[WeeklyWindow]
) -> None:
    """
    Replace the hours in which the customer wants to be reached; none means any.

    :raises Invalid: if a window does not end after its beginning on the same day
    """
    session.execute(
        delete(ContactWindowRow).where(ContactWindowRow.customer_id == customer_id)
    )
    for place, window in enumerate(windows):
        if not window.start < window.until:
            message = "The end must be later than the beginning, on the same day."
            raise Invalid.field(
                pointer=f"/windows/{place}", message=message, code="window_empty"
            )
        session.add_all(
            ContactWindowRow(
                customer_id=customer_id,
                weekday=day,
                from_minute=window.start,
                until_minute=window.until,
            )
            for day in sorted(window.days)
        )
    session.flush()


def set_topics(
    session: Session, *, customer_id: CustomerID, topics: Sequence[str]
) -> None:
    """Replace the categories that the customer is interested in."""
    session.execute(delete(TopicRow).where(TopicRow.customer_id == customer_id))
    session.add_all(
        TopicRow(customer_id=customer_id, category=category)
        for category in sorted(set(topics))
    )
    session.flush()
    note_changes(session, customer_id)


def set_frequency(
    session: Session,
    *,
    customer_id: CustomerID,
    max_per_week: int | None,
    pause_until: datetime | None,
) -> None:
    """
    Change how often the customer is written to; None means the programme's cap.

    :raises Invalid: if the number is not between 0 and 14
    """
    if max_per_week is not None and not 0 <= max_per_week <= MOST_A_WEEK:
        message = f"Choose a number from 0 to {MOST_A_WEEK}."
        raise Invalid.field(
            pointer="/max_per_week", message=message, code="out_of_range"
        )
    row = queries.get_row(session, customer_id=customer_id)
    row.max_per_week = max_per_week
    row.pause_until = pause_until
