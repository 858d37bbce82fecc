"""Between the preference form and what the service understands."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from loyalty.catalogue.queries import list_categories
from loyalty.core.texts import current_language
from loyalty.core.texts import gettext as _
from loyalty.customers.render import consent_wording
from loyalty.customers.rules import masked
from loyalty.customers.rules.confirming import waiting
from loyalty.customers.values import (
    CHANNEL_CONTACT,
    Channel,
    Contact,
    Profile,
    Purpose,
    Suppression,
)
from loyalty.delivery.service.confirming import CONFIRMED_BY_MESSAGE, used_contact
from loyalty.portal.week import cells_of, windows_of
from loyalty.usecases.change_preferences import Wishes

_OUT_OF_RANGE: Final = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelLine:
    """One place in the order of channels."""

    channel: str
    name: str
    note: str
    """Where it goes, or why nothing goes there."""

    offers: bool
    usable: bool
    waiting: bool = False
    """Whether a yes is still to be confirmed from the address."""

    wording: str = ""
    """What a tick agrees to."""

    contact: int | None = None
    """The address, where a message can confirm it and none has yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicLine:
    """A department of the shop."""

    path: str
    name: str
    chosen: bool


def standing(profile: Profile, now: datetime) -> Wishes:
    """Return what the customer has said so far, also what is to be confirmed."""
    known = profile.preferences
    return Wishes(
        language=profile.language,
        channels=known.channels,
        windows=known.windows,
        topics=known.topics,
        max_per_week=known.max_per_week,
        pause_until=known.pause_until,
        personalised=known.personalised,
        measured=known.measured,
        marketing=profile.marketing_channels | waiting(profile, now=now),
        time_zone=profile.time_zone,
    )


def from_form(
    form: MultiDict[str, str], profile: Profile, *, providers: Collection[Channel]
) -> Wishes:
    """
    Return what the form says; a pause has its own button and stays.

    So does what the customer once said of a channel that has no provider now: the
    form does not show it.
    """
    hidden = frozenset(Channel) - frozenset(providers)
    channels = (
        *(Channel(one) for one in form.getlist("channel") if one in set(providers)),
        *(one for one in profile.preferences.channels if one in hidden),
    )
    offers = {Channel(one) for one in form.getlist("offers") if one in set(providers)}
    if form.getlist("channel") == form.getlist("undeclared"):
        channels = ()  # the order shown was not the customer's, and was left alone
    cells = form.getlist("hours")
    stands = profile.preferences.windows
    # Hours that came from elsewhere may be finer than the grid: kept until touched.
    touched = set(cells) != cells_of(stands)
    return Wishes(
        language=form.get("language", ""),
        time_zone=form.get("time_zone") or profile.time_zone,
        channels=tuple(dict.fromkeys(channels)),
        windows=windows_of(cells) if touched else stands,
        topics=tuple(dict.fromkeys(form.getlist("topic"))),
        max_per_week=_how_often(form.get("max_per_week", "")),
        pause_until=profile.preferences.pause_until,
        personalised="personalised" in form,
        measured="measured" in form,
        marketing=frozenset(offers | (profile.marketing_channels & hidden)),
    )


def moved(channels: tuple[Channel, ...], arrow: str) -> tuple[Channel, ...]:
    """Return the order after ``up:email`` or ``down:email``."""
    way, _colon, name = arrow.partition(":")
    order = list(channels)
    if name not in order:
        return channels
    at = order.index(Channel(name))
    to = at - 1 if way == "up" else at + 1
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
    return tuple(order)


def channel_lines(
    wishes: Wishes,
    profile: Profile,
    *,
    providers: Collection[Channel],
    now: datetime,
) -> tuple[ChannelLine, ...]:
    """Return every channel with a provider: those in the customer's order first."""
    order = dict.fromkeys((*wishes.channels, *Channel))
    pending = waiting(profile, now=now)
    lines = []
    for channel in (one for one in order if one in providers):
        note, usable = _note(channel, profile)
        lines.append(
            ChannelLine(
                channel=channel.value,
                name=title_of(channel),
                note=note,
                offers=channel in wishes.marketing,
                usable=usable,
                waiting=channel in pending,
                wording=consent_wording(Purpose.MARKETING, channel, current_language()),
                contact=_to_confirm(channel, profile),
            )
        )
    return tuple(lines)


def topic_lines(session: Session, chosen: Collection[str]) -> tuple[TopicLine, ...]:
    """Return the shop's departments, and whatever finer the customer chose before."""
    return tuple(
        TopicLine(path=one.path, name=one.name, chosen=one.path in chosen)
        for one in list_categories(session)
        if "/" not in one.path or one.path in chosen
    )


def _note(channel: Channel, profile: Profile) -> tuple[str, bool]:
    kind = CHANNEL_CONTACT[channel]
    if kind is None:
        return _page_note(channel), True
    contact = profile.contact(kind)
    if contact is None or contact.landline:
        return _("We have no address for it."), False
    address = masked(contact.value, contact.kind)
    if contact.suppressed_at is not None:
        return _came_back(contact, address), False
    if contact.verified_at is None:
        return _("%(address)s, not confirmed yet.", address=address), True
    return address, True


def _came_back(contact: Contact, address: str) -> str:
    match contact.suppressed_why:
        case Suppression.COMPLAINED:
            return _(
                "%(address)s: reported as spam, nothing goes there.", address=address
            )
        case Suppression.BLOCKED:
            return _("%(address)s: blocked, nothing goes there.", address=address)
        case _:
            return _(
                "%(address)s: mail came back, nothing goes there.", address=address
            )


def _to_confirm(channel: Channel, profile: Profile) -> int | None:
    if channel not in CONFIRMED_BY_MESSAGE:
        return None
    contact = used_contact(profile, channel)
    return contact.id if contact and contact.verified_at is None else None


def _page_note(channel: Channel) -> str:
    match channel:
        case Channel.TILL:
            return _("On your receipt, and our staff tell you at the next visit.")
        case Channel.WEBHOOK:
            return _("In our app, if you use it.")
        case _:
            return _("On the page “Messages”, nothing leaves the shop.")


def title_of(channel: Channel) -> str:
    """Return what customers read of a channel."""
    return {
        Channel.EMAIL: _("E-mail"),
        Channel.SMS: _("Text message"),
        Channel.PUSH: _("Notification in the browser"),
        Channel.TELEGRAM: _("Telegram"),
        Channel.INBOX: _("Inbox in this wallet"),
        Channel.TILL: _("At the till"),
        Channel.LETTER: _("Letter by post"),
        Channel.WEBHOOK: _("The shop's app"),
    }[channel]


def _how_often(text: str) -> int | None:
    """Read a number a week; empty is the shop's, nonsense is refused later."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() else _OUT_OF_RANGE
