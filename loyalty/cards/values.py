"""What a card is, apart from how it is stored."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from loyalty.customers.values import CustomerID

CardID = NewType("CardID", int)
BatchID = NewType("BatchID", int)


class CardState(StrEnum):
    """Whether a card works, and if not, why."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"
    CLOSED = "closed"


class CardReason(StrEnum):
    """Why a card does not work any more."""

    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    UNWANTED = "unwanted"


BLOCK_REASONS = (CardReason.LOST, CardReason.STOLEN)
"""Why a card may be blocked: for as long as it may turn up again."""


class CardAction(StrEnum):
    """What can happen to a card."""

    ISSUED = "issued"
    ATTACHED = "attached"
    """A card that was printed before it belonged to anybody was given out."""

    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    REPLACED = "replaced"
    CLOSED = "closed"
    MADE_MAIN = "made_main"


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A loyalty card; the balance belongs to the customer, not to it."""

    id: CardID
    number: str
    customer_id: CustomerID
    """Whose points it carries: after a merge, the record that stands for both."""

    state: CardState
    issued_at: datetime
    main: bool = False
    """Chosen as the one to show first."""

    reason: CardReason | None = None
    changed_at: datetime | None = None
    """When the state last changed; None while it is as issued."""

    replaced_by: str | None = None
    """The number of the card that took its place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardEvent:
    """One thing that happened to a card."""

    card: str
    """Its number."""

    at: datetime
    actor: str
    action: CardAction
    reason: CardReason | None
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Cards that are printed before they belong to anybody."""

    id: BatchID
    label: str
    made_at: datetime
    made_by: str
    count: int
    attached: int
    """How many of them were given to somebody."""
