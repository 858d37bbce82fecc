"""What a card is, apart from how it is stored."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from loyalty.customers.values import CustomerID

CardID = NewType("CardID", int)


class CardState(StrEnum):
    """Whether a card works, and if not, why."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A loyalty card; the balance belongs to the customer, not to it."""

    id: CardID
    number: str
    customer_id: CustomerID
    state: CardState
    issued_at: datetime
