"""Customers as planning, checking and hand-over see them, many at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Row, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session

from loyalty.core.periods import WeeklyWindow
from loyalty.core.vault import vault_of
from loyalty.customers.models import (
    ChannelRow,
    ConsentRow,
    ContactRow,
    ContactWindowRow,
    CustomerRow,
)
from loyalty.customers.queries import (
    counted_for,
    get_row,
    measured_customers,
    member_vault,
)
from loyalty.customers.values import (
    CHANNEL_CONTACT,
    NO_ADDRESS,
    Channel,
    ContactID,
    ContactKind,
    CustomerID,
    CustomerStatus,
    Purpose,
)
from loyalty.delivery.models import HabitRow, MessageRow, WeeklyUseRow
from loyalty.delivery.values import MessageKind, MessageState, Person, Recipient

_LOOKED_AT = (
    CustomerRow.id,
    CustomerRow.status,
    CustomerRow.time_zone,
    CustomerRow.language,
    CustomerRow.pause_until,
    CustomerRow.max_per_week,
)
# Columns and no objects: a session takes longer over an object than the key does.
_OPENED = (
    CustomerRow.id,
    CustomerRow.time_zone,
    CustomerRow.member_key,
    CustomerRow.first_name,
)
_CONTACT = (
    ContactRow.id,
    ContactRow.customer_id,
    ContactRow.kind,
    ContactRow.value,
    ContactRow.verified_at,
)
_Contact = Row[ContactID, CustomerID, ContactKind, bytes, datetime | None]
_LONGEST_WEEK = timedelta(days=8)


def recipients(
    session: Session, *, customer_ids: Collection[CustomerID], now: datetime
) -> dict[CustomerID, Recipient]:
    """Return what planning needs of each customer; unknown ones are left out."""
    ids = set(customer_ids)
    rows = session.execute(select(*_LOOKED_AT).where(_among(CustomerRow.id, ids))).all()
    channels = _channels(session, ids)
    verified, unverified = _addresses(session, ids)
    consents = marketing_consents(session, ids)
    windows = _declared(session, ids)
    habits = _habits(session, ids)
    weeks = _weeks(session, ids, now)
    return {
        row.id: Recipient(
            customer_id=row.id,
            zone=row.time_zone,
            language=row.language,
            erased=row.status is CustomerStatus.ERASED,
            channels=tuple(channels[row.id]),
            reachable=NO_ADDRESS | verified[row.id],
            unverified=frozenset(unverified[row.id]),
            consents=_standing_consents(row.id, row.status, consents),
            windows=tuple(windows[row.id]),
            learned=_windows(habits[row.id].windows) if row.id in habits else (),
            usual=_usual(habits[row.id].channels) if row.id in habits else (),
            pause_until=row.pause_until,
            max_per_week=row.max_per_week,
            weeks=dict(weeks[row.id]),
        )
        for row in rows
    }


def people(
    session: Session, *, customer_ids: Collection[CustomerID]
) -> dict[CustomerID, Person]:
    """Open first names and working addresses; erased people have neither."""
    ids = set(customer_ids)
    contacts = _working_contacts(session, ids)
    measured = measured_customers(session, among=ids)
    opened = {}
    with_key = _among(CustomerRow.id, ids), CustomerRow.member_key.is_not(None)
    for row in session.execute(select(*_OPENED).where(*with_key)):
        vault = vault_of(session).member(row.member_key, member=row.id)
        by_kind = _first_of_each_kind(contacts[row.id])
        values = {
            one.id: vault.open("contact", one.value)
            if one.customer_id == row.id
            else _open_contact(session, one)  # of a record that was merged into it
            for one in contacts[row.id]
        }
        opened[row.id] = Person(
            first_name=vault.open("customer.first_name", row.first_name)
            if row.first_name
            else None,
            zone=row.time_zone,
            addresses={
                channel: values[by_kind[kind].id]
                for channel, kind in CHANNEL_CONTACT.items()
                if kind in by_kind
            },
            contacts=values,
            measured=row.id in measured,
        )
    return opened


def _among(
    column: InstrumentedAttribute[CustomerID], ids: Collection[CustomerID]
) -> ColumnElement[bool]:
    """Return the condition as one parameter, however many customers there are."""
    return column == any_(literal(list(ids), ARRAY(BigInteger)))


def _first_of_each_kind(
    contacts: Iterable[_Contact],
) -> dict[ContactKind | None, _Contact]:
    """Prefer a verified address, then the older one."""
    order = sorted(contacts, key=lambda row: (row.verified_at is None, row.id))
    return {row.kind: row for row in reversed(order)}


def _channels(
    session: Session, ids: set[CustomerID]
) -> defaultdict[CustomerID, list[Channel]]:
    found: defaultdict[CustomerID, list[Channel]] = defaultdict(list)
    rows = select(ChannelRow.customer_id, ChannelRow.channel).where(
        _among(ChannelRow.customer_id, ids)
    )
    for customer_id, channel in session.execute(rows.order_by(ChannelRow.position)):
        found[customer_id].append(channel)
    return found


def _addresses(
    session: Session, ids: set[CustomerID]
) -> tuple[
    defaultdict[CustomerID, set[Channel]], defaultdict[CustomerID, set[Channel]]
]:
    verified: defaultdict[CustomerID, set[Channel]] = defaultdict(set)
    unverified: defaultdict[CustomerID, set[Channel]] = defaultdict(set)
    by_kind = {kind: one for one, kind in CHANNEL_CONTACT.items() if kind}
    counts = counted_for(session, customer_ids=ids)
    rows = select(ContactRow.customer_id, ContactRow.kind, ContactRow.verified_at)
    working = _among(ContactRow.customer_id, counts), ContactRow.suppressed_at.is_(None)
    for owner, kind, verified_at in session.execute(rows.where(*working)):
        for customer_id in counts[owner]:
            found = unverified if verified_at is None else verified
            found[customer_id].add(by_kind[kind])
    for customer_id, proven in verified.items():
        unverified[customer_id] -= proven
    return verified, unverified


def _working_contacts(
    session: Session, ids: set[CustomerID]
) -> defaultdict[CustomerID, list[_Contact]]:
    """Return the addresses of each person, those of merged records among them."""
    counts = counted_for(session, customer_ids=ids)
    found: defaultdict[CustomerID, list[_Contact]] = defaultdict(list)
    rows = select(*_CONTACT).where(
        _among(ContactRow.customer_id, counts), ContactRow.suppressed_at.is_(None)
    )
    for row in session.execute(rows.order_by(ContactRow.id)):
        for customer_id in counts[row.customer_id]:
            found[customer_id].append(row)
    return found


def _open_contact(session: Session, row: _Contact) -> str:
    vault = member_vault(session, get_row(session, customer_id=row.customer_id))
    if vault is None:
        message = f"contact {row.id} is left although its member was erased"
        raise RuntimeError(message)
    return vault.open("contact", row.value)


def _standing_consents(
    customer_id: CustomerID,
    status: CustomerStatus,
    consents: dict[CustomerID, set[Channel]],
) -> frozenset[Channel]:
    """Nothing may be sent to a merged record but what serves a purchase."""
    if status is CustomerStatus.MERGED:
        return frozenset()
    return frozenset(consents[customer_id])


def marketing_consents(
    session: Session, ids: set[CustomerID]
) -> defaultdict[CustomerID, set[Channel]]:
    """Return the channels whose latest statement about offers is a yes."""
    found: defaultdict[CustomerID, set[Channel]] = defaultdict(set)
    latest = (
        select(ConsentRow.customer_id, ConsentRow.channel, ConsentRow.given)
        .ext(distinct_on(ConsentRow.customer_id, ConsentRow.channel))
        .where(
            _among(ConsentRow.customer_id, ids), ConsentRow.purpose == Purpose.MARKETING
        )
        .order_by(ConsentRow.customer_id, ConsentRow.channel, ConsentRow.id.desc())
    )
    for customer_id, channel, given in session.execute(latest):
        if given and channel is not None:
            found[customer_id].add(channel)
    return found


def _declared(
    session: Session, ids: set[CustomerID]
) -> defaultdict[CustomerID, list[WeeklyWindow]]:
    found: defaultdict[CustomerID, list[WeeklyWindow]] = defaultdict(list)
    rows = select(ContactWindowRow).where(_among(ContactWindowRow.customer_id, ids))
    for row in session.scalars(
        rows.order_by(ContactWindowRow.weekday, ContactWindowRow.from_minute)
    ):
        found[row.customer_id].append(
            WeeklyWindow(
                days=frozenset({row.weekday}),
                start=row.from_minute,
                until=row.until_minute,
            )
        )
    return found


def _habits(session: Session, ids: set[CustomerID]) -> dict[CustomerID, HabitRow]:
    rows = select(HabitRow).where(_among(HabitRow.customer_id, ids))
    return {row.customer_id: row for row in session.scalars(rows)}


def _windows(learned: Iterable[dict[str, int]]) -> tuple[WeeklyWindow, ...]:
    return tuple(
        WeeklyWindow(
            days=frozenset({one["day"]}), start=one["from"], until=one["until"]
        )
        for one in learned
    )


def _usual(learned: Iterable[str]) -> tuple[Channel, ...]:
    return tuple(Channel(one) for one in learned)


def _weeks(
    session: Session, ids: set[CustomerID], now: datetime
) -> defaultdict[CustomerID, defaultdict[date, int]]:
    """Count what went out and what is planned, from the present week on."""
    since = (now - _LONGEST_WEEK).date()
    found: defaultdict[CustomerID, defaultdict[date, int]] = defaultdict(
        lambda: defaultdict(int)
    )
    used = select(WeeklyUseRow.customer_id, WeeklyUseRow.week, WeeklyUseRow.used).where(
        _among(WeeklyUseRow.customer_id, ids), WeeklyUseRow.week >= since
    )
    planned = (
        select(MessageRow.customer_id, MessageRow.week, func.count())
        .where(
            _among(MessageRow.customer_id, ids),
            MessageRow.kind == MessageKind.MARKETING,
            MessageRow.state.in_((MessageState.PLANNED, MessageState.CLAIMED)),
            MessageRow.reserved_week.is_(None),
            MessageRow.week >= since,
        )
        .group_by(MessageRow.customer_id, MessageRow.week)
    )
    for rows in (session.execute(used).all(), session.execute(planned).all()):
        for customer_id, week, count in rows:
            if week is not None:
                found[customer_id][week] += count
    return found
