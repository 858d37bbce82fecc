"""What the pages of ``/admin`` share."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.core.money import Money
from loyalty.core.periods import local_moment
from loyalty.core.texts import gettext as _
from loyalty.core.texts import normalise_digits
from loyalty.staff.rules import scope_of
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.web.context import database
from loyalty.web.guards import NotAllowed
from loyalty.web.people import current_staff
from loyalty.web.surface import render

blueprint: Final = Blueprint(
    "admin", __name__, url_prefix="/admin", template_folder="templates"
)


class FieldProblems(dict[str, str]):
    """
    What is wrong with each field of a form, by its name; "" is the form itself.

    Templates may ask for any field: one that is right has None.
    """

    def __missing__(self, _name: str) -> None:
        """Return None, for nothing is wrong there."""


def actor() -> str:
    """Return the name by which the audit knows who is signed in."""
    return current_staff().actor


def needs_all_stores(permission: Permission) -> None:
    """
    Refuse unless the person has the permission in every store.

    :raises NotAllowed: what concerns all stores is not for those of one
    """
    if not scope_of(current_staff(), permission).everywhere:
        raise NotAllowed(_("This concerns all stores. Ask somebody at head office."))


def show(template: str, /, *, status: int = 200, **values: object) -> Response:
    """Render a page of ours; it knows the programme's zone and currency."""
    with database().transaction() as session:
        programme = get_programme(session)
    return render(
        f"admin/{template}",
        status=status,
        zone=programme.time_zone,
        currency=programme.currency,
        **values,
    )


def field(name: str) -> str:
    """Return what was typed into a field, digits of any script as Latin ones."""
    return normalise_digits(request.form.get(name, "")).strip()


def number(name: str, *, otherwise: int) -> int:
    """
    Return the whole number in a field.

    :raises Invalid: if it is none; an empty field is ``otherwise``
    """
    text = field(name)
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < len("1000000000")):
        message = _("Type a whole number.")
        raise Invalid.field(pointer=f"/{name}", message=message, code="whole_number")
    return int(text)


def first_moment(name: str, zone: ZoneInfo, *, day_after: bool = False) -> datetime:
    """
    Return the first moment of the day in a field, or of the day after it.

    :raises Invalid: if it is no day
    """
    try:
        day = date.fromisoformat(field(name))
        day += timedelta(days=1 if day_after else 0)
    except (ValueError, OverflowError):
        message = _("Choose a day.")
        raise Invalid.field(pointer=f"/{name}", message=message, code="day") from None
    return local_moment(datetime.combine(day, time()), zone)


def problems_by_field(error: Invalid) -> FieldProblems:
    """Return a refusal's problems by the first step of their pointers."""
    found = FieldProblems()
    for problem in error.problems:
        name = problem.pointer.strip("/").split("/")[0]
        found.setdefault(name, problem.message)
    return found


def zone_of(session: Session) -> ZoneInfo:
    """Return the zone in which the pages tell the time."""
    return get_programme(session).time_zone


@blueprint.app_template_filter("on_clock")
def on_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment as the programme's clocks show it."""
    return moment.astimezone(zone)


@blueprint.app_template_filter("minor")
def minor(amount: float, currency: str) -> Money:
    """Return so many minor units as money."""
    return Money(amount=round(amount), currency=currency)
