"""From a promotion's document to the fields of the builder.

What the form can't say is kept: its field then reads ``keep``, and writing leaves
that part of the document as it stands.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from loyalty.core.texts import LANGUAGES

Document = Mapping[str, Any]
Values = dict[str, Any]
"""A value for each field: a text, or a list of texts."""

KEEP: Final = "keep"
REWARDS: Final = ("percent_off", "amount_off", "buy_get")
"""The rewards that the form offers."""

LIMITS: Final = ("per_customer", "per_purchase", "total", "budget")
_ALL_DAY: Final = ("00:00", "24:00")


def read_values(document: Document) -> Values:
    """Return what the builder's fields show for a document, which may lack parts."""
    name = document.get("name") or {}
    limits = document.get("limits") or {}
    return {
        **{f"name_{language}": name.get(language, "") for language in LANGUAGES},
        **{limit: _text(limits.get(limit)) for limit in LIMITS},
        "code": document.get("code", ""),
        "trigger": document.get("trigger", "automatic"),
        "combines": document.get("combines", "not_on_same_units"),
        **_audience(document.get("audience")),
        **_reward(document.get("reward") or {}),
        "min_spend": _text(spend_of(document)),
        "spend_kept": KEEP if has_other_requirements(document) else "",
        **_valid(document.get("valid") or {}),
    }


def kind_of(document: Document) -> str:
    """Return the reward's kind, or an empty text."""
    return next(iter(document.get("reward") or {}), "")


def selector_of(document: Document) -> dict[str, Any]:
    """Return what the reward is about, without counts."""
    kind = kind_of(document)
    inside = (document.get("reward") or {}).get(kind) or {}
    found = inside.get("buy" if kind == "buy_get" else "on") or {"all": True}
    return {key: value for key, value in found.items() if key != "quantity"}


def has_other_requirements(document: Document) -> bool:
    """Test whether something is required that the form has no field for."""
    requires = document.get("requires") or []
    return len(requires) > 1 or any("spend" not in required for required in requires)


def spend_of(document: Document) -> str | None:
    """Return the least spend that the form can show."""
    requires = document.get("requires") or []
    if not requires or has_other_requirements(document):
        return None
    least: str | None = requires[0]["spend"].get("at_least")
    return least


def day_of(moment: object, *, last: bool = False) -> str:
    """Return the day of a local moment; ``last`` reads a half-open end."""
    if not isinstance(moment, str) or not moment:
        return ""
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    day: date = found.date()
    if last and found.hour == found.minute == 0:
        day -= timedelta(days=1)
    return day.isoformat()


def _audience(audience: object) -> Values:
    values: Values = {
        "audience": KEEP,
        "audience_category": "",
        "audience_days": "",
    }
    if audience is None:
        return {**values, "audience": "everyone"}
    match audience:
        case {"has_card": True}:
            return {**values, "audience": "members"}
        case {"interested_in": [str(category)]}:
            return {
                **values,
                "audience": "interested",
                "audience_category": category,
            }
        case {"purchases": {"at_least": 1, **rest}} if not rest.get("below"):
            return {
                **values,
                "audience": "bought",
                "audience_days": _text(rest.get("within_days")),
            }
        case {"days_since_purchase": {"at_least": int(days), **rest}} if not rest.get(
            "below"
        ):
            return {**values, "audience": "lapsed", "audience_days": _text(days)}
    return values


def _reward(reward: Document) -> Values:
    kind = next(iter(reward), "percent_off")
    inside = reward.get(kind) or {}
    values: Values = {
        "reward": kind if kind in REWARDS else KEEP,
        "percent": _text(inside.get("percent")),
        "amount": _text(inside.get("amount")),
        "per": inside.get("per", "basket"),
        "buy_quantity": "2",
        "get_quantity": "1",
        "get_percent": "100",
    }
    on = inside.get("on") or {"all": True}
    if kind == "buy_get":
        buy, get = inside.get("buy") or {}, inside.get("get") or {}
        values["buy_quantity"] = _text(buy.get("quantity"))
        values["get_quantity"] = _text(get.get("quantity"))
        values["get_percent"] = _text(get.get("percent"))
        on = _without(buy, "quantity")
        if on != _without(get, "quantity", "percent"):
            values["reward"] = KEEP
    return {**values, **_selector(on)}


def _selector(on: Document) -> Values:
    values: Values = {"on": KEEP, "on_category": "", "on_list": ""}
    given = _without(on, *(key for key, value in on.items() if value is None))
    match given:
        case {"all": True} if len(given) == 1:
            return {**values, "on": "all"}
        case {"categories": [str(category)]} if len(given) == 1:
            return {**values, "on": "category", "on_category": category}
        case {"skus": list(skus)} if len(given) == 1:
            return {**values, "on": "skus", "on_list": ", ".join(skus)}
        case {"brands": list(brands)} if len(given) == 1:
            return {**values, "on": "brands", "on_list": ", ".join(brands)}
    return values


def _valid(valid: Document) -> Values:
    weekly = valid.get("weekly") or []
    values: Values = {
        "first_day": day_of(valid.get("from")),
        "last_day": day_of(valid.get("until"), last=True),
        "stores": list(valid.get("stores") or []),
        "days": [],
        "hours_from": "",
        "hours_until": "",
        "weekly_kept": KEEP if len(weekly) > 1 else "",
    }
    if len(weekly) == 1:
        window = weekly[0]
        values["days"] = list(window.get("days", []))
        hours = (window.get("from", ""), window.get("until", ""))
        if hours != _ALL_DAY:
            values["hours_from"], values["hours_until"] = hours
    return values


def _without(given: Document, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in keys}


def _text(value: object) -> str:
    return "" if value is None else str(value)
