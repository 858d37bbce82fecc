"""The vocabulary of customers, their preferences and consents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from loyalty.core.periods import WeeklyWindow

CustomerID = NewType("CustomerID", int)
"""Random, positive, below 2**53: says nothing about when or where one enrolled."""

ContactID = NewType("ContactID", int)
MergeID = NewType("MergeID", int)


class ContactKind(StrEnum):
    """What an address is."""

    EMAIL = "email"
    PHONE = "phone"
    PUSH = "push"
    """A browser's subscription (RFC 8030), JSON as the browser gives it."""

    TELEGRAM = "telegram"
    """The number of a chat with the shop's bot."""

    POST = "post"
    """A postal address of several lines, the name first."""


class Channel(StrEnum):
    """The ways of reaching a customer."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    TELEGRAM = "telegram"
    INBOX = "inbox"
    TILL = "till"
    """Printed on the receipt and shown to staff at the next visit."""

    LETTER = "letter"
    WEBHOOK = "webhook"
    """Posted to the shop's own app, which knows how to reach its users."""


CHANNEL_CONTACT: dict[Channel, ContactKind | None] = {
    Channel.EMAIL: ContactKind.EMAIL,
    Channel.SMS: ContactKind.PHONE,
    Channel.PUSH: ContactKind.PUSH,
    Channel.TELEGRAM: ContactKind.TELEGRAM,
    Channel.INBOX: None,
    Channel.TILL: None,
    Channel.LETTER: ContactKind.POST,
    Channel.WEBHOOK: None,
}
"""The kind of address a channel needs; None needs the customer alone."""

NO_ADDRESS = frozenset(
    channel for channel, kind in CHANNEL_CONTACT.items() if kind is None
)
"""The channels that reach whoever is a customer."""


class Purpose(StrEnum):
    """What a consent is for."""

    MARKETING = "marketing"
    """Messages with offers, on one channel."""

    PERSONALISATION = "personalisation"
    """Choosing offers from what the customer bought."""

    MEASUREMENT = "measurement"
    """Counting which messages the customer opens, and what they follow."""


class Suppression(StrEnum):
    """Why nothing goes to an address any more."""

    REFUSED = "refused"
    """The provider took no message for it."""

    BOUNCED = "bounced"
    SOFT_BOUNCES = "soft_bounces"
    """Messages came back again and again that might have arrived later."""

    COMPLAINED = "complained"
    BLOCKED = "blocked"
    """The customer blocked the sender, or took the permission away."""


class CustomerStatus(StrEnum):
    """Whether there is still a person behind the record."""

    ACTIVE = "active"
    ERASED = "erased"
    MERGED = "merged"
    """Another record of the same person stands for this one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """One phone number (E.164) or e-mail address of a customer."""

    id: ContactID
    kind: ContactKind
    value: str
    verified_at: datetime | None = None
    suppressed_at: datetime | None = None
    """Set by a bounce or a complaint: nothing goes there any more."""

    suppressed_why: str | None = None
    """A ``Suppression``, or what an older version wrote."""

    landline: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """A dated statement; the latest one for a purpose and channel counts."""

    purpose: Purpose
    channel: Channel | None
    given: bool
    wording: str
    wording_version: str
    source: str
    """Where it was said: ``till``, ``page``, ``link``, ``code``, ``import`` …"""

    actor: str
    at: datetime
    asked: bool = False
    """Said, and still to be confirmed by the address: counts as a no until then."""

    contact_id: ContactID | None = None
    confirms: int | None = None
    id: int | None = None
    """None before it is kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speaker:
    """Who said so, and where."""

    actor: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Preferences:
    """What reaches a customer, when and how; an empty part is not declared."""

    channels: tuple[Channel, ...] = ()
    windows: tuple[WeeklyWindow, ...] = ()
    topics: tuple[str, ...] = ()
    """Category paths the customer is interested in."""

    max_per_week: int | None = None
    pause_until: datetime | None = None
    personalised: bool = False
    """Whether the latest personalisation consent is given."""

    measured: bool = False
    """Whether what they open may be counted: the latest consent to it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A customer as every surface sees one, personal values opened."""

    id: CustomerID
    status: CustomerStatus
    language: str
    time_zone: str
    enrolled_at: datetime
    home_store: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    birthday: date | None = None
    contacts: tuple[Contact, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    marketing_channels: frozenset[Channel] = frozenset()
    """Channels with a marketing consent that stands."""

    asked: Mapping[Channel, datetime] = field(default_factory=dict)
    """Channels whose yes was still to be confirmed, and since when."""

    segments: tuple[str, ...] = ()
    merged_into: CustomerID | None = None
    """The record that stands for this one, once they were merged."""

    @property
    def display_name(self) -> str:
        """The first name and the last name's initial, as ``Anna K.``."""
        initial = f"{self.last_name[0]}." if self.last_name else ""
        return " ".join(part for part in (self.first_name or "", initial) if part)

    def contact(self, kind: ContactKind) -> Contact | None:
        """Return the first address of this kind, or None."""
        return next((c for c in self.contacts if c.kind is kind), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Merge:
    """Two records of one person that were made one."""

    id: MergeID
    into: CustomerID
    merged: CustomerID
    at: datetime
    by: str
    undone_at: datetime | None
    moves: tuple[list[int], ...]
    """Giver, receiver, the giver's version of the transfer, and points."""

    stored: tuple[list[int | str | None], ...]
    """The movements of stored money, as the feature that made them wrote them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """What a customer said that offers may be chosen by; nothing personal."""

    topics: tuple[str, ...]
    language: str
    store: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Shopper:
    """What a price may depend on of the holder of a card."""

    id: CustomerID
    language: str
    enrolled_at: datetime
    home_store: str | None
    birthday: date | None
    segments: tuple[str, ...]
    topics: tuple[str, ...]
