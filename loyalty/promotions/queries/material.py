"""What estimates are made from, kept for a while so that typing stays quick."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from loyalty.core.periods import business_day
from loyalty.customers.values import CustomerID
from loyalty.promotions.queries.samples import (
    BasketSample,
    Details,
    RecordedBasket,
    facts_of,
    products_of,
    sample_baskets,
)
from loyalty.promotions.values import CatalogueFacts, CustomerFacts, Quote
from loyalty.stores.queries import get_programme

DAYS: Final = 56
MOST_BASKETS: Final = 400
_KEPT_SECONDS: Final = 600

Running = tuple[tuple[str, int], ...]
"""The promotions beside the draft: code and version of each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """A sample of recorded baskets, and the facts that pricing them reads."""

    groups: tuple[tuple[RecordedBasket, ...], ...]
    """The baskets of each shopper in the order of time; the shoppers in no order."""

    baskets_in_all: int
    """How many baskets were recorded in the period, in the sample or not."""

    catalogue: CatalogueFacts
    customers: Mapping[CustomerID, CustomerFacts]
    first_day: date
    before: dict[Running, dict[str, Quote]] = field(default_factory=dict)
    """What baskets cost without the draft, by their keys, as far as it is known."""


_kept: WeakKeyDictionary[Engine, tuple[int, Material]] = WeakKeyDictionary()


def material(session: Session, *, now: datetime) -> Material:
    """Return the material of this database, gathered anew every ten minutes."""
    engine = session.get_bind().engine
    slot = int(now.timestamp()) // _KEPT_SECONDS
    kept = _kept.get(engine)
    if kept is None or kept[0] != slot:
        kept = _kept[engine] = (slot, _gather(session, now))
    return kept[1]


def _gather(session: Session, now: datetime) -> Material:
    zone = get_programme(session).time_zone
    since = now - timedelta(days=DAYS)
    sample = sample_baskets(session, since=since, at_most=MOST_BASKETS)
    lines = (line for one in sample.baskets for line in one.basket.lines)
    return Material(
        groups=tuple(_by_group(sample)),
        baskets_in_all=sample.baskets_in_all,
        catalogue=products_of(session, skus={line.sku for line in lines}),
        customers=facts_of(
            session,
            customer_ids={
                one.customer_id for one in sample.baskets if one.customer_id is not None
            },
            zone=zone,
            details=Details(birthdays=True),
        ),
        first_day=business_day(since, zone),
    )


def _by_group(sample: BasketSample) -> Iterator[tuple[RecordedBasket, ...]]:
    groups: defaultdict[int, list[RecordedBasket]] = defaultdict(list)
    for recorded in sample.baskets:
        groups[recorded.group].append(recorded)
    for key in sample.groups:
        if groups[key]:
            yield tuple(groups[key])
