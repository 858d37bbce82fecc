"""Pricing a basket with a draft beside what runs, and without the draft."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from loyalty.core.money import Money
from loyalty.promotions.rules.compiling import compile_promotions
from loyalty.promotions.rules.eligibility import Situation, obstacle
from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.pricing import price
from loyalty.promotions.rules.search import WORK_LIMIT
from loyalty.promotions.rules.selecting import Item
from loyalty.promotions.values import (
    Basket,
    BasketLine,
    CatalogueFacts,
    CustomerFacts,
    Facts,
    Product,
    Programme,
    Promotion,
    Quote,
    Trigger,
    Used,
)
from loyalty.promotions.values.backtests import Bought

_ONE = Decimal(1)


class Replayed(NamedTuple):
    """A basket that the draft applies to, priced both ways."""

    after: Quote
    before: Quote

    @property
    def cost(self) -> int:
        """How much less is paid with the draft, delivery included."""
        return to_pay(self.before) - to_pay(self.after)


class Replay:
    """Prices recorded baskets with and without one promotion."""

    def __init__(
        self,
        draft: Promotion,
        others: Sequence[Promotion],
        *,
        work_limit: int = WORK_LIMIT,
    ) -> None:
        self.draft = draft
        self._with = compile_promotions([*others, draft])
        self._without = compile_promotions(others)
        self._work_limit = work_limit

    def try_on(
        self,
        basket: Basket,
        facts: Facts,
        programme: Programme,
        *,
        before: Quote | None = None,
    ) -> Replayed | None:
        """
        Price a basket with the draft and, if it applies, without it.

        :param facts: with what was used of the draft's limits so far
        :param before: the price without it, if it is known already
        :returns: None when the draft does not apply: then both prices are the same
        """
        if not self._may_apply(basket, facts, programme):
            return None
        after = self._price(basket, facts, programme, with_draft=True)
        code = self.draft.code
        if all(applied.promotion != code for applied in after.applied):
            return None
        if before is None:
            before = self._price(basket, facts, programme, with_draft=False)
        return Replayed(after=after, before=before)

    def _may_apply(self, basket: Basket, facts: Facts, programme: Programme) -> bool:
        """Test what the engine asks first; it is most of the work saved."""
        if basket.currency != programme.currency:
            return False
        situation = Situation.of(basket, facts, programme.time_zone)
        return obstacle(self.draft, situation) is None

    def _price(
        self, basket: Basket, facts: Facts, programme: Programme, *, with_draft: bool
    ) -> Quote:
        return price(
            self._with if with_draft else self._without,
            basket,
            facts=facts,
            programme=programme,
            work_limit=self._work_limit,
        )


class Reach:
    """Tells which baskets hold something that a promotion is about."""

    def __init__(self, promotion: Promotion) -> None:
        self._compiled = compile_promotions([promotion])
        self._everything = bool(self._compiled.touching(Goods(())))
        self._known: dict[str, bool] = {}

    def concerns(self, skus: Iterable[str], products: CatalogueFacts) -> bool:
        """Test whether one of the articles is one that it is about."""
        if self._everything:
            return True
        known = self._known
        for sku in skus:
            about = known.get(sku)
            if about is None:
                about = known[sku] = self._is_about(products.get(sku))
            if about:
                return True
        return False

    def _is_about(self, product: Product | None) -> bool:
        if product is None:
            return False
        price = Money(amount=0, currency="XXX")
        item = Item(
            line=BasketLine(line="", sku=product.sku, quantity=_ONE, unit_price=price),
            product=product,
            count=1,
            price=0,
            floor=0,
            weight=None,
            discountable=True,
        )
        return bool(self._compiled.touching(Goods([item])))


def as_if_it_ran(promotion: Promotion) -> Promotion:
    """Return it as it would have been at any time, for everybody it is for."""
    return replace(
        promotion,
        trigger=Trigger.AUTOMATIC,
        valid=replace(promotion.valid, start=None, until=None),
    )


def basket_of(bought: Bought) -> Basket:
    """Return a recorded purchase as the basket it was."""
    currency = bought.currency
    return Basket(
        store=bought.store,
        sales_channel=bought.sales_channel,
        at=bought.at,
        currency=currency,
        lines=tuple(
            BasketLine(
                line=str(at),
                sku=sku,
                quantity=_quantity(thousandths),
                unit_price=Money(amount=unit_price, currency=currency),
            )
            for at, (sku, thousandths, unit_price) in enumerate(
                zip(bought.skus, bought.thousandths, bought.unit_prices, strict=True)
            )
        ),
        delivery_fee=Money(amount=bought.delivery, currency=currency)
        if bought.delivery
        else None,
        payment=bought.payment,
    )


def facts_about(
    customer: CustomerFacts | None,
    products: CatalogueFacts,
    draft: Promotion,
    used: Used,
) -> Facts:
    """Return the facts of a basket; nothing else was used up."""
    return Facts(catalogue=products, customer=customer, used={draft.code: used})


def to_pay(quote: Quote) -> int:
    """Return the price of goods and delivery in minor units."""
    return quote.net.amount + quote.delivery.net.amount


@cache
def _quantity(thousandths: int) -> Decimal:
    whole, rest = divmod(thousandths, 1_000)
    return Decimal(thousandths).scaleb(-3) if rest else Decimal(whole)
