"""From the builder's fields to a document, starting from the stored one."""

import re
import unicodedata
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from loyalty.admin.promotions.reading import (
    KEEP,
    LIMITS,
    day_of,
    has_other_requirements,
    kind_of,
    selector_of,
)
from loyalty.core.periods import DAY_NAMES
from loyalty.core.texts import LANGUAGES, normalise_digits

Document = dict[str, Any]
Form = MultiDict[str, str]

_LONGEST_CODE = 64
_FIELDS = (
    ("/name", "name_en"),
    ("/code", "code"),
    ("/trigger", "trigger"),
    ("/audience/interested_in", "audience_category"),
    ("/audience", "audience_days"),
    ("/reward/percent_off/percent", "percent"),
    ("/reward/amount_off/amount", "amount"),
    ("/reward/amount_off/per", "per"),
    ("/reward/buy_get/buy/quantity", "buy_quantity"),
    ("/reward/buy_get/get/quantity", "get_quantity"),
    ("/reward/buy_get/get/percent", "get_percent"),
    ("/reward", "on"),
    ("/requires", "min_spend"),
    ("/valid/from", "first_day"),
    ("/valid/until", "last_day"),
    ("/valid/weekly", "hours_from"),
    ("/valid/stores", "stores"),
    ("/limits/per_customer", "per_customer"),
    ("/limits/per_purchase", "per_purchase"),
    ("/limits/total", "total"),
    ("/limits/budget", "budget"),
    ("/combines", "combines"),
)
"""Which field of the form a pointer is about; the first that fits."""


def write_document(stored: Document, form: Form) -> Document:
    """
    Return the document with what the form says; all else stays as stored.

    Nothing is checked here: what is no number stays the text that was typed, and the
    schema says so.
    """
    document = deepcopy(stored)
    document["name"] = _names(document, form)
    document["code"] = stored.get("code") or _code(form, document["name"])
    for key in ("trigger", "combines"):
        document[key] = form.get(key) or document.get(key)
    document["audience"] = _audience(document, form)
    document["reward"] = _reward(document, form)
    document["requires"] = _requires(document, form)
    document["valid"] = _valid(document, form)
    document["limits"] = _limits(document, form)
    return document


def field_at(pointer: str) -> str:
    """Return the field that a problem's pointer is about, or an empty text."""
    for start, name in _FIELDS:
        if pointer == start or pointer.startswith(start + "/"):
            return name
    return ""


def _names(document: Document, form: Form) -> dict[str, str]:
    names = dict(document.get("name") or {})
    for language in LANGUAGES:
        name = form.get(f"name_{language}", "").strip()
        if name:
            names[language] = name
        else:
            names.pop(language, None)
    return names


def _code(form: Form, names: dict[str, str]) -> str:
    """Return the code typed, or one made of the name."""
    typed = form.get("code", "").strip()
    if typed:
        return typed
    plain = unicodedata.normalize("NFKD", names.get("en", "")).encode("ascii", "ignore")
    words = re.sub(r"[^a-z0-9]+", "-", plain.decode().lower())
    return words.strip("-")[:_LONGEST_CODE].strip("-")


def _audience(document: Document, form: Form) -> object:
    days = _whole(form, "audience_days")
    match form.get("audience", KEEP):
        case "everyone":
            return None
        case "members":
            return {"has_card": True}
        case "interested":
            return {"interested_in": [form.get("audience_category", "")]}
        case "bought":
            return {"purchases": {"at_least": 1, "within_days": days}}
        case "lapsed":
            return {"days_since_purchase": {"at_least": days}}
    return document.get("audience")


def _reward(document: Document, form: Form) -> Document:
    reward: Document = document.get("reward") or {}
    kind = form.get("reward", KEEP)
    on = _selector(document, form)
    kept = dict(reward.get(kind) or {})
    match kind:
        case "percent_off":
            return {kind: {**kept, "percent": _decimal(form, "percent"), "on": on}}
        case "amount_off":
            per = form.get("per") or "basket"
            amount = _decimal(form, "amount")
            return {kind: {**kept, "amount": amount, "on": on, "per": per}}
        case "buy_get":
            get = {
                "quantity": _whole(form, "get_quantity"),
                "percent": _decimal(form, "get_percent"),
            }
            buy = {"quantity": _whole(form, "buy_quantity")}
            return {kind: {**kept, "buy": {**on, **buy}, "get": {**on, **get}}}
    return reward


def _selector(document: Document, form: Form) -> Document:
    listed = [part.strip() for part in form.get("on_list", "").split(",")]
    match form.get("on", KEEP):
        case "all":
            return {"all": True}
        case "category":
            return {"categories": [form.get("on_category", "")]}
        case "skus":
            return {"skus": [part for part in listed if part]}
        case "brands":
            return {"brands": [part for part in listed if part]}
    return selector_of(document) if kind_of(document) else {"all": True}


def _requires(document: Document, form: Form) -> list[Any]:
    requires = list(document.get("requires") or [])
    if has_other_requirements(document) or "min_spend" not in form:
        return requires
    least = _decimal(form, "min_spend")
    if not least:
        return []
    spend = requires[0]["spend"] if requires else {"on": {"all": True}}
    return [{"spend": {**spend, "at_least": least}}]


def _valid(document: Document, form: Form) -> Document:
    valid = dict(document.get("valid") or {})
    first, last = form.get("first_day", "").strip(), form.get("last_day", "").strip()
    # A stored hour that the day's field can't show stays while the day does.
    if first != day_of(valid.get("from")):
        valid["from"] = f"{first}T00:00" if first else None
    if last != day_of(valid.get("until"), last=True):
        valid["until"] = _day_after(last) if last else None
    if "stores_shown" in form:
        valid["stores"] = form.getlist("stores") or None
    if len(valid.get("weekly") or []) <= 1:
        valid["weekly"] = _weekly(form)
    return valid


def _weekly(form: Form) -> list[Document] | None:
    days = [day for day in DAY_NAMES if day in form.getlist("days")]
    start = normalise_digits(form.get("hours_from", "")).strip()
    until = normalise_digits(form.get("hours_until", "")).strip()
    if not days and not start and not until:
        return None
    return [
        {
            "days": days or list(DAY_NAMES),
            "from": start or "00:00",
            "until": until or "24:00",
        }
    ]


def _limits(document: Document, form: Form) -> Document:
    limits = dict(document.get("limits") or {})
    for limit in LIMITS:
        if limit in form:
            given = _decimal(form, limit) if limit == "budget" else _whole(form, limit)
            limits[limit] = given or None
    return limits


def _day_after(day: str) -> str:
    try:
        found = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError):
        return f"{day}T00:00"
    return datetime(found.year, found.month, found.day).isoformat(timespec="minutes")  # noqa: DTZ001  # local


def _whole(form: Form, name: str) -> int | str | None:
    text = normalise_digits(form.get(name, "")).strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() else text


def _decimal(form: Form, name: str) -> str | None:
    text = normalise_digits(form.get(name, "")).strip()
    return text.replace(" ", "").replace(",", ".") or None
