"""The first page: what needs somebody, what runs, what comes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.outlook import outlook, read_promotions
from loyalty.admin.pages import blueprint, show
from loyalty.core.clock import utc_now
from loyalty.core.money import exponent
from loyalty.core.periods import business_day, day_period
from loyalty.core.texts import (
    format_date,
)
from loyalty.customers.queries import count_customers, enrolled_since
from loyalty.delivery.queries.messages import Filter, count_by_state
from loyalty.delivery.queries.monitor import count_due
from loyalty.delivery.values import MessageState
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The tiles of the page; money in minor units."""

    members: int
    enrolled: int
    week: Takings
    week_before: Takings
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
        promotions = read_promotions(session)
        figures = _figures(session, stores, now)
        lists = outlook(session, promotions, now)
        currency = get_programme(session).currency
    return show(
        "today.html",
        figures=figures,
        running=len(promotions.active),
        lists=lists,
        sales=_points(by_day, first_day, currency),
        all_stores=scope.everywhere,
        today=now.astimezone(zone),
    )


def _figures(session: Session, stores: frozenset[int] | None, now: datetime) -> Figures:
    counts = count_by_state(session, wanted=Filter())
    return Figures(
        members=count_customers(session),
        enrolled=enrolled_since(session, since=now - _WEEK),
        week=takings(session, since=now - _WEEK, until=now, stores=stores),
        week_before=takings(
            session, since=now - 2 * _WEEK, until=now - _WEEK, stores=stores
        ),
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
