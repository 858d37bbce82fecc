"""Planning campaigns: choosing their offers and making them, within what is left."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jobs.context import WorkerContext, worker
from jobs.tasks.choosing import (
    Choice,
    Pool,
    explained,
    in_turn,
    score_people,
    share_out,
)
from jobs.tasks.desks import Desk, Question, current_model, open_desk
from jobs.tasks.limiting import campaign_limits, unusable
from jobs.tasks.reporting import report_of
from jobs.tasks.running import ANTICIPATED, Progress, Running, quiet, running
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.core.errors import Refused
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.rules.policy import policy_of
from loyalty.offers.queries import get_campaign, waiting_run
from loyalty.offers.service import CampaignPlannedAlready, check_unplanned
from loyalty.offers.values import NewOffer
from loyalty.recommendations.values import NewRun, RunKind
from loyalty.stores.queries import get_programme
from loyalty.usecases import plan_campaign as planning
from recommender.allocation import Limits
from recommender.scoring import People, executor_at

_LOCK: Final = 0x10_7A_A1
"""Any number that no other advisory lock has."""

_MOST_TRIES: Final = 20
"""A try is lost only to another campaign that was planned meanwhile."""

_log = logging.getLogger(__name__)


class LimitsTaken(Refused):
    """Another campaign took what this one was going to give."""

    code = "limits_taken"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """What planning needs besides the campaign."""

    database: Database
    data_dir: Path
    providers: Collection[Channel]
    """Channels that something stands behind."""

    dask_scheduler: str | None = None
    """Where customers are scored; None: here."""

    progress: Progress = quiet


def plan_offers(
    shop: Shop, *, campaign: str, actor: str = "system", now: datetime
) -> planning.Outcome:
    """
    Choose and make the offers of a campaign's run, and plan the messages about them.

    :raises CampaignNotFound: if there is no such campaign
    :raises CampaignPlannedAlready: if no run of it waits
    :raises ModelNotFound: if no model was trained yet
    :raises RunGoing: if another process plans it
    """
    with shop.database.transaction() as session:
        found = get_campaign(session, code=campaign)
        if waiting_run(session, campaign=found, now=now) is None:
            check_unplanned(found)
    new = NewRun(kind=RunKind.ALLOCATE, subject=campaign, actor=actor)
    with running(shop.database, new, now=now, also=shop.progress) as run:
        run.tell("reading purchases", 0, 1)
        with shop.database.transaction() as session:
            opened = planning.open_campaign(session, code=campaign, now=now)
        return make(shop, run, opened, now=now)


def plan_campaign(*, campaign: str) -> None:
    """Plan the waiting run of a campaign; running it twice plans it once."""
    shop = shop_of(worker.get())
    try:
        outcome = plan_offers(shop, campaign=campaign, now=utc_now())
    except CampaignPlannedAlready:
        _log.info("The campaign %s is planned already", campaign)
    except ANTICIPATED as problem:
        _log.warning("The campaign %s was not planned: %s", campaign, problem)
    else:
        _log.info("The campaign %s: %s", campaign, outcome)


def shop_of(context: WorkerContext) -> Shop:
    """Return what planning needs of a worker."""
    return Shop(
        database=context.database,
        data_dir=context.data_dir,
        providers=context.channels.keys(),
        dask_scheduler=context.dask_scheduler,
    )


def make(
    shop: Shop, run: Running, opened: planning.Opened, *, now: datetime
) -> planning.Outcome:
    """Choose until what was chosen is still there when it is made."""
    with shop.database.transaction() as session:
        desk = desk_for(session, shop, opened, now=now)
        currency = get_programme(session).currency
    pool = score(shop, desk, opened, run.tell)
    for _ in range(_MOST_TRIES):
        with shop.database.transaction() as session:
            choice, limits = choose(session, desk, opened, pool, run.tell, now=now)
        try:
            outcome = _keep(shop, run.tell, (desk, choice), opened, now=now)
        except LimitsTaken:
            continue
        run.model_version = desk.version
        run.report = {
            **report_of(desk, opened, choice, limits, currency=currency),
            "occasion": opened.run.occasion,
            "offers": outcome.offers,
            "messages": outcome.messages,
            "refused": outcome.refused,
            "withdrawn": outcome.withdrawn,
        }
        return outcome
    message = "Other campaigns take what this one chooses: plan it once they are made."
    raise LimitsTaken(message)


def desk_for(
    session: Session, shop: Shop, opened: planning.Opened, *, now: datetime
) -> Desk:
    """Return what choosing for a run needs."""
    question = Question(
        promotions=list(opened.promotions.values()),
        customers=opened.customers,
        campaign=opened.campaign,
    )
    trained = current_model(session, shop.data_dir)
    return open_desk(session, trained=trained, question=question, now=now)


def score(shop: Shop, desk: Desk, opened: planning.Opened, progress: Progress) -> Pool:
    """Score the customers of a run, and pack what each may be offered."""
    whole = len(opened.customers)

    def tell(_step: str, done: int, _total: int) -> None:
        progress("scoring customers", done, whole)

    people = in_turn(shop.database, opened.customers)
    with executor_at(shop.dask_scheduler) as executor:
        return Pool.of(score_people(desk, people, executor=executor, progress=tell))


def choose(
    session: Session,
    desk: Desk,
    opened: planning.Opened,
    pool: Pool,
    progress: Progress,
    *,
    now: datetime,
) -> tuple[Choice, Limits]:
    """Choose within what is left at this moment."""
    limits = campaign_limits(session, desk, campaign=opened.campaign, now=now)
    closed = unusable(session, desk, customer_ids=opened.customers, now=now)
    choice = share_out(
        desk,
        pool,
        limits,
        blocked=closed,
        explores=opened.campaign.explores,
        progress=progress,
    )
    return choice, limits


def _keep(
    shop: Shop,
    progress: Progress,
    chosen: tuple[Desk, Choice],
    opened: planning.Opened,
    *,
    now: datetime,
) -> planning.Outcome:
    """
    Make the offers, unless another campaign has taken what they need.

    Customers are read, explained and served block by block, so that a million take no
    more memory than a few thousand, in one transaction: all of a run's offers are made
    or none.

    :raises LimitsTaken: if another campaign has; nothing was made
    """
    desk, choice = chosen
    done, outcome = 0, planning.Outcome()
    with shop.database.transaction() as session:
        # From here to the commit nobody else makes offers: what is left stays so.
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        left = campaign_limits(session, desk, campaign=opened.campaign, now=now)
        if not _fits(choice, left):
            message = "Another campaign has just taken what this one needs."
            raise LimitsTaken(message)
        planning.begin(session, opened=opened, now=now)
        policy = policy_of(get_programme(session), shop.providers)
        nothing = choice.nothing
        for people in in_turn(shop.database, opened.customers):
            progress("making offers", done, len(opened.customers))
            here = [CustomerID(customer.id) for customer in people.customers]
            outcome += planning.make_offers(
                session,
                opened=opened,
                customers=here,
                chosen=planning.Chosen(
                    offers=_offers(desk, people, choice),
                    nothing={who: nothing[who] for who in here if who in nothing},
                ),
                policy=policy,
                now=now,
            )
            session.expunge_all()
            done += len(here)
        planning.end(session, opened=opened, now=now)
    return outcome


def _offers(desk: Desk, people: People, choice: Choice) -> list[NewOffer]:
    return [
        NewOffer(
            customer_id=pick.customer_id,
            promotion=pick.promotion,
            score=pick.odds.probability,
            reason=pick.reason,
            model_version=desk.version,
            odds=pick.odds,
        )
        for pick in explained(desk, people, choice)
    ]


def _fits(choice: Choice, left: Limits) -> bool:
    """Test whether what was chosen is within what is left now."""
    usage = choice.allocation.usage
    return bool(
        (usage.offers <= left.caps).all()
        and (usage.costs <= left.budgets).all()
        and usage.offers.sum() <= left.cap
        and usage.costs.sum() <= left.budget
        and not choice.candidates.among(left.recent)[choice.allocation.chosen].any()
    )
