"""Why a customer gets an offer, as a sentence in the customer's language."""

from collections.abc import Mapping
from datetime import date

from loyalty.core.texts import format_date, ngettext, use_language
from loyalty.core.texts import gettext as _
from loyalty.offers.values import Reason

_WEEK = 7
_MOST_DAYS = 45
"""Beyond it, a rhythm in days says nothing to a person."""


def reason_sentence(
    reason: Reason, category_names: Mapping[str, str], language: str
) -> str:
    """
    Return the reason as one sentence to the customer.

    :param reason: as the recommender gave it; a kind that is not known here, or one
        whose category has no name, is said in general words
    :param category_names: the name of each category by its path
    """
    with use_language(language):
        path = str(reason.get("category") or "")
        name = category_names.get(path) or _readable(path)
        kind = reason.get("kind") if name else None
        match kind:
            case "often_bought":
                return _often(name, reason)
            case "bought_before":
                return _before(name, reason)
            case "similar_to":
                return _("It goes well with what you buy from %(name)s.", name=name)
            case "interest":
                return _("You told us that you like %(name)s.", name=name)
        if reason.get("kind") == "popular":
            return _("Many of our customers like it.")
        return _("Chosen for you by the shop.")


def _often(name: str, reason: Reason) -> str:
    days = _whole(reason.get("every_days"))
    if not 0 < days <= _MOST_DAYS:
        return _("You often buy from %(name)s.", name=name)
    if days % _WEEK == 0:
        return ngettext(
            "You buy from %(name)s about every week.",
            "You buy from %(name)s about every %(n)s weeks.",
            days // _WEEK,
            name=name,
        )
    return ngettext(
        "You buy from %(name)s about every day.",
        "You buy from %(name)s about every %(n)s days.",
        days,
        name=name,
    )


def _before(name: str, reason: Reason) -> str:
    last = reason.get("last")
    if not isinstance(last, str):
        return _("You have bought from %(name)s before.", name=name)
    return _(
        "You have bought from %(name)s, last on %(day)s.",
        name=name,
        day=format_date(date.fromisoformat(last)),
    )


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _readable(path: str) -> str:
    """Make a name of a path that the catalogue does not name any more."""
    return path.rsplit("/", 1)[-1].replace("-", " ")
