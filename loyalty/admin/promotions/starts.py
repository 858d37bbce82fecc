"""What a new promotion may start from."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from loyalty.core.texts import gettext as _

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """A template: a promotion that lacks only what the shop decides."""

    key: str
    title: str
    text: str
    icon: str


def starts() -> tuple[Start, ...]:
    """Return the templates, in the order in which they are offered."""
    return (
        Start(
            key="percent",
            title=_("Percent off a category"),
            text=_("Everybody pays less for some of the range, on the days you choose"),
            icon="discount",
        ),
        Start(
            key="spend",
            title=_("Amount off from a spend"),
            text=_("5.00 off a basket from 50.00 on: larger baskets"),
            icon="receipt",
        ),
        Start(
            key="three",
            title=_("3 for 2"),
            text=_("Of each three, the cheapest is free"),
            icon="ticket",
        ),
        Start(
            key="personal",
            title=_("Personal offer"),
            text=_("For those a campaign chooses by what they buy, once each"),
            icon="gift",
        ),
    )


def document_of(key: str) -> Document:
    """Return a new document for a template; an unknown one is the first."""
    return _document(**_DOCUMENTS.get(key, _DOCUMENTS["percent"]))


_DOCUMENTS: Final[Mapping[str, Document]] = MappingProxyType(
    {
        "percent": {
            "reward": {"percent_off": {"percent": "20", "on": {"all": True}}},
        },
        "spend": {
            "reward": {
                "amount_off": {"amount": "5.00", "on": {"all": True}, "per": "basket"}
            },
            "requires": [{"spend": {"on": {"all": True}, "at_least": "50.00"}}],
        },
        "three": {
            "reward": {
                "buy_get": {
                    "buy": {"all": True, "quantity": 2},
                    "get": {"all": True, "quantity": 1, "percent": "100"},
                }
            },
        },
        "personal": {
            "trigger": "personal",
            "audience": {"has_card": True},
            "reward": {"percent_off": {"percent": "25", "on": {"all": True}}},
            "limits": {"per_customer": 1},
        },
    }
)


def _document(**given: object) -> Document:
    limits = given.pop("limits", {})
    document: Document = {
        "code": "",
        "name": {},
        "trigger": "automatic",
        "valid": {},
        "audience": None,
        "requires": [],
        "limits": {"per_purchase": 1, **(limits if isinstance(limits, dict) else {})},
        "combines": "not_on_same_units",
        "priority": 0,
    }
    return {**document, **given}
