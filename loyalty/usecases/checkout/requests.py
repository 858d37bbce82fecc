"""What is asked for at the till, and what comes of it."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.giftcards.values import GiftAccountID
from loyalty.promotions.render import Names
from loyalty.promotions.values import BasketLine, Quote
from loyalty.promotions.values.codes import Withheld
from loyalty.promotions.values.kept import Pricing, QuoteID
from loyalty.promotions.values.states import StoredPromotion
from loyalty.purchases.values import TenderShare
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
    points_to_spend: int = 0
    gift_cards: tuple[str, ...] = ()
    """Codes of cards to pay with, each as far as it reaches."""

    gift_accounts: tuple[GiftAccountID, ...] = ()
    """Cards to pay with whose codes the surface has read before."""

    stored_value_to_spend: Money | None = None
    language: str = "en"
    at: datetime | None = None
    """The moment for which it is priced; None is now."""

    drafts: tuple[StoredPromotion, ...] = ()
    """Promotions that are tried: priced as if they ran beside the active ones."""


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
    quote: QuoteID | None = None
    """The quote that the customer was told: its price, or none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Priced:
    """A quote with what it was computed from."""

    quote: Quote
    pricing: Pricing
    store: Store
    customer_id: CustomerID | None
    purse: CustomerID | None
    """Whose points the customer has: their own, or those of a household."""

    balance: int | None
    """Points before this basket; None without a card."""

    names: Names
    """What products and categories are called in terms and messages."""

    points_to_spend: int = 0
    tenders: tuple[TenderShare, ...] = ()
    """How it is paid, in the order of refunds."""

    points_wait: bool = False
    """Whether what it earns can be spent only after the programme's delay."""

    @property
    def available_after(self) -> int | None:
        """The points that can be spent after it; None without a card."""
        if self.balance is None:
            return None
        earned = 0 if self.points_wait else self.quote.points_earned
        return self.balance + earned - sum(share.points for share in self.tenders)

    @property
    def promotions(self) -> dict[str, StoredPromotion]:
        """The promotions that could concern the basket, by code."""
        return {p.promotion.code: p for p in self.pricing.promotions}


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """Under which name a quote was kept, and until when it holds."""

    quote_id: QuoteID
    reserved_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """Who asks for a quote, and whether it shall hold."""

    actor: str
    reserve: bool = False
    minutes: int | None = None
    """How long it shall hold; None is as long as the programme says."""

    replaces: QuoteID | None = None
    """A quote whose reservation is given up for this one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What became of a purchase; ``reply`` is the answer as JSON."""

    reply: str
    replayed: bool
