"""The wallet: the card, the points, what they saved, and the offers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from loyalty.cards.queries import main_card
from loyalty.cards.render import code128_svg, qr_svg
from loyalty.cards.rules import grouped
from loyalty.core.clock import utc_now
from loyalty.core.money import Money
from loyalty.core.texts import current_language
from loyalty.core.texts import gettext as _
from loyalty.customers.values import CustomerID, Profile
from loyalty.offers.queries import list_offers, valid_offers
from loyalty.offers.values import Offer, OfferState
from loyalty.portal.points import points_now
from loyalty.portal.views import here_profile, offer_cards, zone_of
from loyalty.purchases.queries import saved_since
from loyalty.recommendations.queries import nothing_for
from loyalty.recommendations.render import nothing_sentence
from loyalty.stores.queries import get_programme
from loyalty.tiers.queries import history, standing
from loyalty.tiers.render import (
    change_sentence,
    distance_sentence,
    keep_sentence,
    rule_sentence,
    tier_name,
)
from loyalty.tiers.values import Standing, TierChange
from loyalty.web.context import database, parts
from loyalty.web.guards import requires_customer
from loyalty.web.surface import render

_TIER_CHANGES: Final = 3

blueprint = Blueprint("wallet", __name__)


@blueprint.get("/wallet")
@requires_customer
def show() -> ResponseReturnValue:
    """Show the customer's first page."""
    now = utc_now()
    with database().transaction() as db:
        profile = here_profile(db)
        zone = zone_of(profile)
        card = main_card(db, customer_id=profile.id)
        points = points_now(db, customer_id=profile.id, now=now)
        valid = valid_offers(db, customer_id=profile.id, now=now)
        offers = offer_cards(db, valid, zone=zone, now=now)
        why_none = "" if offers else _why_none(db, profile)
        put_away = offer_cards(db, _put_away(db, profile.id, now), zone=zone, now=now)
        tier = standing(db, customer_id=profile.id, now=now)
        changes = history(db, customer_id=profile.id, limit=_TIER_CHANGES)
        saved = _saved(db, profile.id, now=now, zone=zone)
    number = card.number if card else None
    return render(
        "portal/wallet.html",
        profile=profile,
        today=now.astimezone(zone),
        number=grouped(number) if number else None,
        qr=_drawing(qr_svg(number, label=_("QR code of your card"))) if number else "",
        bars=_drawing(code128_svg(number, label=_("Barcode of your card")))
        if number
        else "",
        points=points,
        saved=saved,
        tier=tier and tier_card(tier, changes, zone=zone),
        offers=offers,
        why_none=why_none,
        put_away=put_away,
        phones=parts().wallet_keys,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class TierCard:
    """The member's tier in words."""

    name: str
    distance: str
    keep: str | None
    rule: str
    changes: tuple[str, ...]
    reached: int
    """Out of the hundred that the next tier takes."""


def tier_card(
    tier: Standing, changes: tuple[TierChange, ...], *, zone: ZoneInfo
) -> TierCard:
    """Return what the wallet says of a tier."""
    above = tier.next.tier.threshold if tier.next else 0
    return TierCard(
        name=tier_name(tier.ladder, tier.tier.code) if tier.tier else _("No tier yet"),
        distance=distance_sentence(tier),
        keep=keep_sentence(tier, zone=zone),
        rule=rule_sentence(tier.ladder),
        changes=tuple(
            change_sentence(one, currency=tier.currency, zone=zone) for one in changes
        ),
        reached=max(0, min(100, 100 * tier.measure // above)) if above else 100,
    )


def _put_away(db: Session, customer_id: CustomerID, now: datetime) -> tuple[Offer, ...]:
    """Return the offers that were not wanted and could still be taken back."""
    return tuple(
        offer
        for offer in list_offers(db, customer_id=customer_id)
        if offer.state is OfferState.DISMISSED
        and offer.valid_from <= now < offer.valid_until
    )


def _why_none(db: Session, profile: Profile) -> str:
    """Return why there is no offer."""
    found = nothing_for(db, customer_id=profile.id)
    return nothing_sentence(
        found.because if found else None,
        personalised=profile.preferences.personalised,
        language=current_language(),
    )


def _saved(
    db: Session, customer_id: CustomerID, *, now: datetime, zone: ZoneInfo
) -> Money:
    """Return what was saved since New Year on the customer's clock."""
    new_year = datetime(now.astimezone(zone).year, 1, 1, tzinfo=zone)
    return Money(
        amount=saved_since(db, customer_id=customer_id, since=new_year),
        currency=get_programme(db).currency,
    )


def _drawing(svg: str) -> Markup:
    # Drawn from digits and our own words by loyalty.cards.render.
    return Markup(svg)  # noqa: S704
