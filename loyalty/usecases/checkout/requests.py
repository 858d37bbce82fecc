"""What is asked for at the till, and what comes of it."""

from dataclasses import dataclass

from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.promotions.render import Names
from loyalty.promotions.values import (
    BasketLine,
    PointsRule,
    Quote,
)
from loyalty.promotions.values.codes import Withheld
from loyalty.promotions.values.states import StoredPromotion
from loyalty.stores.values import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class BasketRequest:
    """A basket as a surface understood it; amounts are in the store's currency."""

    store: str
    lines: tuple[BasketLine, ...]
    sales_channel: str = "till"
    card: str | None = None
    codes: tuple[str, ...] = ()
    codes_withheld: Withheld | None = None
    """Set where too many wrong codes were tried: then none is looked up."""

    delivery_fee: Money | None = None
    payment: str | None = None
    language: str = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """What makes a basket a purchase."""

    receipt: str
    """The till's own number, unique in the store."""

    request_key: str
    request_hash: bytes
    """Of the whole request, so that a key can't stand for two."""

    actor: str
    simulated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Priced:
    """A quote with what it was computed from."""

    quote: Quote
    store: Store
    customer_id: CustomerID | None
    balance: int | None
    """Points before this basket; None without a card."""

    promotions: dict[str, StoredPromotion]
    points_rule: PointsRule | None
    names: Names
    """What products and categories are called in terms and messages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What became of a purchase; ``reply`` is the answer as JSON."""

    reply: str
    replayed: bool
