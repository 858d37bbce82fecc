"""A little shop with something to learn from: twelve people of two habits."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from jobs.tasks import books
from loyalty.core.database import Database
from loyalty.customers.service.consents import state_consent
from loyalty.customers.values import Consent, CustomerID, Purpose
from loyalty.purchases.service.imports import (
    PastLine,
    PastPurchase,
    Takeover,
    import_purchases,
)
from loyalty.stores.queries import get_store
from loyalty.stores.values import StoreID
from loyalty.usecases.enrol_customer import Enrolled
from tests.factories import NOW, STORE, activate, enrol, promotion

WEEKS = 12
PRICES = {"COFFEE": 499, "TEA": 350, "BREAD": 220, "PIZZA": 380}
HABITS = ({"COFFEE": 2, "BREAD": 1}, {"TEA": 1, "PIZZA": 2})
OFFERS = {"coffee": "drinks/coffee", "tea": "drinks/tea", "pizza": "frozen/pizza"}


def learn_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train small models: these tests are of what is done with them."""
    little = replace(
        books.CONFIG,
        components=4,
        epochs=2,
        windows=2,
        ranker_windows=1,
        ranker_trees=5,
    )
    monkeypatch.setattr(books, "CONFIG", little)


def make_learners(database: Database, people: int = 12) -> list[Enrolled]:
    """Enrol them; each has bought the same every week for a quarter of a year."""
    with database.transaction() as session:
        store = get_store(session, code=STORE).id
        found = [
            enrol(session, f"person{place}@example.org") for place in range(people)
        ]
        import_purchases(
            session,
            purchases=[
                bought(one.profile.id, store, receipt=f"{place}-{week}", week=week)
                for place, one in enumerate(found)
                for week in range(WEEKS)
            ],
            takeover=Takeover(currency="EUR", recorded_by="test"),
            now=NOW,
        )
    return found


def bought(
    customer_id: CustomerID, store: StoreID, *, receipt: str, week: int
) -> PastPurchase:
    """Return what somebody of one of the two habits bought, so many weeks ago."""
    habit = HABITS[int(receipt.partition("-")[0]) % 2]
    return PastPurchase(
        customer_id=customer_id,
        store_id=store,
        receipt=receipt,
        at=NOW - timedelta(days=7 * week + 1),
        source_week=None,
        lines=tuple(
            PastLine(
                sku=sku,
                quantity=Decimal(units),
                unit_price=PRICES[sku],
                gross=units * PRICES[sku],
                discount=0,
            )
            for sku, units in habit.items()
        ),
    )


def make_offers(database: Database) -> None:
    """Let three personal promotions run: coffee, tea and pizza."""
    with database.transaction() as session:
        for code, category in OFFERS.items():
            reward = {
                "percent_off": {"percent": "25", "on": {"categories": [category]}}
            }
            activate(session, promotion(code, trigger="personal", reward=reward))


def withdraw(database: Database, customer_id: CustomerID) -> None:
    """Let a customer take back that offers are chosen from what they buy."""
    with database.transaction() as session:
        state_consent(
            session,
            customer_id=customer_id,
            consent=Consent(
                purpose=Purpose.PERSONALISATION,
                channel=None,
                given=False,
                wording="",
                wording_version="1",
                source="portal",
                actor=f"customer:{customer_id}",
                at=NOW,
            ),
        )
