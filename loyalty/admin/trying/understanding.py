"""From the form to a basket that the engine prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy.orm import Session

from loyalty.admin.pages import FieldProblems
from loyalty.admin.trying.form import Trial, TypedLine
from loyalty.cards.queries import main_card
from loyalty.cards.values import CardState
from loyalty.catalogue.queries import find_products
from loyalty.catalogue.values import Product
from loyalty.core.money import Money, NotMoney, parse_money
from loyalty.core.periods import local_moment
from loyalty.core.texts import current_language
from loyalty.core.texts import gettext as _
from loyalty.promotions.queries import PromotionNotFound, get_promotion
from loyalty.promotions.values import BasketLine, Trigger
from loyalty.promotions.values.states import StoredPromotion
from loyalty.stores.values import Store
from loyalty.usecases.checkout import BasketRequest

_MOST = Decimal(10_000)
_DECIMALS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Understood:
    """The basket, or what keeps it from being priced."""

    request: BasketRequest
    products: Mapping[str, Product]
    problems: FieldProblems = field(default_factory=FieldProblems)
    cardless: bool = False
    """A customer was chosen who has no card that works."""


def understand(session: Session, trial: Trial, store: Store) -> Understood:
    """Return what the form means in a store."""
    problems = FieldProblems()
    products = find_products(session, skus={line.sku for line in trial.lines})
    card = _card(session, trial)
    request = BasketRequest(
        store=store.code,
        sales_channel=trial.sales_channel,
        lines=_lines(trial, products, store.currency, problems),
        card=card,
        codes=tuple(dict.fromkeys(trial.codes.replace(",", " ").split())),
        delivery_fee=_fee(trial.delivery_fee, store.currency, problems),
        payment=trial.payment or None,
        language=current_language(),
        at=_moment(trial.at, store, problems),
        drafts=_drafts(session, trial.draft),
    )
    return Understood(
        request=request,
        products=products,
        problems=problems,
        cardless=trial.customer_id is not None and card is None,
    )


def _card(session: Session, trial: Trial) -> str | None:
    if trial.customer_id is None:
        return None
    card = main_card(session, customer_id=trial.customer_id)
    return card.number if card and card.state is CardState.ACTIVE else None


def _lines(
    trial: Trial,
    products: Mapping[str, Product],
    currency: str,
    problems: FieldProblems,
) -> tuple[BasketLine, ...]:
    lines = []
    for at, typed in enumerate(trial.lines):
        quantity = _quantity(typed, products.get(typed.sku), at, problems)
        price = _price(typed, products.get(typed.sku), currency, at, problems)
        if quantity is not None and price is not None:
            lines.append(
                BasketLine(
                    line=str(at), sku=typed.sku, quantity=quantity, unit_price=price
                )
            )
    return tuple(lines)


def _quantity(
    typed: TypedLine, product: Product | None, at: int, problems: FieldProblems
) -> Decimal | None:
    try:
        quantity = Decimal(typed.quantity.replace(",", "."))
    except InvalidOperation:
        quantity = Decimal(0)
    if not 0 < quantity < _MOST:
        problems[f"quantity-{at}"] = _("A number above 0.")
    elif quantity != round(quantity, _DECIMALS):
        problems[f"quantity-{at}"] = _("At most three decimals.")
    elif product is not None and not product.weighed and quantity % 1:
        problems[f"quantity-{at}"] = _("It is sold by the piece: a whole number.")
    else:
        return quantity
    return None


def _price(
    typed: TypedLine,
    product: Product | None,
    currency: str,
    at: int,
    problems: FieldProblems,
) -> Money | None:
    if not typed.price and product is not None and product.price.currency == currency:
        return product.price
    found = _money(typed.price, currency)
    if found is None:
        problems[f"price-{at}"] = _("A price in %(currency)s.", currency=currency)
    return found


def _fee(text: str, currency: str, problems: FieldProblems) -> Money | None:
    if not text:
        return None
    fee = _money(text, currency)
    if fee is None:
        problems["delivery_fee"] = _("An amount in %(currency)s.", currency=currency)
    return fee


def _money(text: str, currency: str) -> Money | None:
    try:
        found = parse_money(text.replace(",", "."), currency)
    except NotMoney:
        return None
    return found if found.amount >= 0 else None


def _moment(text: str, store: Store, problems: FieldProblems) -> datetime | None:
    if not text:
        return None
    try:
        return local_moment(datetime.fromisoformat(text), store.time_zone)
    except (ValueError, OverflowError):
        problems["at"] = _("A day and a time, as 2026-11-20 16:30.")
        return None


def _drafts(session: Session, code: str) -> tuple[StoredPromotion, ...]:
    """Return the draft as if it applied by itself to everybody it is for."""
    if not code:
        return ()
    try:
        stored = get_promotion(session, code=code)
    except PromotionNotFound:
        return ()
    by_itself = replace(stored.promotion, trigger=Trigger.AUTOMATIC)
    return (replace(stored, promotion=by_itself),)
