"""Audiences, triggers and variants as they are typed: forms to documents and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from loyalty.core.texts import normalise_digits
from loyalty.offers.schema import dump_audience, dump_trigger
from loyalty.offers.values import Audience, Trigger

ROLES: Final = ("all", "any", "none")
LISTS: Final = ("segments", "stores", "languages", "tiers", "topics")
"""Conditions of which values are ticked."""

VARIANTS: Final = 4
_DAYS: Final = ("enrolled_since", "bought_before", "bought_after")

Form = MultiDict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One condition of the form: whether it is asked, and of what."""

    role: str = ""
    values: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)


def audience_document(form: Form) -> dict[str, list[dict[str, Any]]]:
    """Return the audience that was typed, for its schema to check."""
    found: dict[str, list[dict[str, Any]]] = {role: [] for role in ROLES}
    for kind in (*LISTS, "points", "enrolled_since", "last_purchase", "bought"):
        role = form.get(f"{kind}_is", "")
        if role in found:
            found[role].append({kind: _asked(kind, form)})
    role = form.get("birthday_months_is", "")
    if role in found:
        months = [_whole(one) for one in form.getlist("birthday_months")]
        found[role].append({"birthday_months": months})
    return found


def _asked(kind: str, form: Form) -> object:
    if kind in LISTS:
        return form.getlist(kind)
    if kind == "points":
        return _given(
            at_least=_whole(form.get("points_least", "")),
            at_most=_whole(form.get("points_most", "")),
        )
    if kind == "enrolled_since":
        return _day(form.get("enrolled_since", ""))
    if kind == "last_purchase":
        return _given(
            before=_day(form.get("bought_before", "")),
            after=_day(form.get("bought_after", "")),
        )
    return {
        "categories": form.getlist("categories"),
        "days": _whole(form.get("category_days", "")),
    }


def audience_rows(audience: Audience) -> dict[str, Row]:
    """Return an audience as the form shows it; what it can't show is left out."""
    rows: dict[str, Row] = {}
    for role, conditions in dump_audience(audience).items():
        for condition in conditions:
            ((kind, value),) = condition.items()
            rows[kind] = _row(role, kind, value)
    return rows


def typed_rows(form: Form) -> dict[str, Row]:
    """Return what was typed as the form shows it again."""
    kinds = (*LISTS, "birthday_months", "points", "enrolled_since", "last_purchase")
    parts = {name: form.get(name, "") for name in (*_DAYS, *_PARTS)}
    rows = {
        kind: Row(
            role=form.get(f"{kind}_is", ""),
            values=tuple(form.getlist(kind)),
            parts=parts,
        )
        for kind in kinds
    }
    categories = tuple(form.getlist("categories"))
    rows["bought"] = Row(role=form.get("bought_is", ""), values=categories, parts=parts)
    return rows


_PARTS: Final = ("points_least", "points_most", "category_days")


def _row(role: str, kind: str, value: Any) -> Row:  # noqa: ANN401  # of a document
    if kind in LISTS or kind == "birthday_months":
        return Row(role=role, values=tuple(str(one) for one in value))
    if kind == "points":
        names = {"points_least": "at_least", "points_most": "at_most"}
        return Row(role=role, parts=_texts(value, names))
    if kind == "last_purchase":
        names = {"bought_before": "before", "bought_after": "after"}
        return Row(role=role, parts=_texts(value, names))
    if kind == "bought":
        parts = {"category_days": str(value["days"])}
        return Row(role=role, values=tuple(value["categories"]), parts=parts)
    return Row(role=role, parts={kind: str(value)})


def trigger_document(form: Form) -> dict[str, Any]:
    """Return the trigger that was typed, for its schema to check."""
    kind = form.get("trigger", "once")
    if kind == "once":
        return {"once": {}}
    if kind == "first_purchase":
        return {"first_purchase": 0}
    if kind == "weekly":
        return {"weekly": {"days": form.getlist("week_days"), "at": form.get("at", "")}}
    if kind == "monthly":
        days = [_whole(one) for one in form.get("month_days", "").split(",")]
        return {"monthly": {"days": days, "at": form.get("at", "")}}
    return {kind: _whole(form.get("event_days", ""))}


def trigger_fields(trigger: Trigger) -> dict[str, Any]:
    """Return a trigger as the fields of its form."""
    ((kind, value),) = dump_trigger(trigger).items()
    fields: dict[str, Any] = {"trigger": kind, "at": "09:00", "week_days": []}
    if kind == "weekly":
        fields |= {"week_days": value["days"], "at": value["at"]}
    elif kind == "monthly":
        days = ", ".join(str(day) for day in value["days"])
        fields |= {"month_days": days, "at": value["at"]}
    elif kind != "once":
        fields["event_days"] = value
    return fields


def variant_documents(form: Form) -> list[dict[str, Any]]:
    """Return the variants that were typed; a line without a share is none."""
    found = []
    for place in range(VARIANTS):
        share = form.get(f"share_{place}", "").strip()
        if not share:
            continue
        hour = form.get(f"hour_{place}", "").strip()
        found.append(
            {
                "code": "abcd"[place],
                "share": _whole(share),
                "template": form.get(f"template_{place}") or None,
                "hour": _whole(hour) if hour else None,
            }
        )
    return found


def _texts(value: Mapping[str, object], names: Mapping[str, str]) -> dict[str, str]:
    return {name: str(value.get(part, "")) for name, part in names.items()}


def _given(**parts: object) -> dict[str, object]:
    return {name: value for name, value in parts.items() if value not in {None, ""}}


def _whole(text: str) -> int | str | None:
    """Return the number that was typed; anything else is left for the schema."""
    text = normalise_digits(text.strip())
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() else text


def _day(text: str) -> int | str | None:
    """Return a day, or how many days ago."""
    return _whole(text)
