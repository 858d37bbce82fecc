"""Campaigns in the small shop: some customers use coupons, for what they like."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pytest

from recommender.config import Config
from recommender.data import Answer, Offer, Past, PastCampaign, Response, day_number
from recommender.features import Audience, Targets
from recommender.models.redemption import Tally, Terms
from recommender.pipeline import train
from recommender.scoring import describe_audience
from recommender.training import Trained, prepare
from recommender.training.campaigns import Shop as Records
from tests.unit.recommender.shop import FIRST, TASTES, Shop

OFFERS = tuple(
    Offer(key=name, skus=(f"{name}-1", f"{name}-2"), price=199, depth=0.25)
    for name in ("Cat food", "Cat litter", "Nappies", "Baby food", "Cheese", "Beer")
)
STARTS = (56, 84, 112, 140)
DAYS = 21


def likes(customer: int, offer: Offer) -> bool:
    return offer.key in TASTES[customer % 2]


def uses_coupons(customer: int) -> bool:
    return customer % 3 == 0


def make_past(shop: Shop) -> Past:
    """Everybody is reached; a third answers, nearly always for what they like."""
    chance = np.random.default_rng(11)
    campaigns, responses = [], []
    for number, start in enumerate(STARTS):
        begins = FIRST + timedelta(days=start)
        code = f"C{number}"
        campaigns.append(
            PastCampaign(
                code=code,
                kind="mailing",
                start=begins,
                end=begins + timedelta(days=DAYS),
                customers=tuple(one.id for one in shop.customers),
                offers=OFFERS,
            )
        )
        for one in shop.customers:
            for offer in OFFERS:
                odds = 0.8 if likes(one.id, offer) and uses_coupons(one.id) else 0.01
                if chance.random() < odds:
                    responses.append(
                        Response(
                            customer=one.id,
                            offer=offer.key,
                            answer=Answer.REDEEMED,
                            day=begins + timedelta(days=int(chance.integers(DAYS))),
                            campaign=code,
                        )
                    )
    return Past(campaigns=tuple(campaigns), responses=tuple(responses))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """All customers, tomorrow, with the offers of the campaigns."""

    audience: Audience
    targets: Targets
    terms: Terms


@pytest.fixture(scope="session")
def past(shop: Shop) -> Past:
    return make_past(shop)


@pytest.fixture(scope="session")
def taught(shop: Shop, config: Config, past: Past) -> Trained:
    tables = (shop.purchases, shop.customers, shop.products)
    return train(*tables, config, past=past)


@pytest.fixture(scope="session")
def records(shop: Shop, config: Config) -> Records:
    lesson = prepare(shop.purchases, shop.customers, shop.products, config)
    return Records.of(lesson, shop.purchases)


@pytest.fixture(scope="session")
def asked(shop: Shop, taught: Trained, records: Records, past: Past) -> Asked:
    catalogue = records.lesson.catalogue
    audience = describe_audience(
        taught, shop.purchases, shop.customers, catalogue, shop.tomorrow
    )
    targets = Targets.of(OFFERS, catalogue, taught.space)
    tally = Tally.of(past, catalogue, taught.space, day=day_number(shop.tomorrow))
    known = {offer.key: offer for offer in OFFERS}
    return Asked(
        audience=audience,
        targets=targets,
        terms=Terms(
            offers=[known[key] for key in targets.keys],
            days=DAYS,
            choices=np.full(len(audience), len(targets), np.float32),
            answered=tally.of_customers(audience.ids),
        ),
    )
