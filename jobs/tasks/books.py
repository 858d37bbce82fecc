"""The shop's books as the recommender reads them: what was bought, by whom."""

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from jobs.tasks.past import read_past
from loyalty.catalogue.queries import all_products
from loyalty.catalogue.values import Product
from loyalty.core.periods import business_day
from loyalty.customers.queries import personalised_customers, traits
from loyalty.customers.values import CustomerID
from loyalty.demo.weeks import moved_weeks
from loyalty.purchases.queries import bought_lines, source_weeks
from loyalty.stores.queries import get_programme
from loyalty.stores.values import Programme
from recommender import data as rows
from recommender.config import Config
from recommender.dataset import Refusal
from recommender.scoring import People
from recommender.splitting import Split

NO_GOODS: Final = (
    "bottle-deposits",
    "coupons",
    "deposits",
    "fuel",
    "fuel-and-vouchers",
    "gift-cards",
    "good-causes",
    "lottery",
    "miscellaneous",
    "postage",
    "vouchers",
)
"""Parts of category paths under which stands what nobody is to be won over to buy.

Products there are neither offered nor named as a reason, wherever the part stands in
the path. Products that no discount may touch are left out whatever they are called.
"""

FEW_CUSTOMERS: Final = 1_000
RANKER_WINDOWS_OF_FEW: Final = 2

CONFIG: Final = Config(excluded_categories=NO_GOODS)
"""How a recommender is trained, judged and asked, where the shop excludes nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Books:
    """What the recommender is given: nothing but what customers agreed to."""

    purchases: rows.Purchases
    customers: tuple[rows.Customer, ...]
    products: tuple[rows.Product, ...]
    today: date
    past: rows.Past = rows.NO_PAST
    config: Config = CONFIG
    """How to train, judge and ask, with what the shop excludes by now."""


def config_of(programme: Programme) -> Config:
    """Return how the programme's recommender is trained, judged and asked."""
    more = programme.exclusions
    return replace(
        CONFIG,
        excluded_categories=(*CONFIG.excluded_categories, *more.categories),
        sensitive=(*CONFIG.sensitive, *more.words),
    )


def sized(config: Config, customers: int) -> Config:
    """
    Return the settings for a shop of so many customers.

    Each period that the re-ranker learns from costs a training of its own, however
    few customers there are: a small shop learns from two and starts in half the time.
    """
    if customers >= FEW_CUSTOMERS:
        return config
    few = min(config.ranker_windows, RANKER_WINDOWS_OF_FEW)
    return replace(config, ranker_windows=few)


def excluded_paths(paths: Iterable[str], config: Config) -> tuple[str, ...]:
    """Return those of the catalogue's categories that are never recommended."""
    refused = Refusal(config)
    return tuple(
        path
        for path in paths
        if refused(rows.Product(sku="", category=path, path=_places([path])))
    )


def read_books(
    session: Session,
    *,
    now: datetime,
    customer_ids: Collection[CustomerID] | None = None,
) -> Books:
    """
    Return the books of these customers, or of all who agreed to personal offers.

    Without products that no discount may touch, such as deposits and gift cards.
    """
    programme = get_programme(session)
    if customer_ids is None:
        customer_ids = personalised_customers(session)
    people = read_people(session, customer_ids=customer_ids)
    return Books(
        purchases=people.purchases,
        customers=tuple(people.customers),
        products=goods_of(all_products(session)),
        today=business_day(now, programme.time_zone),
        past=read_past(session, customer_ids=customer_ids, now=now),
        config=sized(config_of(programme), len(people.customers)),
    )


def read_people(session: Session, *, customer_ids: Collection[CustomerID]) -> People:
    """Return these customers, in the order of their numbers, and what they bought."""
    zone = get_programme(session).time_zone
    known = traits(session, customer_ids=customer_ids)
    return People(
        customers=tuple(
            rows.Customer(
                id=customer_id,
                interests=trait.topics,
                language=trait.language,
                store=trait.store,
            )
            for customer_id, trait in sorted(known.items())
        ),
        purchases=_purchases(session, customer_ids, zone.key),
    )


def goods_of(products: Iterable[Product]) -> tuple[rows.Product, ...]:
    """Return the catalogue without what no discount may touch."""
    return tuple(
        rows.Product(
            sku=product.sku,
            category=product.categories[0],
            department=product.categories[0].partition("/")[0],
            brand=product.brand,
            path=_places(product.categories),
        )
        for product in products
        if product.categories and product.discountable
    )


def read_split(session: Session) -> Split | None:
    """
    Return on which days settings are chosen and on which they are judged.

    None, if this is not the demo shop: its data say which weeks are which.
    """
    zone = get_programme(session).time_zone
    weeks = moved_weeks(source_weeks(session, zone=zone.key))
    if weeks is None:
        return None
    return Split(
        reserved_from=rows.day_number(weeks.reserved_from),
        tuning=tuple(rows.day_number(day) for day in weeks.tuning),
        reporting=tuple(rows.day_number(day) for day in weeks.reporting),
        window_days=CONFIG.window_days,
    )


def _places(paths: Iterable[str]) -> tuple[str, ...]:
    """Return each part of the paths, and each place above what they name."""
    parts = [path.split("/") for path in paths]
    above = ["/".join(found[:deep]) for found in parts for deep in range(len(found))]
    named = (part for found in parts for part in found)
    return tuple(dict.fromkeys((*named, *filter(None, above), *paths)))


def _purchases(
    session: Session, customer_ids: Collection[CustomerID], zone: str
) -> rows.Purchases:
    columns = {name: array("q") for name in ("customer", "sku", "day", "units", "net")}
    positions: dict[str, int] = {}
    for customer_id, sku, day, units, net in bought_lines(
        session, zone=zone, customer_ids=customer_ids
    ):
        columns["customer"].append(customer_id)
        columns["sku"].append(positions.setdefault(sku, len(positions)))
        columns["day"].append(day)
        columns["units"].append(units)
        columns["net"].append(net)
    return rows.Purchases(
        customers=np.asarray(columns["customer"], np.int64),
        products=np.asarray(columns["sku"], np.int32),
        days=np.asarray(columns["day"], np.int32),
        quantities=np.asarray(columns["units"], np.int32),
        values=np.asarray(columns["net"], np.int64),
        skus=tuple(positions),
    )
