"""Recorded purchases, window by window, with the facts to price them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.promotions.queries.recordings import Past, read_recorded
from loyalty.promotions.queries.samples import Details, facts_of, products_of
from loyalty.promotions.rules.backtesting import Reach
from loyalty.promotions.rules.conditions import conditions
from loyalty.promotions.values import (
    Audience,
    BirthdayWithinDays,
    CustomerFacts,
    DaysSincePurchase,
    Product,
    PurchaseCount,
    Spent,
)
from loyalty.promotions.values.backtests import Bought, Scene, Window
from loyalty.stores.queries import get_programme

A_WINDOW: Final = 4_000
"""Purchases: enough for two processes, and a second or so of work."""

_MOST_KNOWN: Final = 50_000
"""So many customers, and articles, are remembered from one window to the next."""


class Recordings:
    """The purchases of a period, in windows in the order of time."""

    def __init__(
        self, database: Database, scene: Scene, past: Past, *, size: int = A_WINDOW
    ) -> None:
        self._database = database
        self._past = past
        self._size = size
        self._reach = Reach(scene.draft)
        self._asked = [
            one
            for promotion in (scene.draft, *scene.others)
            for one in conditions(promotion.audience)
        ]
        self._products: dict[str, Product | None] = {}
        self._customers: dict[int, CustomerFacts] = {}

    def windows(self) -> Iterator[Window]:
        """Read window after window, each in a transaction of its own."""
        after: tuple[datetime, int] | None = None
        while True:
            with self._database.transaction() as session:
                recorded = read_recorded(
                    session, past=self._past, after=after, most=self._size
                )
                if not recorded:
                    return
                window = self._window(session, recorded)
            yield window
            after = recorded[-1].at, recorded[-1].id

    def _window(self, session: Session, recorded: list[Bought]) -> Window:
        products = self._find_products(session, recorded)
        baskets = tuple(
            bought
            for bought in recorded
            if bought.skus and self._reach.concerns(bought.skus, products)
        )
        return Window(
            seen=len(recorded),
            baskets=baskets,
            products=products,
            customers=self._find_customers(session, baskets),
        )

    def _find_products(
        self, session: Session, recorded: list[Bought]
    ) -> dict[str, Product]:
        skus = {sku for bought in recorded for sku in bought.skus}
        if len(self._products) > _MOST_KNOWN:
            self._products.clear()
        new = skus - self._products.keys()
        if new:
            found = products_of(session, skus=new)
            self._products.update((sku, found.get(sku)) for sku in new)
        return {
            sku: product for sku in skus if (product := self._products[sku]) is not None
        }

    def _find_customers(
        self, session: Session, baskets: tuple[Bought, ...]
    ) -> Mapping[int, CustomerFacts]:
        wanted = {one.customer for one in baskets if one.customer is not None}
        details = self._details(baskets)
        if details.history or len(self._customers) > _MOST_KNOWN:
            # What they had bought changes from window to window.
            self._customers = {}
        new = {CustomerID(one) for one in wanted - self._customers.keys()}
        if new:
            zone = get_programme(session).time_zone
            found = facts_of(session, customer_ids=new, zone=zone, details=details)
            self._customers.update((int(one), facts) for one, facts in found.items())
        return self._customers

    def _details(self, baskets: tuple[Bought, ...]) -> Details:
        """Say which costly facts the audiences ask for."""
        looking = [days for one in self._asked for days in _looks_back(one)]
        longest = max((days for days in looking if days is not None), default=0)
        return Details(
            history=bool(looking),
            history_since=None
            if None in looking or not baskets
            else baskets[0].at - timedelta(days=longest),
            birthdays=any(isinstance(one, BirthdayWithinDays) for one in self._asked),
        )


def _looks_back(asked: Audience) -> Iterator[int | None]:
    """Give how many days a condition looks back; None is to the beginning."""
    if isinstance(asked, PurchaseCount | Spent):
        yield asked.within_days
    elif isinstance(asked, DaysSincePurchase):
        yield None
