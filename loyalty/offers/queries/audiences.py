"""Who is in an audience, asked of all customers at once."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from loyalty.catalogue.models import ProductRow
from loyalty.core.periods import at_minute, business_day, local_moment
from loyalty.core.vault import Vault, vault_of
from loyalty.customers.models import CustomerRow, SegmentRow, TopicRow
from loyalty.customers.queries import birthday_marks, select_personalised
from loyalty.customers.values import CustomerID, CustomerStatus
from loyalty.offers.values import (
    AtStore,
    Audience,
    BirthdayIn,
    BoughtFrom,
    Condition,
    EnrolledSince,
    HasPoints,
    InSegment,
    InterestedIn,
    InTier,
    LastPurchase,
    Speaks,
)
from loyalty.points.models import AccountRow
from loyalty.purchases.models import PurchaseLineRow, PurchaseRow
from loyalty.stores.models import StoreRow
from loyalty.stores.queries import get_programme
from loyalty.tiers.models import MemberTierRow

_A_DAY = timedelta(days=1)


class _Asked(NamedTuple):
    """What a condition is asked with."""

    now: datetime
    zone: ZoneInfo
    vault: Vault

    @property
    def today(self) -> date:
        """The day of the programme's clock."""
        return business_day(self.now, self.zone)

    def begins(self, day: date) -> datetime:
        """Return the first moment of a day."""
        return local_moment(at_minute(day, 0), self.zone).astimezone(UTC)


def select_audience(
    session: Session, *, audience: Audience, now: datetime
) -> Select[CustomerID]:
    """Return the living customers of an audience, as a part of another statement."""
    asked = _Asked(now, get_programme(session).time_zone, vault_of(session))
    return select(CustomerRow.id).where(
        CustomerRow.status == CustomerStatus.ACTIVE, _met(audience, asked)
    )


def select_served(
    session: Session, *, audience: Audience, now: datetime
) -> Select[CustomerID]:
    """Return those among them who let the shop choose offers for them."""
    chosen = select_audience(session, audience=audience, now=now)
    return chosen.where(CustomerRow.id.in_(select_personalised()))


def in_audience(
    session: Session, *, audience: Audience, now: datetime
) -> tuple[CustomerID, ...]:
    """Return the customers of an audience for whom offers may be chosen."""
    chosen = select_served(session, audience=audience, now=now)
    return tuple(session.scalars(chosen.order_by(CustomerRow.id)))


def _met(audience: Audience, asked: _Asked) -> ColumnElement[bool]:
    def of(conditions: Iterable[Condition]) -> list[ColumnElement[bool]]:
        return [_TESTS[type(one)](one, asked) for one in conditions]

    parts = of(audience.all)
    if audience.any:
        parts.append(or_(false(), *of(audience.any)))
    parts += [not_(func.coalesce(one, false())) for one in of(audience.none)]
    return and_(true(), *parts)


def _store(asked: AtStore, _how: _Asked) -> ColumnElement[bool]:
    return exists().where(
        StoreRow.id == CustomerRow.home_store_id, StoreRow.code.in_(asked.stores)
    )


def _segment(asked: InSegment, _how: _Asked) -> ColumnElement[bool]:
    return exists().where(
        SegmentRow.customer_id == CustomerRow.id,
        SegmentRow.segment.in_(asked.segments),
    )


def _topic(asked: InterestedIn, _how: _Asked) -> ColumnElement[bool]:
    return exists().where(
        TopicRow.customer_id == CustomerRow.id, TopicRow.category.in_(asked.topics)
    )


def _tier(asked: InTier, _how: _Asked) -> ColumnElement[bool]:
    return exists().where(
        MemberTierRow.customer_id == CustomerRow.id, MemberTierRow.tier.in_(asked.tiers)
    )


def _points(asked: HasPoints, _how: _Asked) -> ColumnElement[bool]:
    account = select(AccountRow.available).where(
        AccountRow.customer_id == CustomerRow.id
    )
    points = func.coalesce(account.scalar_subquery(), 0)
    parts: list[ColumnElement[bool]] = []
    if asked.at_least is not None:
        parts.append(points >= asked.at_least)
    if asked.at_most is not None:
        parts.append(points <= asked.at_most)
    return and_(*parts)


def _enrolled(asked: EnrolledSince, how: _Asked) -> ColumnElement[bool]:
    return CustomerRow.enrolled_at >= how.begins(asked.since.on(how.today))


def _last_purchase(asked: LastPurchase, how: _Asked) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    if asked.before is not None:
        begins = how.begins(asked.before.on(how.today))
        parts += [_bought(), not_(_bought(PurchaseRow.at >= begins))]
    if asked.after is not None:
        ends = how.begins(asked.after.on(how.today) + _A_DAY)
        parts.append(_bought(PurchaseRow.at >= ends))
    return and_(*parts)


def _bought_from(asked: BoughtFrom, how: _Asked) -> ColumnElement[bool]:
    path = func.unnest(ProductRow.categories).column_valued("path")
    below = or_(
        *(
            or_(path == wanted, path.startswith(f"{wanted}/", autoescape=True))
            for wanted in asked.categories
        )
    )
    goods = select(ProductRow.sku).where(exists(select(path).where(below)))
    line = exists().where(
        PurchaseLineRow.purchase_id == PurchaseRow.id, PurchaseLineRow.sku.in_(goods)
    )
    since = how.now - timedelta(days=asked.days)
    return _bought(PurchaseRow.at >= since, PurchaseRow.at <= how.now, line)


def _bought(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that some record of the customer has such a purchase."""
    record = aliased(CustomerRow)
    return exists().where(
        or_(record.id == CustomerRow.id, record.merged_into == CustomerRow.id),
        PurchaseRow.customer_id == record.id,
        *conditions,
    )


def _birthday(asked: BirthdayIn, how: _Asked) -> ColumnElement[bool]:
    return CustomerRow.birthday_mark.in_(birthday_marks(how.vault, asked.months))


_TESTS: Mapping[type, Callable[[Any, _Asked], ColumnElement[bool]]] = {
    InSegment: _segment,
    AtStore: _store,
    Speaks: lambda asked, _: CustomerRow.language.in_(asked.languages),
    InTier: _tier,
    HasPoints: _points,
    EnrolledSince: _enrolled,
    LastPurchase: _last_purchase,
    BoughtFrom: _bought_from,
    BirthdayIn: _birthday,
    InterestedIn: _topic,
}


def known_segments(session: Session) -> tuple[str, ...]:
    """Return every segment that a customer is in, in alphabetical order."""
    found = select(SegmentRow.segment).distinct().order_by(SegmentRow.segment)
    return tuple(session.scalars(found))
