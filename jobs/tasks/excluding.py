"""What a shop never recommends: it holds at once, for what was said before too."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from jobs.tasks.books import config_of, excluded_paths, goods_of
from jobs.tasks.offering import offer_of
from loyalty.catalogue.queries import all_products, category_names
from loyalty.offers.service import forget_reasons
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.values.states import PromotionState
from loyalty.recommendations.service.standing import hide
from loyalty.stores.queries import get_programme
from loyalty.stores.service import save_programme
from loyalty.stores.values import Exclusions
from recommender.config import Config
from recommender.dataset import Catalogue


@dataclass(frozen=True, kw_only=True, slots=True)
class Excluded:
    """What an exclusion came to."""

    categories: tuple[str, ...]
    """All that is left out of the catalogue by now, with what is built in."""

    reasons: int
    """Of offers made before, which stay and no longer say why."""


def exclude(
    session: Session, *, exclusions: Exclusions, actor: str, now: datetime
) -> Excluded:
    """
    Keep what the shop excludes; no training is needed for it.

    From now on nothing of it is an offer, a feature or a reason. Offers that were
    made stay: what was promised counts. A reason that names what is excluded goes.
    All customers are scored anew soon, and what stands until then names nothing of it.
    """
    programme = replace(get_programme(session), exclusions=exclusions)
    save_programme(session, programme=programme, actor=actor, now=now)
    hidden = hidden_categories(session, exclusions=exclusions)
    emptied = _emptied(session, config_of(programme))
    hide(session, categories=hidden, promotions=emptied)
    return Excluded(
        categories=hidden, reasons=forget_reasons(session, categories=hidden)
    )


def _emptied(session: Session, config: Config) -> list[str]:
    """Return the running promotions that are for excluded products only."""
    catalogue = Catalogue.of(goods_of(all_products(session)), config=config)
    offers = (
        offer_of(stored.promotion)
        for stored in list_promotions(session, states=[PromotionState.ACTIVE])
    )
    return [
        offer.key
        for offer in offers
        if not catalogue.named_products(offer) and not catalogue.named_categories(offer)
    ]


def hidden_categories(session: Session, *, exclusions: Exclusions) -> tuple[str, ...]:
    """Return the catalogue's categories that these exclusions leave out."""
    programme = replace(get_programme(session), exclusions=exclusions)
    return excluded_paths(sorted(category_names(session)), config_of(programme))
