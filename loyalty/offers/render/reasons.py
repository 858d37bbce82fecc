"""Why a customer gets an offer, as a sentence in the customer's language."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

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
        name = _name(reason, category_names)
        if reason.get("kind") == "popular":
            return _("Many of our customers like it.")
        write = _SENTENCES.get(str(reason.get("kind"))) if name else None
        return write(name, reason) if write else _("Chosen for you by the shop.")


def grounds(
    reason: Reason, category_names: Mapping[str, str], language: str
) -> tuple[str, ...]:
    """
    Return which of the customer's data led to an offer, and which never do.

    The first says what counted most, as in the reason's own sentence.
    """
    with use_language(language):
        name = _name(reason, category_names)
        also = _(
            "Also counted: everything else you buy here, the interests you chose, your"
            " language and your shop."
        )
        never = _(
            "Never counted: your name, address and birthday, and private goods such as"
            " medicine, alcohol and tobacco."
        )
        most = _most(name, reason)
        return (*([most] if most else []), also, never)


def learning(language: str) -> str:
    """Return what "not for me" does, in a sentence."""
    with use_language(language):
        return _(
            "We learn from it at once: this offer goes, and similar ones come less"
            " often for some weeks. You can take it back."
        )


def _most(name: str, reason: Reason) -> str:
    """Say what counted most; nothing where the reason names nothing."""
    times, day = _whole(reason.get("times")), _day(reason)
    match reason.get("kind"):
        case "due_again" | "often_bought" | "bought_before" if name and times and day:
            return ngettext(
                "Counted most: purchases from %(name)s on %(n)s day, last on %(day)s.",
                "Counted most: purchases from %(name)s on %(n)s days, last on %(day)s.",
                times,
                name=name,
                day=day,
            )
        case "interest" if name:
            return _("Counted most: the interest in %(name)s.", name=name)
        case "similar_to" | "others_like_you" if name:
            return _("Counted most: purchases from %(name)s.", name=name)
        case "popular":
            return _("Counted most: what all customers buy.")
    return ""


def _due(name: str, reason: Reason) -> str:
    rhythm, day = _rhythm(reason), _day(reason)
    if not rhythm or not day:
        return _before(name, reason)
    return _(
        "It may be time again: you buy from %(name)s about %(rhythm)s, last on"
        " %(day)s.",
        name=name,
        rhythm=rhythm,
        day=day,
    )


def _often(name: str, reason: Reason) -> str:
    rhythm = _rhythm(reason)
    if not rhythm:
        return _("You often buy from %(name)s.", name=name)
    return _("You buy from %(name)s about %(rhythm)s.", name=name, rhythm=rhythm)


def _rhythm(reason: Reason) -> str:
    """Return how often, as ``every 2 weeks``; nothing beyond what people feel."""
    days = _whole(reason.get("every_days"))
    if not 0 < days <= _MOST_DAYS:
        return ""
    if days == 1:
        return _("every day")
    if days == _WEEK:
        return _("every week")
    if days % _WEEK == 0:
        return ngettext("every %(n)s week", "every %(n)s weeks", days // _WEEK)
    return ngettext("every %(n)s day", "every %(n)s days", days)


def _before(name: str, reason: Reason) -> str:
    day = _day(reason)
    if not day:
        return _("You have bought from %(name)s before.", name=name)
    return _("You have bought from %(name)s, last on %(day)s.", name=name, day=day)


def _day(reason: Reason) -> str:
    last = reason.get("last")
    if not isinstance(last, str):
        return ""
    # Whole words and the year: sentences end with it, and offers are read later.
    return format_date(date.fromisoformat(last), style="d MMMM y")


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _name(reason: Reason, names: Mapping[str, str]) -> str:
    """Return the category's name, or one made of its path if it has none any more."""
    path = str(reason.get("category") or "")
    name = names.get(path) or path.rsplit("/", 1)[-1].replace("-", " ")
    return _("%(name)s", name=name) if name else ""


def _similar(name: str, _reason: Reason) -> str:
    return _("It goes well with what you buy from %(name)s.", name=name)


def _others(name: str, _reason: Reason) -> str:
    return _("Customers who buy from %(name)s often buy this, too.", name=name)


def _interest(name: str, _reason: Reason) -> str:
    return _("You told us that you like %(name)s.", name=name)


_SENTENCES: Final[Mapping[str, Callable[[str, Reason], str]]] = {
    "due_again": _due,
    "often_bought": _often,
    "bought_before": _before,
    "similar_to": _similar,
    "others_like_you": _others,
    "interest": _interest,
}
"""How each kind is said that names a category."""
