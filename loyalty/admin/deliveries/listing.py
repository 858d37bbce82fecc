"""Messages by state, channel, reason, campaign, customer and day."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import request
from flask.typing import ResponseReturnValue

from loyalty.admin.deliveries.brakes import may_control
from loyalty.admin.names import TONES
from loyalty.admin.pages import blueprint, show, zone_of
from loyalty.core.paging import Page
from loyalty.core.periods import local_moment
from loyalty.core.texts import normalise_digits
from loyalty.customers.queries import names_of
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.queries.browsing import Sought, TooManyToSearch, browse
from loyalty.delivery.queries.messages import Delivery
from loyalty.delivery.values import MessageState, Reason
from loyalty.offers.queries import list_campaigns
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires

_T = TypeVar("_T", bound=StrEnum)
_FIELDS = ("state", "channel", "reason", "campaign", "customer", "day")
_LONGEST_NUMBER = 18


@blueprint.get("/deliveries/messages")
@requires(Permission.DELIVERIES_READ)
def messages() -> ResponseReturnValue:
    """Show a page of messages."""
    typed = {name: request.args.get(name, "") for name in _FIELDS}
    cursor = request.args.get("after")
    with database().transaction() as session:
        zone = zone_of(session)
        campaigns = list_campaigns(session)
    sought = _sought(typed, zone)
    try:
        with database().transaction() as session:
            page: Page[Delivery] = browse(session, sought=sought, cursor=cursor)
            names = names_of(
                session, customer_ids={item.customer_id for item in page.items}
            )
    except TooManyToSearch:
        page, names, found = Page(items=(), next_cursor=None), {}, False
    else:
        found = True
    filters = {name: value for name, value in typed.items() if value}
    return show(
        "deliveries/messages.html",
        status=HTTPStatus.OK if found else HTTPStatus.UNPROCESSABLE_ENTITY,
        page=page,
        names=names,
        searched=found,
        first=cursor is None,
        typed=typed,
        filtered=bool(filters),
        address=f"/admin/deliveries/messages?{urlencode(filters)}",
        campaigns=campaigns,
        tones=TONES,
        channels=list(Channel),
        states=list(MessageState),
        reasons=list(Reason),
        may_control=may_control(),
    )


def _sought(typed: dict[str, str], zone: ZoneInfo) -> Sought:
    """Return what is looked for; what can't be read is no filter."""
    campaign, customer = _number(typed["campaign"]), _number(typed["customer"])
    since = _begin(typed["day"], zone, days=0)
    return Sought(
        state=known(MessageState, typed["state"]),
        channel=known(Channel, typed["channel"]),
        reason=known(Reason, typed["reason"]),
        campaign_id=campaign,
        customer_id=None if customer is None else CustomerID(customer),
        since=since,
        until=None if since is None else _begin(typed["day"], zone, days=1),
    )


def known(kind: type[_T], text: str | None) -> _T | None:
    """Return the member of an enumeration with this value, if there is one."""
    return kind(text) if text in set(kind) else None


def _number(text: str) -> int | None:
    digits = normalise_digits(text).strip()
    whole = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER
    return int(digits) if whole else None


def _begin(day: str, zone: ZoneInfo, *, days: int) -> datetime | None:
    try:
        begun = date.fromisoformat(day) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return local_moment(datetime.combine(begun, time()), zone)
