"""
The simulated shoppers: households of the data that go on shopping in the demo.

They pay at the till like everybody: each visit is the use case of the checkout, its
purchase marked as simulated. People whom visitors of the demo enrol are left alone.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Final

from sqlalchemy.orm import Session

from loyalty.cards.queries import list_cards
from loyalty.cards.values import CardState
from loyalty.catalogue.queries import find_products, list_products
from loyalty.catalogue.values import Product as CatalogueProduct
from loyalty.core.database import Database
from loyalty.core.errors import LoyaltyError
from loyalty.core.periods import business_day, local_moment
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.queries.messages import timeline
from loyalty.delivery.values import WENT_OUT, MessageKind
from loyalty.demo import people
from loyalty.demo.behaviour import (
    Candidate,
    Effect,
    Rhythm,
    candidate,
    comes,
    days_between,
    fit,
    opened_at,
)
from loyalty.demo.choice import Shelf, as_before, matching, needed, with_offered
from loyalty.demo.dice import Dice
from loyalty.offers.queries import list_offers
from loyalty.offers.values import Offer, OfferState
from loyalty.promotions.queries import active_promotions, catalogue_facts
from loyalty.promotions.values import Promotion
from loyalty.purchases.queries import get_purchase
from loyalty.purchases.service.imports import PastVisit, imported_visits
from loyalty.purchases.values import PurchaseID
from loyalty.stores.queries import get_programme, list_stores
from loyalty.stores.values import StoreID
from loyalty.usecases.checkout import BasketRequest, Payment, record_purchase

ACTOR: Final = "simulation"
EFFECT: Final = Effect()
"""What is planted; shown wherever results of the demo stand."""

_LOOK_BACK: Final = timedelta(weeks=26)
_A_WEEK: Final = timedelta(weeks=1)
_FEWEST_VISITS: Final = 3
_TEMPLATES: Final = 40
_PAGE: Final = 5_000
_SEEN: Final = 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shopper:
    """A household with its rhythm and the purchases it repeats."""

    customer_id: CustomerID
    seed: str
    """The same in every demo loaded from the same data, unlike the customer's id."""

    rhythm: Rhythm
    templates: tuple[PurchaseID, ...]
    stores: tuple[str, ...]
    """Where each template was bought."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Plan:
    """A visit that may come."""

    at: datetime
    customer_id: CustomerID
    visit: Candidate = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Visited:
    """A visit that came."""

    exposed: bool
    redeemed: int
    """Personal offers that applied."""


class Shoppers:
    """All simulated shoppers of a demo, on the shop's clock."""

    def __init__(
        self, database: Database, shoppers: Sequence[Shopper], zone: tzinfo
    ) -> None:
        self._database = database
        self._shoppers = {shopper.customer_id: shopper for shopper in shoppers}
        self._zone = zone
        self._fitting: dict[str, tuple[tuple[str, ...], int]] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._shoppers)

    @classmethod
    def of(cls, database: Database) -> "Shoppers":
        """Fit a shopper to each household that was imported."""
        with database.transaction() as session:
            zone = get_programme(session).time_zone
            stores = {store.id: store.code for store in list_stores(session)}
            visits = imported_visits(session, recorded_by=people.SOURCE)
        return cls(database, _fitted(visits, stores, zone), zone)

    def plans(self, start: datetime, until: datetime) -> list[Plan]:
        """Return the visits that may come after ``start`` and up to ``until``."""
        days = tuple(
            days_between(
                business_day(start, self._zone), business_day(until, self._zone)
            )
        )
        found = []
        for customer_id, shopper in self._shoppers.items():
            dice = Dice(shopper.seed)
            for day in days:
                visit = candidate(shopper.rhythm, dice, day, EFFECT)
                at = visit and local_moment(visit.at, self._zone)
                if visit and at and start < at <= until:
                    found.append(Plan(at=at, customer_id=customer_id, visit=visit))
        return sorted(found)

    def act(self, plan: Plan, *, now: datetime) -> Visited | None:
        """Let the shopper come, if it does, and pay; None if it stays at home."""
        try:
            with self._database.transaction() as session:
                return self._visit(session, plan, now=now)
        except LoyaltyError:
            # A card that a visitor of the demo blocked, a promotion used up just now:
            # the shopper goes home, as a person would.
            _log.info("A simulated visit was refused", exc_info=True)
            return None

    def _visit(self, session: Session, plan: Plan, *, now: datetime) -> Visited | None:
        offers = _opened_offers(session, plan.customer_id, now=now)
        if not comes(plan.visit, exposed=bool(offers), effect=EFFECT):
            return None
        card = next(
            (
                card.number
                for card in list_cards(session, customer_id=plan.customer_id)
                if card.state is CardState.ACTIVE
            ),
            None,
        )
        if card is None:
            return None
        request = self._basket(session, plan, offers, card=card)
        if not request.lines:
            return None
        receipt = f"sim-{plan.customer_id}-{plan.visit.at:%Y%m%d}"
        record_purchase(
            session,
            request=request,
            payment=Payment(
                receipt=receipt,
                request_key=receipt,
                request_hash=hashlib.sha256(receipt.encode()).digest(),
                actor=ACTOR,
                simulated=True,
            ),
            now=now,
        )
        still = {o.id: o for o in list_offers(session, customer_id=plan.customer_id)}
        redeemed = sum(
            offer.state is OfferState.OFFERED
            and still[offer.id].state is OfferState.REDEEMED
            for offer in offers
        )
        return Visited(exposed=bool(offers), redeemed=redeemed)

    def _basket(
        self, session: Session, plan: Plan, offers: Sequence[Offer], *, card: str
    ) -> BasketRequest:
        shopper = self._shoppers[plan.customer_id]
        dice = Dice(f"{shopper.seed}/{plan.visit.at:%Y%m%d}")
        place = dice.whole("template", 0, len(shopper.templates) - 1)
        before = get_purchase(session, purchase_id=shopper.templates[place])
        skus = {line.sku for line in before.lines}
        shelf = _shelf(find_products(session, skus=skus))
        lines = as_before(((o.sku, o.quantity) for o in before.lines), shelf)
        usable = [offer for offer in offers if offer.state is OfferState.OFFERED]
        if usable and dice.happens("buys offered", EFFECT.buys_offered):
            known = {p.promotion.code: p.promotion for p in active_promotions(session)}
            best = max(usable, key=lambda offer: (offer.score, -offer.id))
            if best.promotion in known:
                fitting, count = self._about(known[best.promotion])
                lines = with_offered(
                    lines,
                    fitting=fitting,
                    count=count,
                    shelf=self._whole_shelf,
                    dice=dice,
                )
        return BasketRequest(
            store=shopper.stores[place], lines=tuple(lines), card=card, payment="card"
        )

    def _about(self, promotion: Promotion) -> tuple[tuple[str, ...], int]:
        """Return the skus of a promotion, looked up once, and how many use it."""
        if promotion.code not in self._fitting:
            selector, count = needed(promotion)
            shelf = self._whole_shelf
            skus = matching(selector, shelf.products, shelf) if selector else ()
            self._fitting[promotion.code] = (skus, count)
        return self._fitting[promotion.code]

    @cached_property
    def _whole_shelf(self) -> Shelf:
        found: dict[str, CatalogueProduct] = {}
        after = ""
        while True:
            with self._database.transaction() as session:
                page = list_products(session, after=after, limit=_PAGE)
            found |= {product.sku: product for product in page}
            if len(page) < _PAGE:
                return _shelf(found)
            after = page[-1].sku


def _shelf(products: Mapping[str, CatalogueProduct]) -> Shelf:
    return Shelf(
        products=catalogue_facts(products),
        prices={sku: product.price for sku, product in products.items()},
    )


def _opened_offers(
    session: Session, customer_id: CustomerID, *, now: datetime
) -> list[Offer]:
    """Return the valid offers of somebody who opened a message about one of them."""
    opened = set()
    for story in timeline(session, customer_id=customer_id, at_most=_SEEN):
        message = story.delivery
        if message.kind is not MessageKind.MARKETING or message.state not in WENT_OUT:
            continue
        at = opened_at(
            Dice(f"message/{message.id}"),
            message.finished_at or message.due_at,
            mail=message.channel is Channel.EMAIL,
            effect=EFFECT,
        )
        if at is not None and at <= now:
            opened.add(message.offer_id)
    if not opened:
        return []
    valid = [
        offer
        for offer in list_offers(session, customer_id=customer_id)
        if offer.valid_from <= now < offer.valid_until
        and offer.state is not OfferState.DISMISSED
    ]
    # Whoever opened one sees the others beside it.
    return valid if opened & {offer.id for offer in valid} else []


def _fitted(
    visits: Sequence[PastVisit], stores: Mapping[StoreID, str], zone: tzinfo
) -> list[Shopper]:
    if not visits:
        return []
    since = visits[-1].at - _LOOK_BACK
    by_customer: dict[CustomerID, list[PastVisit]] = {}
    for visit in visits:
        if visit.at > since:
            by_customer.setdefault(visit.customer_id, []).append(visit)
    return [
        Shopper(
            customer_id=customer_id,
            seed=f"shopper/{mine[0].purchase_id}",
            rhythm=fit(
                [v.at.astimezone(zone).replace(tzinfo=None) for v in mine],
                weeks=_LOOK_BACK / _A_WEEK,
            ),
            templates=tuple(visit.purchase_id for visit in mine[-_TEMPLATES:]),
            stores=tuple(stores[visit.store_id] for visit in mine[-_TEMPLATES:]),
        )
        for customer_id, mine in by_customer.items()
        if len(mine) >= _FEWEST_VISITS
    ]
