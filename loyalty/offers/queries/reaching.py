"""How many customers an audience has, and by which channels they can be reached."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from loyalty.customers.models import ConsentRow, ContactRow, CustomerRow
from loyalty.customers.queries import select_personalised
from loyalty.customers.values import CHANNEL_CONTACT, Channel, Purpose
from loyalty.offers.queries.audiences import select_audience
from loyalty.offers.values import Audience, Reach


def reach(
    session: Session,
    *,
    audience: Audience,
    channels: Collection[Channel],
    now: datetime,
) -> Reach:
    """
    Count an audience, and whom of it a message about an offer can reach.

    Reachable is who agreed to messages on a channel and has a working address for it;
    the inbox is open to whoever agreed on any. Hours and weekly caps are not counted:
    they change from hour to hour.

    :param channels: those that something stands behind
    """
    chosen = select_audience(session, audience=audience, now=now).subquery()
    agreed = chosen.c.id.in_(select_personalised())
    yes = _agreed_channels()
    ways = [one for one in Channel if one in channels]
    reached = {one: and_(agreed, _reached(one, chosen.c.id, yes)) for one in ways}
    row = session.execute(
        select(
            func.count(),
            func.count().filter(agreed),
            func.count().filter(or_(false(), *reached.values())),
            *(func.count().filter(condition) for condition in reached.values()),
        ).select_from(chosen)
    ).one()
    return Reach(
        customers=row[0],
        agreed=row[1],
        reachable=row[2],
        by_channel=dict(zip((one.value for one in ways), row[3:], strict=True)),
    )


def _agreed_channels() -> Subquery:
    """Return the channels whose latest statement of a customer is a yes."""
    latest = (
        select(ConsentRow.customer_id, ConsentRow.channel, ConsentRow.given)
        .ext(distinct_on(ConsentRow.customer_id, ConsentRow.channel))
        .where(ConsentRow.purpose == Purpose.MARKETING)
        .order_by(ConsentRow.customer_id, ConsentRow.channel, ConsentRow.id.desc())
        .subquery()
    )
    given = select(latest.c.customer_id, latest.c.channel).where(latest.c.given)
    return given.subquery()


def _reached(
    channel: Channel, who: ColumnElement[Any], yes: Subquery
) -> ColumnElement[bool]:
    said = select(yes.c.customer_id)
    kind = CHANNEL_CONTACT[channel]
    if kind is None:
        return who.in_(said)
    record = aliased(CustomerRow)
    address = exists().where(
        or_(record.id == who, record.merged_into == who),
        ContactRow.customer_id == record.id,
        ContactRow.kind == kind,
        ContactRow.verified_at.is_not(None),
        ContactRow.suppressed_at.is_(None),
    )
    return and_(who.in_(said.where(yes.c.channel == channel)), address)
