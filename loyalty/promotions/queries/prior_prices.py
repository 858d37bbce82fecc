"""The lowest prices before a reduction, as Directive 98/6/EC, Article 6a, has them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.catalogue.queries import price_changes
from loyalty.catalogue.rules import PRIOR_DAYS, lowest_between
from loyalty.catalogue.values import PriceChange
from loyalty.core.periods import local_moment
from loyalty.promotions.models import PromotionRow, VersionRow
from loyalty.promotions.rules.announced import announced_price, announces_prices
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.values import Product, Promotion, Trigger
from loyalty.promotions.values.prices import PriorPrice
from loyalty.promotions.values.states import PromotionState
from loyalty.stores.queries import get_programme
from loyalty.stores.values import Programme

_AT_REST: Final = (PromotionState.PAUSED, PromotionState.ENDED)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reduction:
    """A promotion that announced prices, and from when until when."""

    promotion: Promotion
    start: datetime
    until: datetime


def prior_prices(
    session: Session,
    *,
    products: Mapping[str, Product],
    before: datetime,
    days: int = PRIOR_DAYS,
    store_id: int | None = None,
) -> dict[str, PriorPrice]:
    """
    Return the lowest price of each article in the days before a moment, if known.

    A promotion counts with what it announced while it ran; limits to some hours or
    stores are not looked at, so that the figure is rather too low than too high.
    """
    start = before - timedelta(days=days)
    known = price_changes(
        session, skus=products.keys(), start=start, until=before, store_id=store_id
    )
    reductions = list(_reductions(session, start, before))
    found = {}
    for sku, changes in known.items():
        prior = _prior(products[sku], changes, reductions, start=start, until=before)
        if prior is not None:
            found[sku] = prior
    return found


def _prior(
    product: Product,
    changes: Sequence[PriceChange],
    reductions: Sequence[_Reduction],
    *,
    start: datetime,
    until: datetime,
) -> PriorPrice | None:
    shelf = lowest_between(changes, start=start, until=until)
    if shelf is None:
        return None
    prior = PriorPrice(lowest=shelf, shelf=shelf)
    for reduction in reductions:
        base = lowest_between(
            changes,
            start=max(start, reduction.start),
            until=min(until, reduction.until),
        )
        if base is None:
            continue
        price = announced_price(reduction.promotion, product, base)
        if price is not None and price < prior.lowest:
            code = reduction.promotion.code
            prior = PriorPrice(lowest=price, shelf=shelf, promotion=code)
    return prior


def _reductions(
    session: Session, start: datetime, before: datetime
) -> Iterator[_Reduction]:
    """Give each version of a promotion that announced prices in the period."""
    programme = get_programme(session)
    later = (
        func.lead(VersionRow.at)
        .over(partition_by=VersionRow.promotion_id, order_by=VersionRow.version)
        .label("later")
    )
    versions = select(
        VersionRow.promotion_id, VersionRow.document, VersionRow.at, later
    ).subquery()
    rows = session.execute(
        select(PromotionRow, versions.c.document, versions.c.at, versions.c.later)
        .join(versions, versions.c.promotion_id == PromotionRow.id)
        .where(
            PromotionRow.activated_at < before,
            versions.c.at < before,
            func.coalesce(versions.c.later, before) > start,
            versions.c.document["trigger"].astext == Trigger.AUTOMATIC.value,
        )
        .order_by(PromotionRow.activated_at, PromotionRow.id, versions.c.at)
    )
    for row, document, at, until in rows:
        promotion = load_promotion(document, currency=programme.currency)
        if announces_prices(promotion):
            begun = [at, row.activated_at, *_moments(promotion.valid.start, programme)]
            ends = [before, *_moments(promotion.valid.until, programme)]
            ends += [until] if until else []
            ends += [row.changed_at] if row.state in _AT_REST else []
            yield _Reduction(promotion=promotion, start=max(begun), until=min(ends))


def _moments(local: datetime | None, programme: Programme) -> Sequence[datetime]:
    return [] if local is None else [local_moment(local, programme.time_zone)]
