"""Choosing promotions for customers: scored, allocated within limits, explained."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from jobs.tasks.books import config_of, goods_of, read_people
from jobs.tasks.models import registry
from jobs.tasks.offering import (
    answered_promotions,
    offers_of,
    read_shelf,
    response_of,
)
from jobs.tasks.running import Progress, quiet
from loyalty.catalogue.queries import all_products
from loyalty.core.database import Database
from loyalty.core.periods import business_day
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import dismissed_offers
from loyalty.offers.values import Aim, NothingBecause, Odds, Reason
from loyalty.promotions.values.states import StoredPromotion
from loyalty.stores.queries import get_programme
from recommender import data as rows
from recommender.allocation import (
    NO_PAIRS,
    Allocation,
    Candidates,
    Limits,
    Pairs,
    WhyNothing,
    allocate,
)
from recommender.config import Config
from recommender.data import FloatArray
from recommender.explanation import Explainer
from recommender.scoring import (
    BLOCK,
    People,
    Scene,
    Scored,
    describe_audience,
    score,
)
from recommender.training import Trained

WHY: Final = {
    WhyNothing.NO_CANDIDATES: NothingBecause.NOTHING_FITS,
    WhyNothing.OWN_WISHES: NothingBecause.NOT_WANTED,
    WhyNothing.RECENT: NothingBecause.HAD_LATELY,
    WhyNothing.WORTHLESS: NothingBecause.NOT_WORTH_IT,
    WhyNothing.EXHAUSTED: NothingBecause.BUDGET_SPENT,
}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Desk:
    """What is needed to choose for anybody: the model, the promotions, the day."""

    trained: Trained
    scene: Scene
    promotions: tuple[StoredPromotion, ...]
    offers: tuple[rows.Offer, ...]
    """Both: one for each of the scene's targets."""

    as_of: datetime
    """When the books were read."""

    @property
    def version(self) -> str:
        """Which model chooses."""
        return self.trained.version


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """A promotion chosen for a customer; ``rank`` from 1."""

    customer_id: CustomerID
    promotion: str
    rank: int
    odds: Odds
    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Choice:
    """What was chosen for some customers, before reasons are put to it."""

    candidates: Candidates
    probability: FloatArray
    """Goes with the candidates."""

    allocation: Allocation

    @property
    def nothing(self) -> dict[CustomerID, NothingBecause]:
        """Who gets nothing, and why."""
        why = self.allocation.nothing
        return {
            CustomerID(int(self.candidates.ids[row])): WHY[WhyNothing(int(why[row]))]
            for row in np.flatnonzero(why != WhyNothing.SOMETHING)
        }


def open_desk(
    session: Session,
    *,
    promotions: Sequence[StoredPromotion],
    data_dir: Path,
    now: datetime,
) -> Desk:
    """
    Load the current model, and read what is the same for every customer.

    :raises ModelNotFound: if no model was trained yet
    :raises DamagedModel: if it cannot be loaded
    """
    programme = get_programme(session)
    trained = heeding(registry(data_dir).load(), config_of(programme))
    products = tuple(all_products(session))
    shelf = read_shelf(session, products=products, now=now)
    unwanted = dismissed_offers(session)
    known = answered_promotions(
        session, unwanted, {one.promotion.code: one.promotion for one in promotions}
    )
    offers = offers_of(session, promotions=promotions, shelf=shelf)
    ask = rows.Ask(
        day=business_day(now, programme.time_zone) + timedelta(days=1),
        offers=offers,
        responses=[response_of(offer, known) for offer in unwanted],
    )
    scene = Scene.of(trained, goods_of(products), ask)
    by_code = {one.promotion.code: one for one in promotions}
    by_key = {offer.key: offer for offer in offers}
    return Desk(
        trained=trained,
        scene=scene,
        promotions=tuple(by_code[code] for code in scene.targets.keys),
        offers=tuple(by_key[code] for code in scene.targets.keys),
        as_of=now,
    )


def heeding(trained: Trained, config: Config) -> Trained:
    """Return the model with these exclusions, whatever it was trained with."""
    held = replace(
        trained.config,
        excluded_categories=config.excluded_categories,
        sensitive=config.sensitive,
    )
    return replace(trained, config=held)


def in_turn(
    database: Database, customer_ids: Collection[CustomerID], *, size: int = BLOCK
) -> Iterator[People]:
    """Read customers, by their numbers, so many at a time with what they bought."""
    ordered = sorted(customer_ids)
    for start in range(0, len(ordered), size):
        with database.transaction() as session:
            found = read_people(session, customer_ids=ordered[start : start + size])
        yield found


def score_people(
    desk: Desk,
    people: Iterator[People] | Sequence[People],
    *,
    executor: Executor | None = None,
    progress: Progress = quiet,
) -> Iterator[Scored]:
    """Score customers for the desk's promotions, block by block."""
    return score(desk.trained, desk.scene, people, executor=executor, progress=progress)


def share_out(
    desk: Desk,
    scored: Sequence[Scored],
    limits: Limits,
    *,
    blocked: Pairs = NO_PAIRS,
    progress: Progress = quiet,
) -> Choice:
    """Choose within the limits, nothing blocked, so that the value is highest."""
    candidates = Candidates.of(scored).blocking(blocked)
    found = [block.probability[block.places >= 0] for block in scored]
    return Choice(
        candidates=candidates,
        probability=np.concatenate([np.zeros(0, np.float32), *found]),
        allocation=allocate(candidates, limits, desk.trained.config, progress),
    )


def explained(desk: Desk, people: People, choice: Choice) -> Iterator[Pick]:
    """Put reasons to what was chosen for these people."""
    candidates, allocation = choice.candidates, choice.allocation
    row_of = {customer.id: row for row, customer in enumerate(people.customers)}
    ids = candidates.ids[allocation.customers].tolist()
    mine = np.array([n for n, one in enumerate(ids) if one in row_of], np.int64)
    if not len(mine):
        return
    chosen = allocation.chosen[mine]
    who = np.array([row_of[ids[n]] for n in mine.tolist()], np.int32)
    places = candidates.offers[chosen]
    audience = describe_audience(
        desk.trained,
        people.purchases,
        people.customers,
        desk.scene.catalogue,
        desk.scene.day,
    )
    explainer = Explainer(
        trained=desk.trained,
        catalogue=desk.scene.catalogue,
        targets=desk.scene.targets,
    )
    said = explainer.explain(audience, people.customers, who, places)
    for n, number in enumerate(mine.tolist()):
        at = int(chosen[n])
        yield Pick(
            customer_id=CustomerID(ids[number]),
            promotion=desk.scene.targets.keys[int(places[n])],
            rank=int(allocation.ranks[number]),
            odds=Odds(
                probability=min(max(float(choice.probability[at]), 0.0), 1.0),
                value=float(candidates.values[at]),
                aim=Aim.DISCOVERY if candidates.fresh[at] else Aim.REWARD,
                parts=said.as_dict(n),
                propensity=float(allocation.propensity[number]),
                rank=int(allocation.ranks[number]),
            ),
            reason=dict(said.reasons[n]),
        )
