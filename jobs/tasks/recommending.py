"""The recommender at work: reading the shop's books, training, choosing offers."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from jobs.context import worker
from jobs.tasks.books import CONFIG, Books, read_books
from jobs.tasks.models import registry
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.rules.policy import policy_of
from loyalty.offers.queries import dismissed_offers
from loyalty.offers.service import CampaignPlannedAlready
from loyalty.offers.values import NewOffer, Offer
from loyalty.promotions.queries import get_promotion
from loyalty.promotions.rules.rewards import selectors
from loyalty.promotions.values import Promotion
from loyalty.stores.queries import get_programme
from loyalty.usecases import plan_campaign as planning
from recommender import data as rows
from recommender import pipeline
from recommender.config import Config
from recommender.training import Trained

_log = logging.getLogger(__name__)


def choose_offers(
    books: Books,
    *,
    promotions: Mapping[str, Promotion],
    dismissed: Sequence[Offer],
    per_customer: int,
    data_dir: Path,
) -> list[NewOffer]:
    """
    Choose each customer's best promotions, with reasons.

    :raises ModelNotFound: if no model was trained yet
    """
    trained = heeding(registry(data_dir).load(), books.config)
    trained = replace(trained, config=replace(trained.config, top=per_customer))
    ask = rows.Ask(
        day=books.today + timedelta(days=1),
        offers=[_offer(promotion) for promotion in promotions.values()],
        responses=[_response(offer, promotions) for offer in dismissed],
    )
    found = pipeline.recommend(
        trained, books.purchases, books.customers, books.products, ask
    )
    return [
        NewOffer(
            customer_id=CustomerID(suggestion.customer),
            promotion=suggestion.offer,
            score=suggestion.score,
            reason=dict(suggestion.reason),
            model_version=suggestion.version,
        )
        for suggestion in found
    ]


def heeding(trained: Trained, config: Config) -> Trained:
    """Return the model with these exclusions, whatever it was trained with."""
    held = replace(
        trained.config,
        excluded_categories=config.excluded_categories,
        sensitive=config.sensitive,
    )
    return replace(trained, config=held)


def plan_offers(
    database: Database,
    *,
    campaign: str,
    data_dir: Path,
    providers: Collection[Channel],
    now: datetime,
) -> planning.Outcome:
    """
    Choose and make a campaign's offers, and plan the messages about them.

    :param providers: channels that something stands behind
    :raises CampaignNotFound: if there is no such campaign
    :raises CampaignPlannedAlready: if its offers were made before
    :raises ModelNotFound: if no model was trained yet
    """
    with database.transaction() as session:
        opened = planning.open_campaign(session, code=campaign)
        books = read_books(session, now=now, customer_ids=opened.customers)
        dismissed = dismissed_offers(session)
    offers = choose_offers(
        books,
        promotions=opened.promotions,
        dismissed=dismissed,
        per_customer=opened.campaign.offers_per_customer,
        data_dir=data_dir,
    )
    with database.transaction() as session:
        return planning.make_offers(
            session,
            opened=opened,
            offers=offers,
            policy=policy_of(get_programme(session), providers),
            now=now,
        )


def plan_campaign(*, campaign: str) -> None:
    """Plan a campaign's offers; running it twice plans them once."""
    context = worker.get()
    try:
        outcome = plan_offers(
            context.database,
            campaign=campaign,
            data_dir=context.data_dir,
            providers=context.channels.keys(),
            now=utc_now(),
        )
    except CampaignPlannedAlready:
        _log.info("The campaign %s is planned already", campaign)
    else:
        _log.info("The campaign %s: %s", campaign, outcome)


def customer_offers(
    session: Session,
    *,
    customer_id: CustomerID,
    promotions: Collection[str],
    data_dir: Path,
    now: datetime,
) -> list[NewOffer]:
    """
    Choose among promotions for one customer, without making anything of it.

    :raises PromotionNotFound: if there is no such promotion
    :raises ModelNotFound: if no model was trained yet
    """
    return choose_offers(
        read_books(session, now=now, customer_ids=[customer_id]),
        promotions={
            code: get_promotion(session, code=code).promotion for code in promotions
        },
        dismissed=dismissed_offers(session),
        per_customer=CONFIG.top,
        data_dir=data_dir,
    )


def _offer(promotion: Promotion) -> rows.Offer:
    about = selectors(promotion.reward)
    return rows.Offer(
        key=promotion.code,
        skus=tuple(sku for one in about for sku in one.skus or ()),
        categories=tuple(path for one in about for path in one.categories or ()),
        departments=tuple(
            path for one in about for path in one.categories or () if "/" not in path
        ),
    )


def _response(offer: Offer, promotions: Mapping[str, Promotion]) -> rows.Response:
    promotion = promotions.get(offer.promotion)
    return rows.Response(
        customer=offer.customer_id,
        offer=offer.promotion,
        answer=rows.Answer.NOT_FOR_ME,
        day=(offer.decided_at or offer.valid_from).date(),
        categories=_offer(promotion).categories if promotion else (),
    )
