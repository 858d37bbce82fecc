"""Planning campaigns: choosing their offers and making them, within what is left."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jobs.context import worker
from jobs.tasks.choosing import (
    Choice,
    Pick,
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
from loyalty.customers.values import Channel
from loyalty.delivery.rules.policy import policy_of
from loyalty.offers.queries import get_campaign
from loyalty.offers.service import CampaignPlannedAlready, check_unplanned
from loyalty.offers.values import NewOffer
from loyalty.recommendations.values import NewRun, RunKind
from loyalty.stores.queries import get_programme
from loyalty.usecases import plan_campaign as planning
from recommender.allocation import Limits
from recommender.scoring import Scored, executor_at

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
    Choose and make a campaign's offers, and plan the messages about them.

    :raises CampaignNotFound: if there is no such campaign
    :raises CampaignPlannedAlready: if its offers were made before
    :raises ModelNotFound: if no model was trained yet
    :raises RunGoing: if another process plans it
    """
    with shop.database.transaction() as session:
        check_unplanned(get_campaign(session, code=campaign))
    new = NewRun(kind=RunKind.ALLOCATE, subject=campaign, actor=actor)
    with running(shop.database, new, now=now, also=shop.progress) as run:
        run.tell("reading purchases", 0, 1)
        with shop.database.transaction() as session:
            opened = planning.open_campaign(session, code=campaign)
        return make(shop, run, opened, now=now)


def preview(
    shop: Shop, *, campaign: str, now: datetime
) -> tuple[planning.Opened, list[Pick], dict[str, Any]]:
    """
    Choose a campaign's offers without making anything of it.

    :returns: for whom was chosen, what, and the report
    """
    with shop.database.transaction() as session:
        tried = session.begin_nested()
        opened = planning.open_campaign(session, code=campaign)
        tried.rollback()
        desk = _desk(session, shop, opened, now=now)
    scored = _score(shop, desk, opened, shop.progress)
    with shop.database.transaction() as session:
        choice, limits = _choose(session, desk, opened, scored, shop.progress, now=now)
        currency = get_programme(session).currency
    picks = _explain(shop, desk, opened, choice)
    return opened, picks, report_of(desk, opened, choice, limits, currency=currency)


def plan_campaign(*, campaign: str) -> None:
    """Plan a campaign's offers; running it twice plans them once."""
    context = worker.get()
    shop = Shop(
        database=context.database,
        data_dir=context.data_dir,
        providers=context.channels.keys(),
        dask_scheduler=context.dask_scheduler,
    )
    try:
        outcome = plan_offers(shop, campaign=campaign, now=utc_now())
    except CampaignPlannedAlready:
        _log.info("The campaign %s is planned already", campaign)
    except ANTICIPATED as problem:
        _log.warning("The campaign %s was not planned: %s", campaign, problem)
    else:
        _log.info("The campaign %s: %s", campaign, outcome)


def make(
    shop: Shop, run: Running, opened: planning.Opened, *, now: datetime
) -> planning.Outcome:
    """Choose until what was chosen is still there when it is made."""
    with shop.database.transaction() as session:
        desk = _desk(session, shop, opened, now=now)
        currency = get_programme(session).currency
    scored = _score(shop, desk, opened, run.tell)
    for _ in range(_MOST_TRIES):
        with shop.database.transaction() as session:
            choice, limits = _choose(session, desk, opened, scored, run.tell, now=now)
        run.tell("giving reasons", 0, 1)
        picks = _explain(shop, desk, opened, choice)
        run.tell("making offers", 0, 1)
        try:
            outcome = _keep(shop, desk, opened, choice, picks, now=now)
        except LimitsTaken:
            continue
        run.model_version = desk.version
        run.report = {
            **report_of(desk, opened, choice, limits, currency=currency),
            "offers": outcome.offers,
            "messages": outcome.messages,
            "refused": outcome.refused,
            "withdrawn": outcome.withdrawn,
        }
        return outcome
    message = "Other campaigns take what this one chooses: plan it once they are made."
    raise LimitsTaken(message)


def _desk(
    session: Session, shop: Shop, opened: planning.Opened, *, now: datetime
) -> Desk:
    question = Question(
        promotions=list(opened.promotions.values()),
        customers=opened.customers,
        campaign=opened.campaign,
    )
    trained = current_model(session, shop.data_dir)
    return open_desk(session, trained=trained, question=question, now=now)


def _score(
    shop: Shop, desk: Desk, opened: planning.Opened, progress: Progress
) -> list[Scored]:
    whole = len(opened.customers)

    def tell(_step: str, done: int, _total: int) -> None:
        progress("scoring customers", done, whole)

    people = in_turn(shop.database, opened.customers)
    with executor_at(shop.dask_scheduler) as executor:
        return list(score_people(desk, people, executor=executor, progress=tell))


def _choose(  # within what is left at this moment
    session: Session,
    desk: Desk,
    opened: planning.Opened,
    scored: Sequence[Scored],
    progress: Progress,
    *,
    now: datetime,
) -> tuple[Choice, Limits]:
    limits = campaign_limits(session, desk, campaign=opened.campaign, now=now)
    closed = unusable(session, desk, customer_ids=opened.customers, now=now)
    choice = share_out(
        desk,
        scored,
        limits,
        blocked=closed,
        explores=opened.campaign.explores,
        progress=progress,
    )
    return choice, limits


def _explain(
    shop: Shop, desk: Desk, opened: planning.Opened, choice: Choice
) -> list[Pick]:
    return [
        pick
        for people in in_turn(shop.database, opened.customers)
        for pick in explained(desk, people, choice)
    ]


def _keep(  # of what was chosen, by whom, when
    shop: Shop,
    desk: Desk,
    opened: planning.Opened,
    choice: Choice,
    picks: Sequence[Pick],
    *,
    now: datetime,
) -> planning.Outcome:
    """
    Make the offers, unless another campaign has taken what they need.

    :raises LimitsTaken: if it has; nothing was made
    """
    chosen = planning.Chosen(
        offers=[
            NewOffer(
                customer_id=pick.customer_id,
                promotion=pick.promotion,
                score=pick.odds.probability,
                reason=pick.reason,
                model_version=desk.version,
                odds=pick.odds,
            )
            for pick in picks
        ],
        nothing=choice.nothing,
    )
    with shop.database.transaction() as session:
        # From here to the commit nobody else makes offers: what is left stays so.
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        left = campaign_limits(session, desk, campaign=opened.campaign, now=now)
        if not _fits(choice, left):
            message = "Another campaign has just taken what this one needs."
            raise LimitsTaken(message)
        return planning.make_offers(
            session,
            opened=opened,
            chosen=chosen,
            policy=policy_of(get_programme(session), shop.providers),
            now=now,
        )


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
