"""The data's year as the shop's own: moved in time, and said in the shop's terms."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from loyalty.core.periods import business_day, local_moment
from loyalty.customers.values import CustomerID
from loyalty.demo import assortment, people, sampling, shops, source
from loyalty.demo.moving import week_shift
from loyalty.demo.values import Article, Basket, Household
from loyalty.points.rules.lifetimes import expires_at
from loyalty.points.service.imports import PastEarning
from loyalty.points.values import Earning, Request
from loyalty.purchases.service.imports import PastLine, PastPurchase
from loyalty.stores.values import StoreID

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done, and how much there is."""

_MEASURED: Final = Decimal(assortment.MEASURED)
_TOPICS: Final = 3
_CENTS: Final = 100
_NO_TOPICS: Final = ("fuel/", "miscellaneous/", "home-and-health/")


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """The data as read, with what follows from them."""

    baskets: Sequence[Basket]
    """The earliest first."""

    articles: Mapping[int, Article]
    prices: Mapping[int, int]
    """Usual prices by article, in cents."""

    shift: timedelta

    def moment(self, basket: Basket) -> datetime:
        """Return when the basket was bought, moved to the shop's zone and year."""
        return local_moment(basket.at + self.shift, shops.PROGRAMME.time_zone)

    def by_household(self) -> dict[Household, list[Basket]]:
        """Return each household's baskets, in the order of the households' numbers."""
        visits: dict[Household, list[Basket]] = {}
        for basket in self.baskets:
            visits.setdefault(basket.household, []).append(basket)
        return dict(sorted(visits.items()))


def read_history(
    households: int | None, *, now: datetime, progress: Progress
) -> History:
    """
    Read the data of so many households, or of all.

    :raises DataMissing: if the package with the data is not installed
    """
    step = "Reading the data"
    progress(step, 0, 3)
    chosen = None
    if households is not None:
        chosen = sampling.choose_households(
            source.read_activity(), source.read_redeemers(), households
        )
    progress(step, 1, 3)
    baskets = source.read_baskets(chosen)
    progress(step, 2, 3)
    articles = source.read_articles()
    sold = {line.product for basket in baskets for line in basket.lines}
    for number in sold - articles.keys():
        articles[number] = assortment.unknown_article(number)
    today = business_day(now, shops.PROGRAMME.time_zone)
    progress(step, 3, 3)
    return History(
        baskets=baskets,
        articles=articles,
        prices=assortment.paid_prices(baskets),
        shift=week_shift(baskets[-1].at.date(), today),
    )


def habits_of(
    history: History, baskets: Sequence[Basket], stores: Mapping[int, StoreID]
) -> people.Habits:
    """Return what one household's baskets show of it."""
    homes = Counter(basket.store for basket in baskets)
    categories = Counter(
        assortment.category_path(history.articles[line.product])
        for basket in baskets
        for line in basket.lines
    )
    favourites = [
        path for path, _ in categories.most_common() if not path.startswith(_NO_TOPICS)
    ]
    return people.Habits(
        first_visit=history.moment(baskets[0]),
        visits=[basket.at for basket in baskets],
        favourites=tuple(favourites[:_TOPICS]),
        home_store=stores[homes.most_common(1)[0][0]],
    )


def past_purchase(
    history: History,
    basket: Basket,
    *,
    customer_id: CustomerID,
    stores: Mapping[int, StoreID],
) -> PastPurchase:
    """Return a basket as a purchase of this customer."""
    return PastPurchase(
        customer_id=customer_id,
        store_id=stores[basket.store],
        receipt=str(basket.id),
        at=history.moment(basket),
        source_week=basket.week,
        lines=tuple(
            PastLine(
                sku=str(line.product),
                quantity=line.quantity / _MEASURED,
                unit_price=assortment.unit_price(line.gross, line.quantity),
                gross=line.gross,
                discount=line.discount,
            )
            for line in basket.lines
        ),
    )


def past_earnings(
    purchases: Iterable[tuple[int, PastPurchase]], *, now: datetime
) -> Iterator[PastEarning]:
    """Give what each purchase earned and has not lost again by expiry."""
    rule = shops.PROGRAMME.points_rule
    per = int(rule.per * _CENTS)
    for purchase_id, purchase in purchases:
        ends = expires_at(rule, earned_at=purchase.at, zone=shops.PROGRAMME.time_zone)
        if ends > now:
            net = purchase.gross - purchase.discount
            yield PastEarning(
                customer_id=purchase.customer_id,
                at=purchase.at,
                rule=rule,
                earning=Earning(
                    points=net * rule.points // per,
                    request=Request(
                        key=f"purchase:{purchase_id}",
                        actor=people.SOURCE,
                        store_id=purchase.store_id,
                    ),
                    purchase_id=purchase_id,
                ),
            )
