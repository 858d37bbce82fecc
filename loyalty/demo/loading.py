"""
Filling an empty database with the demo shop, in one transaction.

An interrupted load leaves nothing behind; that the programme exists says that it was
finished.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from loyalty.cards.service.imports import issue_cards
from loyalty.catalogue.service import save_categories, save_products
from loyalty.core.database import Database
from loyalty.core.periods import business_day
from loyalty.customers.service.imports import import_customers
from loyalty.customers.values import CustomerID
from loyalty.demo import (
    assortment,
    coupons,
    mailings,
    people,
    shops,
    source,
    staff,
)
from loyalty.demo.history import (
    History,
    Progress,
    habits_of,
    past_earnings,
    past_purchase,
    read_history,
)
from loyalty.demo.values import Household
from loyalty.offers.service import import_campaigns
from loyalty.points.service.imports import PastEarning, import_earnings
from loyalty.promotions.service import create, move
from loyalty.promotions.values.states import PromotionState
from loyalty.purchases.service.imports import (
    Takeover,
    import_purchases,
    note_past_prices,
)
from loyalty.stores.queries import ProgrammeMissing, get_programme
from loyalty.stores.service import add_store, save_programme
from loyalty.stores.values import StoreID

_ACTOR: Final = "system"
_CHUNK: Final = 4_000
_PRICE_DAYS: Final = 120
"""How far back prices are noted: the law asks for the lowest of 30 days."""

_PERSONAL_PROMOTIONS: Final = 48

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What a demo shop holds."""

    customers: int
    stores: int
    products: int
    purchases: int
    lines: int
    promotions: int
    past_campaigns: int


def is_loaded(database: Database) -> bool:
    """Test whether a shop was loaded, or set up, here."""
    with database.transaction() as session:
        try:
            get_programme(session)
        except ProgrammeMissing:
            return False
    return True


def load(
    database: Database, *, households: int | None, now: datetime, progress: Progress
) -> Loaded:
    """
    Load the Complete Journey data as a shop, with invented people.

    :param households: how many, or None for all 2,469
    :raises DataMissing: if the package with the data is not installed
    """
    history = read_history(households, now=now, progress=progress)
    with database.transaction() as session:
        save_programme(session, programme=shops.PROGRAMME, actor=_ACTOR, now=now)
        stores = _add_stores(session, history)
        products = _add_products(
            session, history, everything=households is None, now=now, say=progress
        )
        customers = _add_customers(session, history, stores, say=progress)
        lines = _add_purchases(
            session, history, (stores, customers), now=now, say=progress
        )
        mailed = _add_mailings(session, history, customers, now=now, say=progress)
        promotions = _add_promotions(session, history, now=now, say=progress)
        busiest = Counter(basket.store for basket in history.baskets).most_common(1)
        staff.hire(session, store_id=stores[busiest[0][0]], actor=_ACTOR, now=now)
    return Loaded(
        customers=len(customers),
        stores=len(stores),
        products=products,
        purchases=len(history.baskets),
        lines=lines,
        promotions=promotions,
        past_campaigns=mailed,
    )


def _add_stores(session: Session, history: History) -> dict[int, StoreID]:
    numbers = sorted({basket.store for basket in history.baskets})
    return {
        number: add_store(
            session,
            code=str(number),
            name=shops.store_name(number),
            address=shops.store_address(number),
            phone=shops.store_phone(place),
            opening_hours=shops.OPENING_HOURS,
        )
        for place, number in enumerate(numbers)
    }


def _add_products(
    session: Session,
    history: History,
    *,
    everything: bool,
    now: datetime,
    say: Progress,
) -> int:
    bought = {line.product for basket in history.baskets for line in basket.lines}
    articles = [a for a in history.articles.values() if everything or a.id in bought]
    products = assortment.build_products(
        articles,
        prices=history.prices,
        measured=assortment.measured_articles(history.baskets),
        currency=shops.PROGRAMME.currency,
    )
    for start, chunk in _chunks(products):
        say("Products", start, len(products))
        save_products(session, products=chunk, now=now)
    say("Products", len(products), len(products))
    save_categories(session, names=assortment.category_names(articles))
    return len(products)


def _add_customers(
    session: Session,
    history: History,
    stores: Mapping[int, StoreID],
    *,
    say: Progress,
) -> dict[Household, CustomerID]:
    say("Customers", 0, 1)
    demographics = source.read_demographics()
    visits = history.by_household()
    newcomers = [
        people.invent_newcomer(
            household,
            number=number,
            habits=habits_of(history, baskets, stores),
            demographics=demographics.get(household, {}),
            time_zone=shops.PROGRAMME.time_zone.key,
        )
        for number, (household, baskets) in enumerate(visits.items())
    ]
    ids = import_customers(session, newcomers=newcomers, actor=people.SOURCE)
    issue_cards(
        session,
        customers=[(i, n.enrolled_at) for i, n in zip(ids, newcomers, strict=True)],
        prefix=shops.PROGRAMME.card_prefix,
        actor=people.SOURCE,
    )
    say("Customers", 1, 1)
    return dict(zip(visits, ids, strict=True))


def _add_purchases(
    session: Session,
    history: History,
    known: tuple[Mapping[int, StoreID], Mapping[Household, CustomerID]],
    *,
    now: datetime,
    say: Progress,
) -> int:
    stores, customers = known
    takeover = Takeover(currency=shops.PROGRAMME.currency, recorded_by=people.SOURCE)
    earnings: list[PastEarning] = []
    lines = 0
    for start, chunk in _chunks(history.baskets):
        say("Purchases", start, len(history.baskets))
        purchases = [
            past_purchase(
                history, basket, customer_id=customers[basket.household], stores=stores
            )
            for basket in chunk
        ]
        ids = import_purchases(session, purchases=purchases, takeover=takeover, now=now)
        earnings += past_earnings(zip(ids, purchases, strict=True), now=now)
        lines += sum(len(purchase.lines) for purchase in purchases)
    say("Purchases", len(history.baskets), len(history.baskets))
    say("Prices", 0, 1)
    note_past_prices(
        session, recorded_by=people.SOURCE, since=now - timedelta(days=_PRICE_DAYS)
    )
    say("Prices", 1, 1)
    say("Points", 0, 1)
    import_earnings(session, earnings=earnings, zone=shops.PROGRAMME.time_zone)
    say("Points", 1, 1)
    return lines


def _add_mailings(
    session: Session,
    history: History,
    customers: Mapping[Household, CustomerID],
    *,
    now: datetime,
    say: Progress,
) -> int:
    say("Past campaigns", 0, 1)
    campaigns = mailings.past_campaigns(
        source.read_mailings(),
        customers=customers,
        prices=history.prices,
        shift=history.shift,
    )
    import_campaigns(session, campaigns=campaigns, recorded_by=people.SOURCE, now=now)
    say("Past campaigns", 1, 1)
    return len(campaigns)


def _add_promotions(
    session: Session, history: History, *, now: datetime, say: Progress
) -> int:
    today = business_day(now, shops.PROGRAMME.time_zone)
    sales = coupons.Sales(
        articles=history.articles,
        bought=Counter(line.product for b in history.baskets for line in b.lines),
        prices=history.prices,
        currency=shops.PROGRAMME.currency,
    )
    documents = coupons.standing_promotions(today=today)
    documents += coupons.personal_promotions(
        source.read_coupons(), sales=sales, today=today, most=_PERSONAL_PROMOTIONS
    )
    for place, document in enumerate(documents):
        say("Promotions", place, len(documents))
        row = create(session, document=document, actor=_ACTOR, now=now)
        move(session, code=row.code, to=PromotionState.ACTIVE, actor=_ACTOR, now=now)
    say("Promotions", len(documents), len(documents))
    return len(documents)


def _chunks(items: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    for start in range(0, len(items), _CHUNK):
        yield start, items[start : start + _CHUNK]
