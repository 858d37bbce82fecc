"""What is needed to choose for anybody: the model, the promotions, the catalogue."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from jobs.tasks.books import config_of, goods_of
from jobs.tasks.models import registry
from jobs.tasks.offering import (
    Shelf,
    answered_promotions,
    offers_of,
    read_shelf,
    response_of,
)
from jobs.tasks.past import read_past
from loyalty.catalogue.queries import all_products
from loyalty.core.errors import Refused
from loyalty.core.periods import business_day
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import dismissed_offers
from loyalty.offers.values import Campaign
from loyalty.promotions.values.states import StoredPromotion
from loyalty.stores.queries import get_programme, held_exclusions
from recommender import data as rows
from recommender.config import Config
from recommender.scoring import Scene
from recommender.training import Trained


class ExclusionsChanged(Refused):
    """What was chosen may be what the shop does not recommend any more."""

    code = "exclusions_changed"


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
class Question:
    """What is to be chosen, for whom, and in which campaign if in one."""

    promotions: Sequence[StoredPromotion]
    customers: Collection[CustomerID]
    campaign: Campaign | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stock:
    """The catalogue as the recommender knows it, and what goods usually cost."""

    goods: tuple[rows.Product, ...]
    shelf: Shelf


def read_stock(session: Session, *, now: datetime) -> Stock:
    """Read the whole catalogue, which takes seconds where it is large."""
    products = tuple(all_products(session))
    return Stock(
        goods=goods_of(products), shelf=read_shelf(session, products=products, now=now)
    )


def current_model(session: Session, data_dir: Path) -> Trained:
    """
    Load the current model, with what the shop excludes by now.

    :raises ModelNotFound: if no model was trained yet
    :raises DamagedModel: if it cannot be loaded
    """
    config = config_of(get_programme(session))
    return heeding(registry(data_dir).load(), config)


def check_exclusions(session: Session, desk: Desk) -> None:
    """
    Make sure that the shop excludes what it did when the desk was opened.

    It stays so until the session commits: what is written in it is hidden by a later
    exclusion as everything before.

    :raises ExclusionsChanged: if it does not
    """
    programme = replace(get_programme(session), exclusions=held_exclusions(session))
    now, then = config_of(programme), desk.trained.config
    if (now.excluded_categories, now.sensitive) != (
        then.excluded_categories,
        then.sensitive,
    ):
        message = "What is never recommended was changed meanwhile."
        raise ExclusionsChanged(message)


def open_desk(
    session: Session,
    *,
    trained: Trained,
    question: Question,
    now: datetime,
    stock: Stock | None = None,
) -> Desk:
    """
    Read what is needed to choose with this model.

    :param stock: the catalogue, for who has read it a moment ago
    """
    stock = stock or read_stock(session, now=now)
    promotions = question.promotions
    offers = offers_of(session, promotions=promotions, shelf=stock.shelf)
    scene = Scene.of(
        trained,
        stock.goods,
        _asked(session, question, offers=offers, shelf=stock.shelf, now=now),
    )
    by_code = {one.promotion.code: one for one in promotions}
    by_key = {offer.key: offer for offer in offers}
    return Desk(
        trained=trained,
        scene=scene,
        promotions=tuple(by_code[code] for code in scene.targets.keys),
        offers=tuple(by_key[code] for code in scene.targets.keys),
        as_of=now,
    )


def _asked(
    session: Session,
    question: Question,
    *,
    offers: Sequence[rows.Offer],
    shelf: Shelf,
    now: datetime,
) -> rows.Ask:
    """Return what is asked, with what these customers did with earlier offers."""
    unwanted = dismissed_offers(session)
    known = answered_promotions(
        session,
        unwanted,
        {one.promotion.code: one.promotion for one in question.promotions},
    )
    past = read_past(session, customer_ids=question.customers, now=now, shelf=shelf)
    used = [one for one in past.responses if one.answer is rows.Answer.REDEEMED]
    zone = get_programme(session).time_zone
    ask = rows.Ask(
        day=business_day(now, zone) + timedelta(days=1),
        offers=offers,
        responses=[*used, *(response_of(offer, known) for offer in unwanted)],
        campaigns=past.campaigns,
    )
    campaign = question.campaign
    if campaign is None:
        return ask
    return replace(
        ask,
        days=max((campaign.ends_at - campaign.starts_at).days, 1),
        choices=campaign.offers_per_customer,
        worth=campaign.redemption_value,
    )


def heeding(trained: Trained, config: Config) -> Trained:
    """Return the model with these exclusions, whatever it was trained with."""
    held = replace(
        trained.config,
        excluded_categories=config.excluded_categories,
        sensitive=config.sensitive,
    )
    return replace(trained, config=held)
