"""What pays beside cash and bank card: the member's points and money, gift cards."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from loyalty.core.money import Money, zero
from loyalty.giftcards.queries import get_account, stored_value
from loyalty.giftcards.rules import usable
from loyalty.giftcards.values import GiftAccount, GiftAccountID
from loyalty.points.queries import spendable
from loyalty.points.rules.worth import money_for, tendered
from loyalty.sharing.queries import purse_of
from loyalty.stores.queries import get_programme
from loyalty.stores.values import Store
from loyalty.till.counter import Counter
from loyalty.usecases.checkout import (
    GIFT_CARD,
    PAYMENT,
    POINTS,
    STORED_VALUE,
    Priced,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Means:
    """What can pay now, and how much of that was chosen and still can."""

    have: int
    """The points that the member can spend here."""

    value: Decimal
    """Of one point; 0 where points don't pay."""

    stored: Money
    points_used: int
    stored_used: Money
    gifts: tuple[GiftAccount, ...]
    lost: bool
    """Whether some of what was chosen can't pay any more."""

    @property
    def worth(self) -> Money:
        """What all the points are worth."""
        return money_for(self.have, value=self.value, currency=self.stored.currency)

    def kept_on(self, counter: Counter) -> Counter:
        """Return the counter with what can still pay, and no more."""
        return replace(
            counter,
            points=self.points_used,
            stored=self.stored_used.amount,
            gift_cards=tuple(gift.id for gift in self.gifts),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Gift:
    """A gift card in the basket."""

    number: GiftAccountID
    ending: str
    used: Money
    left: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """What is wrong with a field, and what was typed there."""

    field: str
    typed: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """How the basket is paid, as the cashier sees it."""

    means: Means
    points: int
    points_worth: Money
    most: int
    """The most points that count in this basket."""

    gifts: tuple[Gift, ...]
    stored: Money
    rest: Money
    """What remains to pay in cash or by bank card."""

    trouble: Trouble | None

    def problem(self, field: str) -> str | None:
        """Return what is wrong with a field."""
        about = self._about(field)
        return about.message if about else None

    def typed(self, field: str) -> str:
        """Return what was typed into a field that was refused."""
        about = self._about(field)
        return about.typed if about else ""

    def _about(self, field: str) -> Trouble | None:
        return self.trouble if self.trouble and self.trouble.field == field else None


def means_of(
    db: Session, counter: Counter, *, has_card: bool, store: Store, now: datetime
) -> Means:
    """Return what can pay at this counter; of what is gone, as much as is left."""
    nothing = zero(store.currency)
    have, value, stored = 0, Decimal(0), nothing
    if counter.customer_id is not None and has_card:
        programme = get_programme(db)
        if programme.currency == store.currency:
            value = programme.points_rule.value
        if value:
            purse = purse_of(db, customer_id=counter.customer_id)
            have = spendable(db, customer_id=purse, now=now)
        account = stored_value(
            db, customer_id=counter.customer_id, currency=store.currency
        )
        stored = usable(account, now=now) if account else nothing
    cards = [get_account(db, account_id=number) for number in counter.gift_cards]
    gifts = tuple(card for card in cards if usable(card, now=now))
    points = min(counter.points, have)
    amount = min(counter.stored, stored.amount)
    return Means(
        have=have,
        value=value,
        stored=stored,
        points_used=points,
        stored_used=Money(amount=amount, currency=store.currency),
        gifts=gifts,
        lost=points < counter.points
        or amount < counter.stored
        or len(gifts) < len(cards),
    )


def settlement(means: Means, priced: Priced, trouble: Trouble | None) -> Settlement:
    """Return how a priced basket is paid."""
    currency = priced.quote.currency
    paid = {one.tender: one for one in priced.tenders}
    price = priced.quote.net + priced.quote.delivery.net
    points, cash = paid.get(POINTS), paid.get(PAYMENT)
    gifts = tuple(
        Gift(
            number=card.id,
            ending=card.ending,
            used=_used(priced, card),
            left=card.balance - _used(priced, card),
        )
        for card in means.gifts
    )
    stored = paid.get(STORED_VALUE)
    return Settlement(
        means=means,
        points=points.points if points else 0,
        points_worth=Money(amount=points.amount if points else 0, currency=currency),
        most=tendered(means.have, to_pay=price, value=means.value)[0],
        gifts=gifts,
        stored=Money(amount=stored.amount if stored else 0, currency=currency),
        rest=Money(amount=cash.amount if cash else 0, currency=currency),
        trouble=trouble,
    )


def _used(priced: Priced, card: GiftAccount) -> Money:
    amounts = (
        one.amount
        for one in priced.tenders
        if one.tender == GIFT_CARD and one.reference == str(card.id)
    )
    return Money(amount=sum(amounts), currency=priced.quote.currency)
