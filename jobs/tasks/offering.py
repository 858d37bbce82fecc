"""Promotions and offers of the shop as the recommender knows them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from loyalty.catalogue.values import Product
from loyalty.offers.values import Offer, OfferState
from loyalty.promotions.queries import get_promotion, totals_of
from loyalty.promotions.rules.rewards import selectors
from loyalty.promotions.rules.selecting import ancestry
from loyalty.promotions.values import (
    AmountOff,
    BuyGet,
    FixedPrice,
    FreeItem,
    PercentOff,
    Promotion,
    Reward,
)
from loyalty.promotions.values.states import StoredPromotion
from loyalty.purchases.queries import UsualLine, usual_lines
from recommender import data as rows

LATELY: Final = timedelta(days=56)
"""What a redemption usually costs is seen from purchases of so long."""

ENOUGH_USES: Final = 20
"""From so many uses on, what they gave is what a redemption costs."""

_ANSWERS: Final[Mapping[OfferState, rows.Answer]] = {
    OfferState.DISMISSED: rows.Answer.NOT_FOR_ME,
    OfferState.REDEEMED: rows.Answer.REDEEMED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """What the goods of the shop usually cost and earn, wherever they stand."""

    lines: Mapping[str, int]
    """How many lines were bought, by sku and by each place above it."""

    gross: Mapping[str, int]
    cost: Mapping[str, int]
    """What those lines cost the shop, as far as it is known,"""

    known: Mapping[str, int]
    """and what was paid for the lines whose cost is known."""

    prices: Mapping[str, int] = field(default_factory=dict)
    """By sku, from the catalogue, in minor units."""

    @classmethod
    def of(
        cls, products: Iterable[Product], bought: Mapping[str, UsualLine]
    ) -> "Shelf":
        """Add what was bought up to every place that it stands in."""
        lines: Counter[str] = Counter()
        gross: Counter[str] = Counter()
        cost: Counter[str] = Counter()
        known: Counter[str] = Counter()
        prices: dict[str, int] = {}
        for product in products:
            price = prices[product.sku] = product.price.amount
            usual = bought.get(product.sku)
            if usual is None:
                continue
            for place in _places(product):
                lines[place] += usual.lines
                gross[place] += usual.gross
                if product.cost is not None and price:
                    cost[place] += usual.gross * product.cost.amount // price
                    known[place] += usual.gross
        return cls(lines=lines, gross=gross, cost=cost, known=known, prices=prices)

    def price(self, places: Sequence[str]) -> int | None:
        """Return what a line of these places (skus, categories) usually comes to."""
        count = sum(self.lines.get(place, 0) for place in places)
        if count:
            return round(sum(self.gross.get(place, 0) for place in places) / count)
        found = [self.prices[place] for place in places if place in self.prices]
        return round(sum(found) / len(found)) if found else None

    def margin(self, places: Sequence[str], price: int) -> int | None:
        """Return what of that price is left to the shop; None if no cost is known."""
        known = sum(self.known.get(place, 0) for place in places)
        if not known:
            return None
        cost = sum(self.cost.get(place, 0) for place in places)
        return round(price * (1 - cost / known))


def read_shelf(
    session: Session, *, products: Iterable[Product], now: datetime
) -> Shelf:
    """Return what goods usually cost, from the purchases of the last eight weeks."""
    return Shelf.of(products, usual_lines(session, since=now - LATELY))


def offers_of(
    session: Session, *, promotions: Sequence[StoredPromotion], shelf: Shelf
) -> list[rows.Offer]:
    """Return promotions as offers, with what a redemption costs and earns."""
    totals = totals_of(session, promotion_ids=[one.id for one in promotions])
    found = []
    for stored in promotions:
        so_far = totals.get(stored.id)
        mean = None
        if so_far is not None and so_far.uses >= ENOUGH_USES:
            mean = round(so_far.given / so_far.uses)
        found.append(offer_of(stored.promotion, shelf, mean_given=mean))
    return found


def offer_of(
    promotion: Promotion, shelf: Shelf | None = None, *, mean_given: int | None = None
) -> rows.Offer:
    """
    Return a promotion as an offer: what it is for and, with a shelf, what it costs.

    :param mean_given: what its redemptions gave so far, if there were enough
    """
    about = selectors(promotion.reward)
    skus = tuple(sku for one in about for sku in one.skus or ())
    categories = tuple(path for one in about for path in one.categories or ())
    price = shelf.price((*skus, *categories)) if shelf else None
    depth = None if price is None else depth_of(promotion.reward, price)
    cost = mean_given
    if cost is None and price is not None and depth is not None:
        cost = round(depth * price)
    return rows.Offer(
        key=promotion.code,
        skus=skus,
        categories=categories,
        departments=tuple(path for path in categories if "/" not in path),
        kind=_KINDS.get(type(promotion.reward)),
        depth=depth,
        price=price,
        margin=shelf.margin((*skus, *categories), price) if shelf and price else None,
        cost=cost,
    )


def depth_of(reward: Reward, price: int) -> float | None:
    """Return which share of the usual price the reward takes off, if that is known."""
    if isinstance(reward, PercentOff):
        return float(reward.percent) / 100
    if price <= 0:
        return None
    if isinstance(reward, AmountOff):
        return min(reward.amount.amount / price, 1.0)
    if isinstance(reward, FixedPrice):
        return min(max(1 - reward.price.amount / price, 0.0), 1.0)
    if isinstance(reward, BuyGet):
        units = reward.buy.quantity + reward.get.quantity
        return float(reward.percent) / 100 * reward.get.quantity / units
    return 1.0 if isinstance(reward, FreeItem) else None


def response_of(offer: Offer, promotions: Mapping[str, Promotion]) -> rows.Response:
    """Return what became of an offer as the customer's answer to it."""
    promotion = promotions.get(offer.promotion)
    about = None if promotion is None else offer_of(promotion)
    return rows.Response(
        customer=offer.customer_id,
        offer=offer.promotion,
        answer=_ANSWERS.get(offer.state, rows.Answer.SEEN),
        day=(offer.decided_at or offer.valid_from).date(),
        categories=about.categories if about else (),
        skus=about.skus if about else (),
        campaign=offer.campaign,
    )


def answered_promotions(
    session: Session,
    offers: Iterable[Offer],
    known: Mapping[str, Promotion],
) -> dict[str, Promotion]:
    """Return the promotions that these offers were of, those that are known first."""
    missing = {offer.promotion for offer in offers} - known.keys()
    found = {code: get_promotion(session, code=code).promotion for code in missing}
    return {**found, **known}


def _places(product: Product) -> tuple[str, ...]:
    """Return the article itself and every category above it, each once."""
    above = (place for path in product.categories for place in ancestry(path))
    return tuple(dict.fromkeys((product.sku, *above)))


_KINDS: Final[Mapping[type, str]] = {
    PercentOff: "percent_off",
    AmountOff: "amount_off",
    FixedPrice: "fixed_price",
    BuyGet: "buy_get",
    FreeItem: "free_item",
}
