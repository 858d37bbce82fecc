"""What lies on the counter: the customer and the basket of one till.

It is kept in the browser's signed session, so that any web process can serve the
next request: names of articles and people are never in it, only numbers.
"""

import secrets
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from flask import request, session
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.core.texts import gettext as _
from loyalty.customers.values import CustomerID
from loyalty.giftcards.values import GiftAccountID
from loyalty.promotions.rules.codes import normal_code
from loyalty.staff.rules import may
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_store_by_id
from loyalty.stores.values import Store, StoreID
from loyalty.web.guards import work_store
from loyalty.web.people import current_staff, current_store
from loyalty.web.surface import redirect_to

PAYMENTS: Final = ("card", "cash")
MOST_LINES: Final = 100
"""As many as the session's cookie holds with room to spare."""

MOST_CODES: Final = 5
LONGEST_CODE: Final = 64
MOST_GIFT_CARDS: Final = 5

_KEY: Final = "till"


class BasketFull(Refused):
    """The basket holds as many lines as a till can carry."""

    code = "basket_full"


class TooManyCodes(Refused):
    """The basket has as many coupon codes as a till takes."""

    code = "too_many_codes"


class TooManyGiftCards(Refused):
    """The basket is paid with as many gift cards as a till takes."""

    code = "too_many_gift_cards"


@dataclass(frozen=True, kw_only=True, slots=True)
class CounterLine:
    """Some of one article; the price is the catalogue's."""

    sku: str
    quantity: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Counter:
    """The customer and the basket in front of the cashier."""

    store_id: StoreID
    request_key: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    """Made when the basket began, so that it can be recorded only once."""

    customer_id: CustomerID | None = None
    lines: tuple[CounterLine, ...] = ()
    payment: str = PAYMENTS[0]
    codes: tuple[str, ...] = ()
    """Coupon codes as they were typed or scanned."""

    points: int = 0
    """How many points the member wants to pay with."""

    stored: int = 0
    """How much of what the member has stored shall pay; minor units."""

    gift_cards: tuple[GiftAccountID, ...] = ()
    """Cards to pay with, by number: a code is as good as money and is not kept."""

    @property
    def receipt(self) -> str:
        """The till's number for the purchase, the same however often it is sent."""
        return f"T-{self.request_key}"

    def attached(self, customer_id: CustomerID | None) -> "Counter":
        """
        Return the counter with this member, or with nobody.

        What the one before wanted to pay with is theirs alone.
        """
        if customer_id == self.customer_id:
            return self
        return replace(self, customer_id=customer_id, points=0, stored=0)

    def paid_with(
        self, *, points: int | None = None, stored: int | None = None
    ) -> "Counter":
        """Return the counter with as much of the member's to pay with."""
        return replace(
            self,
            points=self.points if points is None else points,
            stored=self.stored if stored is None else stored,
        )

    def with_gift_card(self, number: GiftAccountID) -> "Counter":
        """
        Return the counter with a gift card more; the same one counts once.

        :raises TooManyGiftCards: if there are enough
        """
        if number in self.gift_cards:
            return self
        if len(self.gift_cards) >= MOST_GIFT_CARDS:
            message = _("A basket takes %(n)s gift cards. Remove one first.")
            raise TooManyGiftCards(message % {"n": MOST_GIFT_CARDS})
        return replace(self, gift_cards=(*self.gift_cards, number))

    def without_gift_card(self, number: int) -> "Counter":
        """Return the counter without a gift card; one that is gone stays gone."""
        kept = (one for one in self.gift_cards if one != number)
        return replace(self, gift_cards=tuple(kept))

    def paid_by(self, payment: str) -> "Counter":
        """Return the counter with this way of paying; an unknown one is ignored."""
        return replace(self, payment=payment) if payment in PAYMENTS else self

    def with_code(self, text: str) -> "Counter":
        """
        Return the counter with a coupon code more; the same one counts once.

        :raises TooManyCodes: if there are enough
        """
        code = text.strip()[:LONGEST_CODE]
        if not code or normal_code(code) in map(normal_code, self.codes):
            return self
        if len(self.codes) >= MOST_CODES:
            message = _("A basket takes %(n)s codes. Remove one first.", n=MOST_CODES)
            raise TooManyCodes(message)
        return replace(self, codes=(*self.codes, code))

    def without_code(self, at: int) -> "Counter":
        """Return the counter without a code; one that is gone stays gone."""
        kept = (code for place, code in enumerate(self.codes) if place != at)
        return replace(self, codes=tuple(kept))

    def with_line(self, sku: str, quantity: Decimal, *, together: bool) -> "Counter":
        """
        Return the counter with some more of an article.

        :param together: whether it joins a line of the same article
        :raises BasketFull: if there are too many lines
        """
        for at, line in enumerate(self.lines):
            if together and line.sku == sku:
                more = replace(line, quantity=line.quantity + quantity)
                return self._with(at, more)
        if len(self.lines) >= MOST_LINES:
            message = _("A basket holds %(n)s lines. Take this one first.")
            raise BasketFull(message % {"n": MOST_LINES})
        line = CounterLine(sku=sku, quantity=quantity)
        return replace(self, lines=(*self.lines, line))

    def with_quantity(self, at: int, quantity: Decimal) -> "Counter":
        """Return the counter with a line changed; one that is gone stays gone."""
        if not 0 <= at < len(self.lines):
            return self
        return self._with(at, replace(self.lines[at], quantity=quantity))

    def without_line(self, at: int) -> "Counter":
        """Return the counter without a line."""
        kept = (line for place, line in enumerate(self.lines) if place != at)
        return replace(self, lines=tuple(kept))

    def _with(self, at: int, line: CounterLine) -> "Counter":
        return replace(self, lines=(*self.lines[:at], line, *self.lines[at + 1 :]))


def ask_for_store() -> ResponseReturnValue | None:
    """Send to the choice of store whoever has none, or may not serve there."""
    store_id = current_store()
    if store_id is not None and may(
        current_staff(), Permission.TILL_SERVE, store_id=store_id
    ):
        return None
    page = request.path if request.method == "GET" else "/till"
    return redirect_to(f"/staff/store?next={page}")


def current_counter() -> Counter:
    """Return what lies on this browser's counter; in another store, nothing."""
    store_id = StoreID(work_store())
    kept: dict[str, Any] = session.get(_KEY) or {}
    if kept.get("store") != store_id:
        return Counter(store_id=store_id)
    customer = kept.get("customer")
    return Counter(
        store_id=store_id,
        request_key=kept["key"],
        customer_id=None if customer is None else CustomerID(customer),
        lines=tuple(
            CounterLine(sku=sku, quantity=Decimal(quantity))
            for sku, quantity in kept["lines"]
        ),
        payment=kept["payment"],
        # A counter of before these were taken has none.
        codes=tuple(kept.get("codes", ())),
        points=kept.get("points", 0),
        stored=kept.get("stored", 0),
        gift_cards=tuple(map(GiftAccountID, kept.get("gift_cards", ()))),
    )


def put(counter: Counter) -> None:
    """Leave this on the counter."""
    session[_KEY] = {
        "store": counter.store_id,
        "key": counter.request_key,
        "customer": counter.customer_id,
        "lines": [[line.sku, str(line.quantity)] for line in counter.lines],
        "payment": counter.payment,
        "codes": list(counter.codes),
        "points": counter.points,
        "stored": counter.stored,
        "gift_cards": list(counter.gift_cards),
    }


def clear() -> None:
    """Clear the counter for the next customer."""
    session.pop(_KEY, None)


def here(db: Session) -> Store:
    """Return the store in which the signed-in person works."""
    return get_store_by_id(db, store_id=StoreID(work_store()))
