"""A weekly campaign in two ways that has run twice, with purchases to measure."""

import random
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from loyalty.customers.service.imports import Newcomer, import_customers
from loyalty.customers.service.people import Person
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import get_campaign
from loyalty.offers.rules import is_held_out
from loyalty.offers.service import (
    add_members,
    begin_run,
    create_campaign,
    make_offers,
    mark_planned,
)
from loyalty.offers.values import Member, NewCampaign, NewOffer, Variant, Weekly
from loyalty.purchases.service.imports import (
    PastLine,
    PastPurchase,
    Takeover,
    import_purchases,
)
from loyalty.stores.queries import get_store
from tests.factories import NOW, STORE, activate, promotion

CODE = "weekly"
BEGAN = NOW - timedelta(days=14)
OCCASIONS = ("2026-11-06", "2026-11-13")
MORE = 500
"""What an offer makes a customer spend more in a week, in cents."""


def run_weekly(
    session: Session, *, people: int = 400, holdout: int = 20
) -> dict[CustomerID, Member]:
    """Let it run; return who is in it, and how."""
    activate(session, promotion("beans", trigger="personal"))
    create_campaign(
        session,
        campaign=NewCampaign(
            code=CODE,
            name="Every Friday",
            starts_at=BEGAN,
            ends_at=NOW + timedelta(days=60),
            promotions=("beans",),
            offers_per_customer=1,
            holdout_percent=holdout,
            trigger=Weekly(days=(4,), minute=12 * 60),
            valid_days=7,
            variants=(
                Variant(code="a", share=50),
                Variant(code="b", share=50, hour=18),
            ),
        ),
        actor="staff:1",
        now=BEGAN,
    )
    newcomer = Newcomer(
        person=Person(language="en", time_zone="Europe/Warsaw"), enrolled_at=BEGAN
    )
    ids = import_customers(session, newcomers=[newcomer] * people, actor="test")
    members = {who: _member(place, holdout) for place, who in enumerate(ids)}
    for place, occasion in enumerate(OCCASIONS):
        _run(session, members, occasion, place)
    _buy(session, members)
    return members


def _member(place: int, holdout: int) -> Member:
    held = is_held_out(key=b"k" * 32, campaign=CODE, customer=place, percent=holdout)
    return Member(occasion="", holdout=held, variant="ab"[place % 2])


def _run(
    session: Session, members: dict[CustomerID, Member], occasion: str, place: int
) -> None:
    campaign = get_campaign(session, code=CODE)
    starts = BEGAN + timedelta(days=7 * place)
    run = begin_run(
        session,
        campaign=campaign,
        occasion=occasion,
        starts_at=starts,
        ends_at=starts + timedelta(days=7),
    )
    groups = {
        who: Member(occasion=occasion, holdout=one.holdout, variant=one.variant)
        for who, one in members.items()
    }
    add_members(session, campaign=campaign, run=run, groups=groups)
    offers = [
        NewOffer(
            customer_id=who,
            promotion="beans",
            score=0.5,
            reason={"kind": "popular"},
            model_version="v1",
        )
        for who, one in members.items()
        if not one.holdout
    ]
    make_offers(session, campaign=campaign, run=run, offers=offers, now=starts)
    mark_planned(session, campaign=campaign, run=run, now=starts)


def _buy(session: Session, members: dict[CustomerID, Member]) -> None:
    draw = random.Random(5)  # noqa: S311  # made-up shoppers
    store = get_store(session, code=STORE).id
    purchases = []
    for who, one in members.items():
        usual = int(draw.lognormvariate(7, 0.7))
        for week in range(-6, 2):
            if draw.random() < 0.3:
                continue
            more = MORE if week >= 0 and not one.holdout else 0
            paid = int(usual * draw.uniform(0.7, 1.3)) + more
            line = PastLine(
                sku="COFFEE",
                quantity=Decimal(1),
                unit_price=paid,
                gross=paid,
                discount=0,
            )
            purchases.append(
                PastPurchase(
                    customer_id=who,
                    store_id=store,
                    receipt=f"{who}:{week}",
                    at=BEGAN + timedelta(days=7 * week + 3),
                    source_week=None,
                    lines=(line,),
                )
            )
    import_purchases(
        session,
        purchases=purchases,
        takeover=Takeover(currency="EUR", recorded_by="test"),
        now=NOW,
    )
