"""What happened to customers that sets a campaign off, found in the rows themselves."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from loyalty.core.periods import business_day
from loyalty.core.vault import vault_of
from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import STANDING, marks_on, select_records
from loyalty.customers.values import CustomerID
from loyalty.offers.models import CampaignMemberRow, CampaignRow
from loyalty.offers.queries.audiences import select_served
from loyalty.offers.values import GOING, Campaign, EventKind, Happened, OnEvent
from loyalty.points.models import LotRow
from loyalty.purchases.models import PurchaseRow
from loyalty.stores.queries import get_programme

LOOK_BACK: Final = timedelta(days=14)
"""What nobody came to for so long is left: nobody is welcomed after a month."""


def happened(
    session: Session, *, campaign: Campaign, now: datetime, at_most: int = 5_000
) -> tuple[Happened, ...]:
    """
    Return whom something has happened to that sets the campaign off, not met yet.

    It is asked of purchases, points and birthdays, not of messages in a queue: nothing
    is missed when jobs are lost, and nobody is met twice for the same occasion.
    """
    trigger = campaign.trigger
    if not isinstance(trigger, OnEvent):
        return ()
    found: list[Happened] = []
    for statement in _FINDERS[trigger.event](session, campaign, trigger, now):
        events = statement.subquery()
        who, occasion = events.c.who, events.c.occasion
        served = select_served(session, audience=campaign.audience, now=now)
        rows = session.execute(
            select(who, occasion)
            .where(who.in_(served), ~_met(campaign, who, occasion))
            .order_by(who)
            .limit(at_most - len(found))
        )
        found += [
            Happened(customer_id=CustomerID(customer_id), occasion=text)
            for customer_id, text in rows
        ]
        if len(found) >= at_most:
            break
    return tuple(found)


def is_welcomed(session: Session, *, customer_id: CustomerID, now: datetime) -> bool:
    """Test whether the customer's only purchase is one that a campaign waits for."""
    waits = exists().where(
        CampaignRow.state.in_(GOING),
        CampaignRow.trigger.has_key(EventKind.FIRST_PURCHASE.value),
        CampaignRow.starts_at <= now,
        CampaignRow.ends_at > now,
    )
    if not session.scalar(select(waits)):
        return False
    records = select_records(customer_id)
    some = select(PurchaseRow.id).where(PurchaseRow.customer_id.in_(records)).limit(2)
    return len(session.scalars(some).all()) == 1


def _met(
    campaign: Campaign, who: ColumnElement[Any], occasion: ColumnElement[Any]
) -> ColumnElement[bool]:
    return exists().where(
        CampaignMemberRow.campaign_id == campaign.id,
        CampaignMemberRow.customer_id == who,
        CampaignMemberRow.occasion == occasion,
    )


_Statements = list[Select[Any, str]]


def _birthdays(
    session: Session, _campaign: Campaign, trigger: OnEvent, now: datetime
) -> _Statements:
    """Return a statement for each day that is not further away than asked."""
    today = business_day(now, get_programme(session).time_zone)
    vault = vault_of(session)
    return [
        select(
            CustomerRow.id.label("who"),
            literal(f"{trigger.event}:{day}").label("occasion"),
        ).where(CustomerRow.birthday_mark.in_(marks_on(vault, day)))
        for day in (today + timedelta(days=ahead) for ahead in range(trigger.days + 1))
    ]


def _first_purchases(
    _session: Session, campaign: Campaign, trigger: OnEvent, now: datetime
) -> _Statements:
    since = max(campaign.starts_at, now - LOOK_BACK)
    buyers = _buyers(since, now)
    return [
        select(buyers.c.who, literal(trigger.event.value).label("occasion")).where(
            ~_bought(buyers.c.who, PurchaseRow.at < since)
        )
    ]


def _lapsed(
    session: Session, campaign: Campaign, trigger: OnEvent, now: datetime
) -> _Statements:
    """Return who bought last so many days ago, since the campaign began."""
    silent = timedelta(days=trigger.days)
    until = now - silent
    buyers = _buyers(max(campaign.starts_at, now - LOOK_BACK) - silent, until)
    zone = get_programme(session).time_zone
    day = func.to_char(func.timezone(zone.key, buyers.c.last), "YYYY-MM-DD")
    return [
        select(
            buyers.c.who, func.concat(f"{trigger.event}:", day).label("occasion")
        ).where(~_bought(buyers.c.who, PurchaseRow.at > until))
    ]


def _points(
    session: Session, _campaign: Campaign, trigger: OnEvent, now: datetime
) -> _Statements:
    """Return whose points expire; those of one month are one occasion."""
    zone = get_programme(session).time_zone
    month = func.to_char(
        func.timezone(zone.key, func.min(LotRow.expires_at)), "YYYY-MM"
    )
    return [
        select(
            LotRow.customer_id.label("who"),
            func.concat(f"{trigger.event}:", month).label("occasion"),
        )
        .where(
            LotRow.remaining > 0,
            LotRow.matures_at.is_(None),
            LotRow.expires_at > now,
            LotRow.expires_at <= now + timedelta(days=trigger.days),
        )
        .group_by(LotRow.customer_id)
    ]


def _buyers(since: datetime, until: datetime) -> Subquery:
    """Return who bought in a time, and when last, merged records as one."""
    return (
        select(STANDING.label("who"), func.max(PurchaseRow.at).label("last"))
        .join(PurchaseRow, PurchaseRow.customer_id == CustomerRow.id)
        .where(PurchaseRow.at >= since, PurchaseRow.at <= until)
        .group_by(STANDING)
        .subquery()
    )


def _bought(who: ColumnElement[Any], when: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that some record of the customer has such a purchase."""
    record = aliased(CustomerRow)
    return exists().where(
        or_(record.id == who, record.merged_into == who),
        PurchaseRow.customer_id == record.id,
        when,
    )


_FINDERS: Mapping[
    EventKind, Callable[[Session, Campaign, OnEvent, datetime], _Statements]
] = {
    EventKind.BIRTHDAY: _birthdays,
    EventKind.FIRST_PURCHASE: _first_purchases,
    EventKind.LAPSED: _lapsed,
    EventKind.POINTS_EXPIRING: _points,
}
