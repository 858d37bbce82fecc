"""The demo's long first steps: the shop's data, a model, the first offers."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from jobs.cli.setting_up import Tell, opened, progress_bar
from jobs.tasks.models import registry
from jobs.tasks.planning import Shop, plan_offers
from jobs.tasks.scoring import recommend_to_all
from jobs.tasks.training import Policy, train_model
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.customers.values import Channel
from loyalty.demo.loading import is_loaded, load
from loyalty.demo.shops import FIRST_CAMPAIGN, WEEKLY_CAMPAIGN
from loyalty.offers.queries import list_campaigns
from loyalty.offers.service import create_campaign
from loyalty.offers.values import (
    Audience,
    CampaignState,
    LastPurchase,
    NewCampaign,
    Variant,
    Weekly,
    When,
)
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.values import Trigger
from loyalty.promotions.values.states import PromotionState
from loyalty.recommendations.queries import latest_run
from loyalty.recommendations.service import runs
from loyalty.recommendations.values import NewRun, RunKind, RunState
from loyalty.settings import Settings
from loyalty.usecases.control_campaign import launch_campaign
from recommender.registry import ModelNotFound

_WEEKS: Final = 4
_WEEKLY_LASTS: Final = 12
_HOLDOUT_PERCENT: Final = 20
"""More than the usual 10: a few hundred households show little otherwise."""


def prepare(settings: Settings, *, households: int | None) -> None:
    """Do of these steps what an earlier run has not finished."""
    with opened(settings) as database, progress_bar() as tell:
        if not is_loaded(database):
            load(database, households=households, now=utc_now(), progress=tell)
        if not _is_trained(settings.data_dir):
            train_model(
                database,
                settings.data_dir,
                now=utc_now(),
                progress=tell,
                policy=Policy(judged=False),
            )
        _recommend_first(database, settings, tell)
        _plan_first_offers(database, settings, tell)


def _launch_weekly(
    session: Session, promotions: tuple[str, ...], *, now: datetime
) -> None:
    """Launch a campaign that runs every Friday from next week on, told in two ways."""
    create_campaign(
        session,
        campaign=NewCampaign(
            code=WEEKLY_CAMPAIGN,
            name="Every Friday",
            starts_at=now + timedelta(weeks=1),
            ends_at=now + timedelta(weeks=_WEEKLY_LASTS),
            promotions=promotions,
            offers_per_customer=1,
            holdout_percent=_HOLDOUT_PERCENT,
            audience=Audience(all=(LastPurchase(after=When(days_ago=60)),)),
            trigger=Weekly(days=(4,), minute=9 * 60),
            valid_days=7,
            variants=(
                Variant(code="a", share=50),
                Variant(code="b", share=50, hour=17),
            ),
        ),
        actor="system",
        now=now,
    )
    launch_campaign(session, code=WEEKLY_CAMPAIGN, actor="system", now=now)


def _is_trained(data_dir: Path) -> bool:
    try:
        registry(data_dir).load()
    except ModelNotFound:
        return False
    return True


def _recommend_first(database: Database, settings: Settings, tell: Tell) -> None:
    """Recommend to everybody, if nobody ever did."""
    with database.transaction() as session:
        done = latest_run(session, kind=RunKind.SCORE, states=[RunState.DONE])
    if done is None:
        recommend_to_all(
            database, data_dir=settings.data_dir, now=utc_now(), progress=tell
        )


def _plan_first_offers(database: Database, settings: Settings, tell: Tell) -> None:
    """Offer the coupons of the data to everybody who agreed, a part held out."""
    now = utc_now()
    with database.transaction() as session:
        known = {campaign.code: campaign for campaign in list_campaigns(session)}
        if FIRST_CAMPAIGN not in known:
            personal = tuple(
                stored.promotion.code
                for stored in list_promotions(session, states=[PromotionState.ACTIVE])
                if stored.promotion.trigger is Trigger.PERSONAL
            )
            _launch_weekly(session, personal, now=now)
            create_campaign(
                session,
                campaign=NewCampaign(
                    code=FIRST_CAMPAIGN,
                    name="First personal offers",
                    starts_at=now,
                    ends_at=now + timedelta(weeks=_WEEKS),
                    promotions=personal,
                    holdout_percent=_HOLDOUT_PERCENT,
                ),
                actor="system",
                now=now,
            )
        elif known[FIRST_CAMPAIGN].state is not CampaignState.DRAFT:
            return
    shop = Shop(
        database=database,
        data_dir=settings.data_dir,
        providers={Channel(name) for name in settings.channels},
        progress=tell,
    )
    plan_offers(shop, campaign=FIRST_CAMPAIGN, now=now)
    with database.transaction() as session:
        # The first model was not judged, so that nobody waits: a worker does it next.
        runs.ask(session, run=NewRun(kind=RunKind.TRAIN, actor="system"), now=now)
