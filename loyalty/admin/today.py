"""The first page: what needs somebody, what runs, what comes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import blueprint, show
from loyalty.core.clock import utc_now
from loyalty.core.money import Money, exponent
from loyalty.core.periods import business_day, day_period
from loyalty.core.texts import (
    format_date,
    format_money,
    format_number,
    format_percent,
    ngettext,
    pick,
)
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import count_customers, enrolled_since
from loyalty.delivery.queries.messages import Filter, count_by_state
from loyalty.delivery.queries.monitor import count_due, oldest_due
from loyalty.delivery.queries.pauses import list_pauses
from loyalty.delivery.values import MessageState
from loyalty.offers.queries import list_campaigns
from loyalty.offers.values import CampaignState
from loyalty.promotions.queries import list_promotions, totals_of
from loyalty.promotions.values.states import PromotionState, StoredPromotion
from loyalty.purchases.queries import Takings, net_by_day, takings
from loyalty.staff.rules import may, scope_of
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.web.charts import Point
from loyalty.web.context import database
from loyalty.web.guards import requires_staff
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to

_WEEK: Final = timedelta(days=7)
_CHART_DAYS: Final = 28
_LATE: Final = timedelta(minutes=15)
_SOON: Final = timedelta(days=7)
_NEARLY_SPENT: Final = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a list: what it is, a remark, where it leads."""

    text: str
    note: str
    href: str
    tone: str = "plain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lists:
    """The three lists of the page."""

    needs_you: tuple[Line, ...]
    running: tuple[Line, ...]
    coming: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The tiles of the page; money in minor units."""

    members: int
    enrolled: int
    week: Takings
    week_before: Takings
    running: int
    due: int
    failed: int


@blueprint.get("")
@requires_staff
def today() -> ResponseReturnValue:
    """Show the day at a glance, in the stores that the person has to do with."""
    member = current_staff()
    if not may(member, Permission.RESULTS_READ):
        return redirect_to("/till")
    scope = scope_of(member, Permission.RESULTS_READ)
    stores = None if scope.everywhere else scope.stores
    now = utc_now()
    with database().transaction() as session:
        zone = get_programme(session).time_zone
        first_day = business_day(now, zone) - timedelta(days=_CHART_DAYS)
        since = day_period(first_day, zone).start or now
        by_day = net_by_day(session, since=since, zone=zone, stores=stores)
        figures = _figures(session, stores, now)
        lists = _lists(session, now)
        currency = get_programme(session).currency
    return show(
        "today.html",
        figures=figures,
        lists=lists,
        sales=_points(by_day, first_day, currency),
        all_stores=scope.everywhere,
        today=now.astimezone(zone),
    )


def _figures(session: Session, stores: frozenset[int] | None, now: datetime) -> Figures:
    counts = count_by_state(session, wanted=Filter())
    running = list_promotions(session, states=[PromotionState.ACTIVE])
    return Figures(
        members=count_customers(session),
        enrolled=enrolled_since(session, since=now - _WEEK),
        week=takings(session, since=now - _WEEK, until=now, stores=stores),
        week_before=takings(
            session, since=now - 2 * _WEEK, until=now - _WEEK, stores=stores
        ),
        running=len(running),
        due=sum(count_due(session, now=now).values()),
        failed=sum(
            counts.get(state, 0)
            for state in (
                MessageState.FAILED,
                MessageState.UNKNOWN,
                MessageState.BOUNCED,
            )
        ),
    )


def _points(by_day: dict[date, int], first: date, currency: str) -> list[Point]:
    # Whole units: the chart's table is for reading, not for the books.
    unit = 10 ** exponent(currency)
    days = [first + timedelta(days=at) for at in range(_CHART_DAYS)]
    return [
        Point(label=format_date(day), value=by_day.get(day, 0) // unit) for day in days
    ]


def _lists(session: Session, now: datetime) -> Lists:
    return Lists(
        needs_you=(*_deliveries(session, now), *_promotions_in_need(session)),
        running=(*_running_promotions(session, now), *_campaigns(session, now)),
        coming=(*_coming_promotions(session, now), *_coming_campaigns(session, now)),
    )


def _deliveries(session: Session, now: datetime) -> list[Line]:
    lines = [
        Line(
            text=_("Sending is paused: %(what)s", what=pause.scope),
            note=_("Nothing of it leaves until somebody resumes it"),
            href="/admin/deliveries",
            tone="warn",
        )
        for pause in list_pauses(session)
    ]
    oldest = oldest_due(session, now=now)
    if oldest is not None and oldest < now - _LATE and not lines:
        minutes = int((now - oldest).total_seconds() // 60)
        lines.append(
            Line(
                text=_("Messages leave late"),
                note=ngettext(
                    "The oldest has been due for %(n)s minute",
                    "The oldest has been due for %(n)s minutes",
                    minutes,
                ),
                href="/admin/deliveries",
                tone="bad",
            )
        )
    return lines


def _promotions_in_need(session: Session) -> list[Line]:
    drafts = list_promotions(session, states=[PromotionState.DRAFT])
    lines = []
    if drafts:
        lines.append(
            Line(
                text=ngettext(
                    "%(n)s promotion is a draft",
                    "%(n)s promotions are drafts",
                    len(drafts),
                ),
                note=", ".join(_name(draft) for draft in drafts[:3]),
                href="/admin/promotions?state=draft",
            )
        )
    active = list_promotions(session, states=[PromotionState.ACTIVE])
    totals = totals_of(session, promotion_ids=[stored.id for stored in active])
    for stored in active:
        budget = stored.promotion.limits.budget
        given = totals[stored.id].given if stored.id in totals else 0
        if budget is not None and given >= _NEARLY_SPENT * budget.amount:
            lines.append(
                Line(
                    text=_name(stored),
                    note=_(
                        "%(share)s of the budget is given", share=_share(given, budget)
                    ),
                    href=_address(stored),
                    tone="warn",
                )
            )
    return lines


def _running_promotions(session: Session, now: datetime) -> list[Line]:
    zone = get_programme(session).time_zone
    local = now.astimezone(zone).replace(tzinfo=None)
    active = [
        stored
        for stored in list_promotions(session, states=[PromotionState.ACTIVE])
        if (stored.promotion.valid.start or local) <= local
        and (
            stored.promotion.valid.until is None or stored.promotion.valid.until > local
        )
    ]
    totals = totals_of(session, promotion_ids=[stored.id for stored in active])
    busiest = sorted(
        active,
        key=lambda stored: totals[stored.id].uses if stored.id in totals else 0,
        reverse=True,
    )
    return [
        Line(
            text=_name(stored),
            note=_(
                "%(uses)s uses, %(given)s given",
                uses=format_number(totals[stored.id].uses),
                given=format_money(
                    Money(
                        amount=totals[stored.id].given,
                        currency=stored.promotion.currency,
                    )
                ),
            )
            if stored.id in totals
            else _("not used yet"),
            href=_address(stored),
            tone="good",
        )
        for stored in busiest[:6]
    ]


def _campaigns(session: Session, now: datetime) -> list[Line]:
    return [
        Line(
            text=campaign.name,
            note=_("campaign"),
            href=f"/admin/campaigns/{campaign.code}",
            tone="good",
        )
        for campaign in list_campaigns(session)
        if campaign.state is CampaignState.PLANNED
        and campaign.starts_at <= now < campaign.ends_at
    ]


def _coming_promotions(session: Session, now: datetime) -> list[Line]:
    zone = get_programme(session).time_zone
    local = now.astimezone(zone).replace(tzinfo=None)
    lines = []
    for stored in list_promotions(session, states=[PromotionState.ACTIVE]):
        valid = stored.promotion.valid
        if valid.start is not None and valid.start > local:
            note = _("begins on %(day)s", day=format_date(valid.start.date()))
        elif valid.until is not None and local < valid.until <= local + _SOON:
            note = _("ends on %(day)s", day=format_date(valid.until.date()))
        else:
            continue
        lines.append(Line(text=_name(stored), note=note, href=_address(stored)))
    return lines[:6]


def _coming_campaigns(session: Session, now: datetime) -> list[Line]:
    zone = get_programme(session).time_zone
    return [
        Line(
            text=campaign.name,
            note=_(
                "campaign, begins on %(day)s",
                day=format_date(campaign.starts_at.astimezone(zone).date()),
            ),
            href=f"/admin/campaigns/{campaign.code}",
        )
        for campaign in list_campaigns(session)
        if campaign.starts_at > now
    ]


def _share(given: int, budget: Money) -> str:
    return format_percent(given / budget.amount if budget.amount else 0)


def _name(stored: StoredPromotion) -> str:
    return pick(dict(stored.promotion.name))


def _address(stored: StoredPromotion) -> str:
    return f"/admin/promotions/{stored.promotion.code}"
