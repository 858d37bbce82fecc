"""Customers and messages for the fault tests: who may get what, and who must not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import update

from loyalty.core.database import Database
from loyalty.customers.models import CustomerRow
from loyalty.customers.values import CustomerID
from loyalty.delivery import service as delivery
from loyalty.delivery.values import (
    DeliveryPolicy,
    MessageID,
    MessageState,
    NewMessage,
    Planned,
)
from tests.factories import make_shop
from tests.integration.delivery.shop import add_members, marketing, service

POLICY = DeliveryPolicy(quiet=(), max_per_week=2)
_AT_ONCE = 1000
_MEMBERS = {"capped": 0.01, "service": 0.2}
EACH_CAPPED = 3
_TUESDAY = 1


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How many messages were planned, and of which kinds."""

    messages: int
    """Those that may go."""

    above_caps: int
    """Those that a cap must stop, whichever they are."""

    capped: frozenset[CustomerID]
    """Customers who take one a week, and were planned three."""


def next_tuesday(now: datetime) -> datetime:
    """Return a noon from which on everything is in one week of the calendar."""
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    return noon + timedelta(days=(_TUESDAY - noon.weekday()) % 7 or 7)


def open_shop(database: Database) -> None:
    """Set up the programme."""
    with database.transaction() as session:
        make_shop(session)


def plan_many(database: Database, count: int, *, now: datetime) -> Wanted:
    """
    Plan so many messages that may go and are due, a fifth of them for service.

    One customer in a hundred takes one offer a week and is planned three.
    """
    capped, served = int(count * _MEMBERS["capped"]), int(count * _MEMBERS["service"])
    offers = count - served - capped
    people = [CustomerID(number + 1) for number in range(-(-offers // 2))]
    few = [CustomerID(len(people) + number + 1) for number in range(capped)]
    with database.transaction() as session:
        for first in range(0, len(people) + capped, _AT_ONCE):
            size = min(_AT_ONCE, len(people) + capped - first)
            add_members(session, size, first=first + 1)
    wanted = [_offer(id_, turn, now) for turn in "ab" for id_ in people][:offers]
    wanted += [_offer(id_, turn, now) for turn in "ab" for id_ in few]
    wanted += list(_service(served, people))
    _plan(database, wanted, now=now)
    _plan(database, [_offer(id_, "c", now) for id_ in few], now=now, cap=EACH_CAPPED)
    with database.transaction() as session:
        # They lower their cap when all is planned: the last look must keep it.
        session.execute(
            update(CustomerRow).where(CustomerRow.id.in_(few)).values(max_per_week=1)
        )
    return Wanted(
        messages=count,
        above_caps=capped * (EACH_CAPPED - 1),
        capped=frozenset(few),
    )


def plan_offers(
    database: Database, people: list[CustomerID], occasion: str, *, now: datetime
) -> list[MessageID]:
    """Plan an offer for each of these customers, which is due at once."""
    wanted = [_offer(id_, occasion, now) for id_ in people]
    planned = _plan(database, wanted, now=now, cap=1000)
    assert all(message.state is MessageState.PLANNED for message in planned)
    return [message.id for message in planned]


def _plan(
    database: Database, wanted: list[NewMessage], *, now: datetime, cap: int = 2
) -> list[Planned]:
    policy = replace(POLICY, max_per_week=cap)
    planned: list[Planned] = []
    for first in range(0, len(wanted), _AT_ONCE):
        with database.transaction() as session:
            planned += delivery.plan_messages(
                session,
                messages=wanted[first : first + _AT_ONCE],
                policy=policy,
                now=now - timedelta(hours=2),
            )
    return planned


def _offer(customer_id: CustomerID, occasion: str, now: datetime) -> NewMessage:
    return marketing(customer_id, occasion=occasion, not_after=now + timedelta(days=3))


def _service(count: int, people: list[CustomerID]) -> Iterator[NewMessage]:
    for number in range(count):
        turn, place = divmod(number, len(people))
        yield service(people[place], occasion=f"{turn}")
