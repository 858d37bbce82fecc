"""What a customer's pages show, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from loyalty.catalogue.queries import category_names
from loyalty.core.texts import current_language, pick
from loyalty.customers.queries import get_profile
from loyalty.customers.values import Profile
from loyalty.offers.render import grounds, reason_sentence
from loyalty.offers.values import Offer, OfferState
from loyalty.promotions.queries import display_names, get_promotion, programme_rules
from loyalty.promotions.render import reward_words, terms
from loyalty.promotions.values import Reward
from loyalty.promotions.values.rewards import (
    Bundle,
    BuyGet,
    FreeDelivery,
    FreeItem,
    PointsPlus,
    PointsTimes,
)
from loyalty.web.people import current_customer_id

SOON: Final = timedelta(days=3)
"""An offer that ends within it says how many days are left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferCard:
    """One offer as the customer sees it."""

    id: int
    title: str
    reward: str
    why: str
    until: datetime
    """On the customer's clock."""

    days_left: int | None
    """Set when the end is near; 0 is today."""

    picture: str
    dismissed: bool
    redeemed: bool
    open: bool
    """Counts at the till now."""

    terms: str = ""
    grounds: tuple[str, ...] = ()
    """Which data led to it, and which never do."""


def here_profile(session: Session) -> Profile:
    """Return the customer whose wallet this is."""
    return get_profile(session, customer_id=current_customer_id())


def zone_of(profile: Profile) -> ZoneInfo:
    """Return the zone on whose clock the customer lives."""
    return ZoneInfo(profile.time_zone)


def offer_cards(
    session: Session, offers: Sequence[Offer], *, zone: ZoneInfo, now: datetime
) -> tuple[OfferCard, ...]:
    """Return the offers in words, in the language in use, in the order given."""
    if not offers:
        return ()
    language = current_language()
    categories = category_names(session)
    about = [get_promotion(session, code=offer.promotion).promotion for offer in offers]
    names = display_names(session, promotions=about)
    rules = programme_rules(session, language=language)
    cards = []
    for offer, promotion in zip(offers, about, strict=True):
        left = offer.valid_until - now
        is_open = offer.valid_from <= now < offer.valid_until
        cards.append(
            OfferCard(
                id=offer.id,
                title=pick(dict(promotion.name)),
                reward=reward_words(promotion.reward, names),
                why=reason_sentence(offer.reason, categories, language),
                until=offer.valid_until.astimezone(zone),
                days_left=left.days if timedelta() < left <= SOON else None,
                picture=_picture(promotion.reward),
                dismissed=offer.state is OfferState.DISMISSED,
                redeemed=offer.state is OfferState.REDEEMED,
                open=is_open and offer.state is OfferState.OFFERED,
                terms=f"{terms(promotion, language, names=names)}\n\n{rules}",
                grounds=grounds(offer.reason, categories, language),
            )
        )
    return tuple(cards)


def _picture(reward: Reward) -> str:
    """Return the icon that says what kind of advantage it is."""
    match reward:
        case PointsPlus() | PointsTimes():
            return "star"
        case FreeItem():
            return "gift"
        case FreeDelivery():
            return "truck-delivery"
        case Bundle() | BuyGet():
            return "basket"
        case _:
            return "discount"
