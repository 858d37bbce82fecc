"""How the recommender's pages write days and durations."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from loyalty.admin.pages import blueprint
from loyalty.core.texts import format_date, format_list, format_number, ngettext
from loyalty.core.texts import gettext as _

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE


@blueprint.app_template_filter("iso_date")
def iso_date(text: str) -> str:
    """Return an ISO date as people write it; anything else as it stands."""
    try:
        return format_date(date.fromisoformat(text), style="d MMM yyyy")
    except ValueError:
        return text


@blueprint.app_template_filter("dates")
def dates(texts: Iterable[str]) -> str:
    """Return ISO dates as a sentence lists them."""
    return format_list([iso_date(text) for text in texts])


@blueprint.app_template_filter("how_long")
def how_long(took: timedelta) -> str:
    """Return a duration as ``40 s``, ``3 min`` or ``2 h``."""
    seconds = max(0, round(took.total_seconds()))
    if seconds < _MINUTE:
        return _("%(n)s s", n=format_number(seconds))
    if seconds < _HOUR:
        return ngettext("%(n)s min", "%(n)s min", round(seconds / _MINUTE))
    return ngettext("%(n)s h", "%(n)s h", round(seconds / _HOUR))
