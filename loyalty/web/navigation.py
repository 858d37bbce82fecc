"""The menus. An entry shows when the page exists and its reader may open it."""

from dataclasses import dataclass, replace

from flask import current_app, request
from werkzeug.routing import RequestRedirect

from loyalty.core.texts import gettext as _
from loyalty.staff.rules import may
from loyalty.staff.values import Permission
from loyalty.web.people import presence


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of a menu."""

    path: str
    label: str
    icon: str
    permission: Permission | None = None
    also: tuple[str, ...] = ()
    """Further paths whose pages belong to the entry."""

    here: bool = False


def staff_navigation() -> tuple[Entry, ...]:
    """Return the menu of whoever of the staff is signed in."""
    found = presence()
    if found is None:
        return ()
    entries = (
        Entry(path="/admin", label=_("Today"), icon="home"),
        Entry(
            path="/admin/promotions",
            label=_("Promotions"),
            icon="discount",
            permission=Permission.PROMOTIONS_READ,
            also=("/admin/backtests", "/admin/try"),
        ),
        Entry(
            path="/admin/campaigns",
            label=_("Campaigns"),
            icon="speakerphone",
            permission=Permission.CAMPAIGNS_READ,
        ),
        Entry(
            path="/admin/templates",
            label=_("Templates"),
            icon="mail",
            permission=Permission.CAMPAIGNS_READ,
        ),
        Entry(
            path="/admin/customers",
            label=_("Customers"),
            icon="users",
            permission=Permission.CUSTOMERS_READ,
        ),
        Entry(
            path="/admin/deliveries",
            label=_("Deliveries"),
            icon="send",
            permission=Permission.DELIVERIES_READ,
        ),
        Entry(
            path="/admin/results",
            label=_("Results"),
            icon="chart-histogram",
            permission=Permission.RESULTS_READ,
        ),
        Entry(
            path="/admin/recommendations",
            label=_("Recommendations"),
            icon="sparkles",
            permission=Permission.RECOMMENDER_READ,
        ),
        Entry(
            path="/admin/rewards",
            label=_("Rewards"),
            icon="gift",
            permission=Permission.PROGRAMME_WRITE,
        ),
        Entry(
            path="/admin/gift-cards",
            label=_("Gift cards"),
            icon="gift-card",
            permission=Permission.TILL_CORRECT,
        ),
        Entry(
            path="/admin/tiers",
            label=_("Tiers"),
            icon="stairs-up",
            permission=Permission.PROGRAMME_WRITE,
        ),
        Entry(
            path="/admin/consents",
            label=_("Consents"),
            icon="mail",
            permission=Permission.PROGRAMME_WRITE,
        ),
        Entry(
            path="/admin/corrections",
            label=_("Corrections"),
            icon="adjustments",
            permission=Permission.CUSTOMERS_WRITE,
        ),
        Entry(
            path="/admin/people",
            label=_("People"),
            icon="id-badge-2",
            permission=Permission.STAFF_READ,
        ),
        Entry(
            path="/admin/cards",
            label=_("Printed cards"),
            icon="barcode",
            permission=Permission.SETTINGS_WRITE,
        ),
        Entry(
            path="/admin/keys",
            label=_("Keys"),
            icon="key",
            permission=Permission.KEYS_WRITE,
        ),
        Entry(
            path="/admin/webhooks",
            label=_("Webhooks"),
            icon="webhook",
            permission=Permission.WEBHOOKS_WRITE,
        ),
        Entry(
            path="/till",
            label=_("Till"),
            icon="device-desktop",
            permission=Permission.TILL_SERVE,
        ),
    )
    return tuple(
        _placed(entry)
        for entry in entries
        if _exists(entry.path)
        and (entry.permission is None or may(found.member, entry.permission))
    )


def customer_navigation() -> tuple[Entry, ...]:
    """Return the bar at the bottom of a customer's pages."""
    entries = (
        Entry(path="/wallet", label=_("Offers"), icon="ticket"),
        Entry(path="/wallet/purchases", label=_("Purchases"), icon="receipt"),
        Entry(path="/wallet/messages", label=_("Messages"), icon="mail"),
        Entry(path="/wallet/rewards", label=_("Rewards"), icon="gift"),
        Entry(path="/wallet/preferences", label=_("Preferences"), icon="adjustments"),
    )
    return tuple(_placed(entry) for entry in entries if _exists(entry.path))


def _placed(entry: Entry) -> Entry:
    exact = entry.path in {"/admin", "/wallet"}
    path = request.path.rstrip("/")
    own = (entry.path, *entry.also)
    below = tuple(f"{one}/" for one in own)
    here = path in own or (not exact and path.startswith(below))
    return replace(entry, here=here)


def _exists(path: str) -> bool:
    adapter = current_app.url_map.bind("")
    try:
        return adapter.test(path, "GET")
    except RequestRedirect:
        return True
