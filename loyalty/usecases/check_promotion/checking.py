"""What the shop's own figures say of a draft."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.core.periods import local_moment
from loyalty.promotions.queries import (
    active_promotions,
    get_promotion,
    prior_prices,
)
from loyalty.promotions.queries.matching import find_articles, matches_nothing
from loyalty.promotions.queries.material import DAYS, material
from loyalty.promotions.rules.announced import announces_prices
from loyalty.promotions.rules.linting import Article, LintFacts, lint
from loyalty.promotions.rules.linting.facts import about
from loyalty.promotions.values import (
    Promotion,
    Quantity,
    Selector,
    Spend,
    Strategy,
)
from loyalty.promotions.values.findings import Finding
from loyalty.promotions.values.prices import PriorPrice
from loyalty.purchases.queries import largest_purchase
from loyalty.stores.queries import get_programme, list_stores
from loyalty.stores.values import Programme
from loyalty.usecases.check_promotion.baskets import worst_basket

_MOST_ARTICLES: Final = 2_000
_MOST_PRIOR: Final = 300
"""Of so many articles the price before is looked up."""


def findings_of(
    session: Session, *, code: str, now: datetime, time_is_up: Callable[[], bool]
) -> tuple[Finding, ...]:
    """
    Check a promotion as it stands.

    :raises PromotionNotFound: if there is none
    """
    stored = get_promotion(session, code=code)
    return check_promotion(
        session,
        promotion=stored.promotion,
        now=now,
        begun=stored.activated_at,
        time_is_up=time_is_up,
    )


def check_promotion(
    session: Session,
    *,
    promotion: Promotion,
    now: datetime,
    time_is_up: Callable[[], bool],
    begun: datetime | None = None,
) -> tuple[Finding, ...]:
    """
    Find what speaks against letting a promotion run, the gravest first.

    :param time_is_up: asked between recorded baskets; the worst of those priced counts
    :param begun: when it was first activated, if it was
    """
    programme = get_programme(session)
    running = tuple(
        stored.promotion
        for stored in active_promotions(session)
        if stored.promotion.code != promotion.code
    )
    articles = find_articles(
        session, selectors=about(promotion), at_most=_MOST_ARTICLES
    )
    begins = _beginning(promotion, programme, now=now, begun=begun)
    known = material(session, now=now)
    return lint(
        LintFacts(
            promotion=promotion,
            now=now,
            zone=programme.time_zone,
            strategy=Strategy(programme.strategy),
            running=running,
            articles=articles,
            unmatched=tuple(_unmatched(session, promotion)),
            stores=frozenset(store.code for store in list_stores(session)),
            languages=programme.languages,
            largest_basket=_largest(session, programme, promotion, now),
            prior=_prior(session, promotion, articles, begins),
            worst=worst_basket(
                promotion, running, known, programme, time_is_up=time_is_up
            ),
        )
    )


def _beginning(
    promotion: Promotion,
    programme: Programme,
    *,
    now: datetime,
    begun: datetime | None,
) -> datetime:
    start = promotion.valid.start
    moments = [begun or now]
    if start is not None:
        moments.append(local_moment(start, programme.time_zone))
    return max(moments)


def _unmatched(session: Session, promotion: Promotion) -> Iterator[Selector]:
    needed = list(about(promotion))
    for requirement in promotion.requires:
        if isinstance(requirement, Spend):
            needed.append(requirement.on)
        elif isinstance(requirement, Quantity):
            needed.append(requirement.of)
    for selector in dict.fromkeys(needed):
        if not selector.is_whole_basket and matches_nothing(session, selector=selector):
            yield selector


def _largest(
    session: Session, programme: Programme, promotion: Promotion, now: datetime
) -> Money | None:
    if not any(isinstance(one, Spend) for one in promotion.requires):
        return None
    since = now - timedelta(days=DAYS)
    amount = largest_purchase(session, since=since)
    return None if amount is None else Money(amount=amount, currency=programme.currency)


def _prior(
    session: Session,
    promotion: Promotion,
    articles: tuple[Article, ...],
    begins: datetime,
) -> dict[str, PriorPrice] | None:
    if not announces_prices(promotion):
        return None
    products = {one.product.sku: one.product for one in articles[:_MOST_PRIOR]}
    return prior_prices(session, products=products, before=begins)
