"""What an allocation must keep to, from promotions, offers made and the campaign."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from jobs.tasks.desks import Desk
from loyalty.core.periods import business_day, day_period
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import made_by_campaign, offered_lately, outstanding
from loyalty.offers.values import Campaign
from loyalty.promotions.queries.eligible import barred
from loyalty.promotions.queries.usage import used
from loyalty.stores.queries import get_programme
from recommender.allocation import Limits, Pairs, discovery_places

Numbers = NDArray[np.float64]

FRESH_FOR: Final = timedelta(days=7)
"""A promotion is not offered again to a customer for so long."""

DIVERSITY: Final = 0.1
"""What a second offer of one department loses, as a share of the customer's best."""


def free_limits(
    desk: Desk,
    *,
    per_customer: int,
    discovery_percent: int,
    diversity: float = 0.0,
) -> Limits:
    """Return limits that concern each customer alone: how many, how mixed."""
    categories = _main_categories(desk)
    none = np.full(len(categories), inf)
    return Limits(
        groups=_numbered(categories),
        related=_numbered([name.partition("/")[0] for name in categories]),
        caps=none,
        budgets=none.copy(),
        per_customer=per_customer,
        discovery=discovery_places(per_customer, discovery_percent / 100),
        diversity=diversity,
    )


def _main_categories(desk: Desk) -> list[str]:
    """
    Return the category that most of each offer is for.

    Of categories that came after the model was trained it knows none: then it is the
    first one that the offer is for.
    """
    shares = desk.scene.targets.shares.tocsr()
    names, catalogue = desk.trained.space.items.names, desk.scene.catalogue
    found = []
    for offer, start, end in zip(
        desk.offers, shares.indptr, shares.indptr[1:], strict=False
    ):
        if start < end:
            heaviest = shares.data[start:end].argmax()
            found.append(names[shares.indices[start:end][heaviest]])
            continue
        skus = catalogue.named_products(offer)
        named = catalogue.named_categories(offer)
        found.append(catalogue.products[skus[0]].category if skus else named[0])
    return found


def _numbered(names: Sequence[str]) -> NDArray[np.int32]:
    """Return a number for each name, the same for the same."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], np.int32)


def campaign_limits(
    session: Session, desk: Desk, *, campaign: Campaign, now: datetime
) -> Limits:
    """
    Return what is left for a campaign: of its promotions, and of itself.

    Numbers are kept for certain: no more offers are made than a promotion has uses
    left, those that other offers may need taken off. Money is kept in expectation:
    an offer that is used by one customer in twenty takes a twentieth of what it gives.
    """
    caps, budgets = _left(session, desk, now=now)
    codes = desk.scene.targets.keys
    costs = _costs(desk)
    made = made_by_campaign(session, campaign_id=campaign.id)
    spent = sum(
        one.redemptions * costs[codes.index(code)]
        for code, one in made.items()
        if code in codes
    )
    offers = sum(one.offers for one in made.values())
    limits = free_limits(
        desk,
        per_customer=campaign.offers_per_customer,
        discovery_percent=campaign.discovery_percent,
        diversity=DIVERSITY,
    )
    most, budget = campaign.most_offers, campaign.budget
    return replace(
        limits,
        caps=caps,
        budgets=budgets,
        cap=inf if most is None else max(most - offers, 0),
        budget=inf if budget is None else max(budget - spent, 0.0),
        recent=_pairs(
            desk,
            offered_lately(session, promotions=codes, since=now - FRESH_FOR, now=now),
        ),
    )


def unusable(
    session: Session,
    desk: Desk,
    *,
    customer_ids: Collection[CustomerID],
    now: datetime,
) -> Pairs:
    """Return which customers could not use which of the promotions."""
    found = barred(
        session, promotions=desk.promotions, customer_ids=customer_ids, now=now
    )
    return _pairs(
        desk, [(who, code) for code, outside in found.items() for who in outside]
    )


def _left(session: Session, desk: Desk, *, now: datetime) -> tuple[Numbers, Numbers]:
    """Return how many uses, and how much money, is left of each promotion."""
    zone = get_programme(session).time_zone
    gone = used(
        session,
        promotions=desk.promotions,
        customer_id=None,
        today=day_period(business_day(now, zone), zone),
        now=now,
    )
    open_offers = outstanding(session, promotions=desk.scene.targets.keys, now=now)
    costs = _costs(desk)
    caps = np.full(len(desk.promotions), inf)
    budgets = np.full(len(desk.promotions), inf)
    for place, stored in enumerate(desk.promotions):
        limits, code = stored.promotion.limits, stored.promotion.code
        so_far, waiting = gone.get(code), open_offers.get(code)
        if limits.total is not None:
            uses = so_far.total if so_far else 0
            promised = waiting.offers if waiting else 0
            caps[place] = max(limits.total - uses - promised, 0)
        if limits.budget is not None:
            given = so_far.given if so_far else 0
            expected = waiting.redemptions * costs[place] if waiting else 0.0
            budgets[place] = max(limits.budget.amount - given - expected, 0.0)
    return caps, budgets


def _costs(desk: Desk) -> list[int]:
    """Return what a redemption of each promotion costs; 0 where nobody knows."""
    return [offer.cost or 0 for offer in desk.offers]


def _pairs(desk: Desk, found: Collection[tuple[CustomerID, str]]) -> Pairs:
    place = {code: number for number, code in enumerate(desk.scene.targets.keys)}
    known = [(who, place[code]) for who, code in found if code in place]
    return Pairs(
        customers=np.array([who for who, _ in known], np.int64),
        offers=np.array([number for _, number in known], np.int32),
    )
