"""
What a new model would have brought in past campaigns, from offers that were drawn.

The model has learned from days after these campaigns, so the estimate flatters it: it
is told beside the gate's findings, and decides nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import groupby
from math import inf
from typing import Any, Final

import numpy as np

from jobs.tasks.choosing import in_turn, score_people
from jobs.tasks.desks import Question, open_desk
from jobs.tasks.limiting import DIVERSITY, free_limits
from jobs.tasks.past import occasion_code
from jobs.tasks.running import Progress
from loyalty.core.database import Database
from loyalty.offers.queries import begun_campaigns
from loyalty.offers.queries.drawn import Drawn, drawn_offers
from loyalty.offers.values import Campaign, CampaignRun
from loyalty.promotions.queries import get_promotion
from recommender.allocation import Candidates, Limits, allocate
from recommender.data import IntArray, LongArray
from recommender.exploration import Logged, chances_of, snips
from recommender.training import Trained

NEEDED: Final = 500
"""So many customers with drawn offers are needed to say anything."""

MOST_CAMPAIGNS: Final = 5
ANSWERED_AFTER: Final = timedelta(days=14)
"""A campaign counts from so long after its start."""


def look_back(
    database: Database,
    trained: Trained,
    *,
    now: datetime,
    needed: int = NEEDED,
    progress: Progress,
) -> dict[str, Any]:
    """
    Estimate how many offers a customer would have used if this model had drawn them.

    :returns: for a run's report: how many customers there are to learn from and how
        many are needed; with enough, what was used of a customer's offers (``made``)
        and the estimate (``recommender.exploration.Estimate``)
    """
    with database.transaction() as session:
        runs = [
            (campaign, run)
            for campaign, run in begun_campaigns(session, now=now)
            if campaign.explores and run.starts_at <= now - ANSWERED_AFTER
        ][-MOST_CAMPAIGNS:]
        drawn = {
            run.id: _whole(drawn_offers(session, run_id=run.id)) for _, run in runs
        }
    lists = sum(len({offer.customer_id for offer in found}) for found in drawn.values())
    if lists < needed:
        return {"lists": lists, "needed": needed}
    logs = []
    for number, (campaign, run) in enumerate(runs):
        progress("looking back", number, len(runs))
        if drawn[run.id]:
            logs.append(_log(database, trained, (campaign, run), drawn[run.id]))
    log = _joined(logs)
    return {
        "lists": lists,
        "needed": needed,
        "campaigns": [occasion_code(campaign, run) for campaign, run in runs],
        "made": round(float(log.rewards.sum()) / lists, 6),
        "estimate": asdict(snips(log)),
    }


def _whole(offers: Sequence[Drawn]) -> list[Drawn]:
    """Leave out lists of which an offer is missing."""
    found: list[Drawn] = []
    for _, listed in groupby(offers, lambda offer: offer.customer_id):
        together = list(listed)
        if [one.rank for one in together] == list(range(1, len(together) + 1)):
            found += together
    return found


def _log(
    database: Database,
    trained: Trained,
    about: tuple[Campaign, CampaignRun],
    offers: Sequence[Drawn],
) -> Logged:
    """Return a run's draws with how likely the model was to make them."""
    campaign, run = about
    customers = sorted({offer.customer_id for offer in offers})
    with database.transaction() as session:
        question = Question(
            promotions=[get_promotion(session, code=c) for c in campaign.promotions],
            customers=customers,
            campaign=campaign,
        )
        desk = open_desk(session, trained=trained, question=question, now=run.starts_at)
    limits = replace(
        free_limits(
            desk,
            per_customer=campaign.offers_per_customer,
            discovery_percent=campaign.discovery_percent,
            diversity=DIVERSITY,
        ),
        cap=inf if campaign.most_offers is None else campaign.most_offers,
        budget=inf if campaign.budget is None else campaign.budget,
    )
    people = in_turn(database, customers)
    candidates = Candidates.of(list(score_people(desk, people)))
    place = {code: at for at, code in enumerate(desk.scene.targets.keys)}
    ranks = np.array([offer.rank for offer in offers], np.int32)
    return Logged(
        lists=np.array([offer.customer_id for offer in offers], np.int64),
        ranks=ranks,
        propensity=np.array([offer.propensity for offer in offers]),
        target=_chances(
            candidates, limits, trained, _positions(candidates, offers, place), ranks
        ),
        rewards=np.array([float(offer.redeemed) for offer in offers]),
    )


def _chances(
    candidates: Candidates,
    limits: Limits,
    trained: Trained,
    positions: LongArray,
    ranks: IntArray,
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return how likely the model was to make each offer; 0 where it never would."""
    known = positions >= 0
    target = np.zeros(len(positions))
    prices = allocate(candidates, limits, trained.config).prices
    target[known] = chances_of(
        candidates,
        limits,
        prices,
        (positions[known], ranks[known]),
        temperature=trained.config.temperature,
    )
    return target


def _positions(
    candidates: Candidates, offers: Sequence[Drawn], place: Mapping[str, int]
) -> LongArray:
    """Return where each offer is among the candidates; -1: it is not."""
    pairs = zip(
        candidates.ids[candidates.rows].tolist(),
        candidates.offers.tolist(),
        strict=True,
    )
    at = {pair: number for number, pair in enumerate(pairs)}
    return np.array(
        [
            at.get((offer.customer_id, place.get(offer.promotion, -1)), -1)
            for offer in offers
        ],
        np.int64,
    )


def _joined(logs: Sequence[Logged]) -> Logged:
    """Put campaigns together; a customer of two has two lists."""
    numbers: list[LongArray] = []
    first = 0
    for log in logs:
        _, place = np.unique(log.lists, return_inverse=True)
        numbers.append(place.astype(np.int64) + first)
        first += int(place.max(initial=-1)) + 1
    return Logged(
        lists=np.concatenate(numbers),
        ranks=np.concatenate([log.ranks for log in logs]),
        propensity=np.concatenate([log.propensity for log in logs]),
        target=np.concatenate([log.target for log in logs]),
        rewards=np.concatenate([log.rewards for log in logs]),
    )
