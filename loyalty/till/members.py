"""A member as the till shows one: name, points, what counts today, what to say."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from loyalty.cards.rules import grouped
from loyalty.catalogue.queries import category_names
from loyalty.core.periods import business_day
from loyalty.core.texts import current_language, pick, use_language
from loyalty.core.texts import gettext as _
from loyalty.customers.render import channel_name
from loyalty.customers.rules.confirming import waiting
from loyalty.customers.values import CustomerID, Profile
from loyalty.delivery.queries.tills import Reader, TillMessage, waiting_at_till
from loyalty.offers.render import reason_sentence
from loyalty.offers.values import Offer
from loyalty.promotions.queries import display_names, get_promotion
from loyalty.promotions.render import reward_words
from loyalty.purchases.queries import list_purchases
from loyalty.stores.values import Store
from loyalty.tiers.render import distance_sentence
from loyalty.tiers.values import Standing
from loyalty.usecases.identify_customer import Identified, show_customer

_BIRTHDAY_DAYS: Final = 7
_NEW_DAYS: Final = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferLine:
    """One offer that counts today."""

    title: str
    reward: str
    why: str
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """What the cashier sees of a member."""

    name: str
    card: str | None
    """The number in groups of four; None when no card works."""

    card_number: str | None
    points: int
    tier: str | None
    """What the member is and how far the next is; None in a shop without tiers."""

    last_visit: datetime | None
    offers: tuple[OfferLine, ...]
    say: str
    """One line to say aloud, in the member's language."""

    language: str
    hint: str | None
    waiting: tuple[str, ...] = ()
    """Ways on which a yes to offers waits for the customer's confirmation."""
    messages: tuple[TillMessage, ...] = ()
    """What waited for this visit, in the member's language."""


def member_of(
    db: Session, *, customer_id: CustomerID, store: Store, now: datetime
) -> Member:
    """
    Return the member as the till shows one.

    :raises CustomerNotFound: if there is no such customer
    """
    found = show_customer(db, customer_id=customer_id, now=now)
    profile = found.profile
    visits = list_purchases(db, customer_id=customer_id, limit=1)
    language = profile.language
    return Member(
        name=profile.display_name or _("Member"),
        card=grouped(found.card.number) if found.card else None,
        card_number=found.card.number if found.card else None,
        points=found.balance,
        tier=tier_words(found.tier),
        last_visit=visits[0].at.astimezone(store.time_zone) if visits else None,
        offers=offer_lines(db, found.offers, language=current_language(), store=store),
        say=_say(db, found, language, store),
        language=language,
        hint=_hint(profile, business_day(now, store.time_zone), language),
        waiting=tuple(channel_name(one) for one in sorted(waiting(profile, now=now))),
        messages=waiting_at_till(
            db,
            customer_id=customer_id,
            reader=Reader(language=language, zone=str(store.time_zone)),
            now=now,
        ),
    )


def tier_words(standing: Standing | None) -> str | None:
    """Return a member's tier and how far the next is, for whoever reads it."""
    if standing is None:
        return None
    name = pick(dict(standing.tier.name)) if standing.tier else _("No tier yet")
    return f"{name} · {distance_sentence(standing)}"


def offer_lines(
    db: Session, offers: tuple[Offer, ...], *, language: str, store: Store
) -> tuple[OfferLine, ...]:
    """Return the offers in words, the best first."""
    if not offers:
        return ()
    categories = category_names(db)
    about = [get_promotion(db, code=offer.promotion).promotion for offer in offers]
    names = display_names(db, promotions=about)
    lines = []
    for offer, promotion in zip(offers, about, strict=True):
        with use_language(language):
            reward = reward_words(promotion.reward, names)
        lines.append(
            OfferLine(
                title=pick(dict(promotion.name), language=language),
                reward=reward,
                why=reason_sentence(offer.reason, categories, language),
                until=offer.valid_until.astimezone(store.time_zone),
            )
        )
    return tuple(lines)


def _say(db: Session, found: Identified, language: str, store: Store) -> str:
    with use_language(language):
        name = found.profile.first_name
        hello = _("Hello %(name)s!", name=name) if name else _("Welcome back!")
        if not found.offers:
            return f"{hello} {_('Your points are added by themselves.')}"
        best = offer_lines(db, found.offers[:1], language=language, store=store)[0]
        counts = _("Your offer “%(offer)s” counts today, by itself.", offer=best.title)
        return f"{hello} {counts}"


def _hint(profile: Profile, today: date, language: str) -> str | None:
    if profile.birthday is not None and _just_was(profile.birthday, today):
        return _("Birthday in these days: congratulate.")
    if today - profile.enrolled_at.date() < timedelta(days=_NEW_DAYS):
        return _("A member for less than a week: say that points count by themselves.")
    if language != current_language():
        return _("Speaks another language: say the line below as it stands.")
    return None


def _just_was(birthday: date, today: date) -> bool:
    days = (today - timedelta(days=ago) for ago in range(_BIRTHDAY_DAYS))
    return any((day.month, day.day) == (birthday.month, birthday.day) for day in days)
