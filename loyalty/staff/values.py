"""The vocabulary of staff, their permissions and the keys of machines."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

StaffID = NewType("StaffID", int)
StaffSessionID = NewType("StaffSessionID", int)
ApiKeyID = NewType("ApiKeyID", int)


class Role(StrEnum):
    """The kinds of work; a person may do several, each in a store or in all."""

    CASHIER = "cashier"
    MANAGER = "manager"
    MARKETER = "marketer"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a page or an action needs; every route of staff names one."""

    TILL_SERVE = "till.serve"
    """Identify, enrol, price and record purchases at a till."""

    TILL_CORRECT = "till.correct"
    """Undo and put right what happened at a till."""

    CUSTOMERS_READ = "customers.read"
    CUSTOMERS_WRITE = "customers.write"
    PROMOTIONS_READ = "promotions.read"
    PROMOTIONS_WRITE = "promotions.write"
    PROMOTIONS_APPROVE = "promotions.approve"
    CAMPAIGNS_READ = "campaigns.read"
    CAMPAIGNS_WRITE = "campaigns.write"
    RESULTS_READ = "results.read"
    DELIVERIES_READ = "deliveries.read"
    DELIVERIES_CONTROL = "deliveries.control"
    """Pause and resume sending."""

    RECOMMENDER_READ = "recommender.read"
    RECOMMENDER_RUN = "recommender.run"
    CATALOGUE_READ = "catalogue.read"
    CATALOGUE_WRITE = "catalogue.write"
    PROGRAMME_WRITE = "programme.write"
    """Tiers, rewards, causes, and what is promised of gift cards."""

    STORES_WRITE = "stores.write"
    STAFF_READ = "staff.read"
    STAFF_WRITE = "staff.write"
    KEYS_WRITE = "keys.write"
    AUDIT_READ = "audit.read"
    SETTINGS_WRITE = "settings.write"
    WEBHOOKS_WRITE = "webhooks.write"
    """Where events are sent, and what was sent there."""


class ApiScope(StrEnum):
    """What a key may do."""

    CHECKOUT_QUOTE = "checkout:quote"
    CHECKOUT_ANY_TIME = "checkout:any-time"
    """Price a basket as of another moment than now."""

    PURCHASES_WRITE = "purchases:write"
    PURCHASES_READ = "purchases:read"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    CARDS_READ = "cards:read"
    CARDS_WRITE = "cards:write"
    """Give out, block, unblock, replace and close cards."""

    CUSTOMERS_MERGE = "customers:merge"
    """Make one record of two of the same person, and undo it."""

    PROMOTIONS_READ = "promotions:read"
    PROMOTIONS_WRITE = "promotions:write"
    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_WRITE = "catalogue:write"
    OFFERS_READ = "offers:read"
    PROGRAMME_READ = "programme:read"
    """Tiers, rewards and causes."""

    PROGRAMME_WRITE = "programme:write"
    POINTS_SPEND = "points:spend"
    """Redeem rewards, give points, and say who shares a balance, for members."""

    GIFT_CARDS_READ = "gift-cards:read"
    GIFT_CARDS_WRITE = "gift-cards:write"
    WEBHOOKS_MANAGE = "webhooks:manage"
    """See and change where events are sent, and what was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """The stores that somebody's permission reaches."""

    everywhere: bool = False
    stores: frozenset[int] = frozenset()

    def covers(self, store_id: int | None) -> bool:
        """Test a store; None is what concerns all stores at once."""
        return self.everywhere or store_id in self.stores


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A role in one store, or in all of them."""

    role: Role
    store_id: int | None = None
    """None means every store."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffMember:
    """Somebody who works here."""

    id: StaffID
    email: str
    name: str
    language: str
    posts: tuple[Post, ...]
    second_factor: bool
    """Whether a code from an authenticator is asked for at sign-in."""

    disabled_at: datetime | None = None

    @property
    def actor(self) -> str:
        """The name by which the audit knows this person."""
        return f"staff:{self.id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What a password is checked against."""

    staff_id: StaffID
    password_hash: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffSession:
    """One browser in which somebody is signed in."""

    id: StaffSessionID
    staff_id: StaffID
    store_id: int | None
    """The store the person works in just now."""

    created_at: datetime
    seen_at: datetime
    browser: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionLimits:
    """How long a sign-in lasts, in seconds."""

    idle: int
    """Without any request."""

    absolute: int
    """In all, however busy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """Somebody signed in: the person and the browser's session."""

    member: StaffMember
    session: StaffSession


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyIdentity:
    """The machine that a key belongs to."""

    id: ApiKeyID
    label: str
    scopes: frozenset[ApiScope]
    store_id: int | None
    """The one store it may act for, or None for all."""

    @property
    def actor(self) -> str:
        """The name by which the audit knows this machine."""
        return f"key:{self.id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKey:
    """A key as an administrator sees it; the secret is shown once, at its making."""

    id: ApiKeyID
    prefix: str
    label: str
    scopes: tuple[ApiScope, ...]
    store_id: int | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
